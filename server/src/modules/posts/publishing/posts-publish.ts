import type { Tx } from '#platform/db/db.ts'
import { type Id, minIdAt } from '#platform/ids/ids.ts'
import { changeHashtags } from '../hashtags/hashtags-index.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { mentionsOf, tagsOf } from '../posts-text.ts'
import type { LockedPost } from './posts-locks.ts'

type Deps = Pick<PostsDeps, 'ids' | 'events' | 'clock' | 'accounts' | 'outboxes'>

/** A post that carries an older date than this is kept out of feeds: an album of last year is no news. */
const backDatedMs = 24 * 60 * 60 * 1000

/** Lets a locked post out that nobody but its author saw; the author's counters are locked before it. */
export async function publishPost(
  deps: Deps,
  tx: Tx,
  post: LockedPost,
  { sensitive = post.sensitive } = {},
): Promise<void> {
  const { clock, accounts, outboxes, events } = deps
  const { bucket, id: postId, author_id: authorId, audience } = post
  const now = new Date(clock.now())
  const feedId = feedIdFor(deps, post)
  const hasOwnDate = post.display_at.getTime() !== post.created_at.getTime()
  await tx
    .updateTable('posts')
    .set({
      status: 'ready',
      failure_code: null,
      sensitive,
      feed_id: feedId,
      published_at: post.published_at ?? now,
      display_at: hasOwnDate ? post.display_at : now,
    })
    .where('bucket', '=', bucket)
    .where('id', '=', postId)
    .execute()
  if (feedId !== null) await outboxes.publish(tx, { authorId, postId, feedId })
  await accounts.addCounts(tx, authorId, { posts: 1 })
  const position = tagPosition({ ...post, feed_id: feedId })
  await changeHashtags(tx, { postId, authorId, audience, position }, { add: tagsOf(post.entities) })
  await events.emit(tx, 'posts.published', {
    bucket,
    subjectId: postId,
    data: { postId, authorId, audience, feedId, mentionedIds: mentionsOf(post.entities) },
  })
}

/** One that had been out and was held since goes back to the place that it had. */
function feedIdFor({ ids }: Deps, post: LockedPost): Id | null {
  if (post.published_at !== null) return post.feed_id
  const isBackDated = post.display_at.getTime() < post.created_at.getTime() - backDatedMs
  return isBackDated ? null : ids.next(post.bucket)
}

/** Out of feeds, counts and pages of hashtags; a post that is not ready is in none of them. */
export async function withdrawPost(
  { accounts, outboxes }: Pick<Deps, 'accounts' | 'outboxes'>,
  tx: Tx,
  post: LockedPost,
): Promise<void> {
  if (post.status !== 'ready') return
  const { id: postId, author_id: authorId, feed_id: feedId, audience } = post
  if (feedId !== null) await outboxes.withdraw(tx, { authorId, feedId })
  await accounts.addCounts(tx, authorId, { posts: -1 })
  const place = { postId, authorId, audience, position: tagPosition(post) }
  await changeHashtags(tx, place, { remove: tagsOf(post.entities) })
}

/** Back-dated posts stand among those of their day, instead of above what is new. */
export function tagPosition(post: Pick<LockedPost, 'feed_id' | 'display_at'>): Id {
  return post.feed_id ?? minIdAt(post.display_at.getTime())
}
