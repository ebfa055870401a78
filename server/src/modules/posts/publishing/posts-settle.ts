import type { Database, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id, minIdAt } from '#platform/ids/ids.ts'
import { changeHashtags } from '../hashtags/hashtags-index.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { mentionsOf, tagsOf } from '../posts-text.ts'
import { type LockedPost, lockPost, mediaIdsOf } from './posts-locks.ts'

type Deps = Pick<PostsDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'media' | 'outboxes'>

/** A post that carries an older date than this is kept out of feeds: an album of last year is no news. */
const backDatedMs = 24 * 60 * 60 * 1000

export interface PostsSettling {
  /**
   * Takes a processing post on when all its media are done: makes it ready, once, or failed. Does nothing
   * otherwise, so it may be called at any time, by anybody, at once.
   */
  settle(postId: Id): Promise<void>
  /** What people see when settling itself did not succeed. */
  giveUp(postId: Id): Promise<void>
}

export function createPostsSettling(deps: Deps): PostsSettling {
  const { database, accounts, media, events } = deps

  async function fail(tx: Tx, post: LockedPost, code: string): Promise<void> {
    await tx
      .updateTable('posts')
      .set({ status: 'failed', failure_code: code })
      .where('bucket', '=', post.bucket)
      .where('id', '=', post.id)
      .execute()
    await events.emit(tx, 'posts.failed', {
      bucket: post.bucket,
      subjectId: post.id,
      data: { postId: post.id, authorId: post.author_id, code },
    })
  }

  async function locked(postId: Id, work: (tx: Tx, post: LockedPost) => Promise<void>): Promise<void> {
    const authorId = await authorOfProcessing(database, postId)
    if (authorId === undefined) return
    await database.transaction(
      async (tx) => {
        await accounts.lockAccounts(tx, [authorId])
        const post = await lockPost(tx, postId)
        if (post?.status === 'processing') await work(tx, post)
      },
      { by: authorId },
    )
  }

  return {
    settle: (postId) =>
      locked(postId, async (tx, post) => {
        const mediaIds = await mediaIdsOf(tx, postId)
        const rows = await media.lockByIds(tx, mediaIds)
        const state = media.stateOf(rows.values())
        if (rows.size < mediaIds.length) await fail(tx, post, 'media.failed')
        else if (state.status === 'failed') await fail(tx, post, state.code)
        else if (state.status === 'ready') await publish(deps, tx, post)
      }),
    giveUp: (postId) => locked(postId, (tx, post) => fail(tx, post, 'media.failed')),
  }
}

async function authorOfProcessing(database: Database, postId: Id): Promise<Id | undefined> {
  const post = await database.main
    .selectFrom('posts')
    .select('author_id')
    .where('bucket', '=', bucketOf(postId))
    .where('id', '=', postId)
    .where('status', '=', 'processing')
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return post?.author_id
}

async function publish(deps: Deps, tx: Tx, post: LockedPost): Promise<void> {
  const { ids, clock, accounts, outboxes, events } = deps
  const { bucket, id: postId, author_id: authorId } = post
  const now = new Date(clock.now())
  const isBackDated = post.display_at.getTime() < post.created_at.getTime() - backDatedMs
  const feedId = isBackDated ? null : ids.next(bucket)
  const hasOwnDate = post.display_at.getTime() !== post.created_at.getTime()
  await tx
    .updateTable('posts')
    .set({
      status: 'ready',
      failure_code: null,
      feed_id: feedId,
      published_at: now,
      display_at: hasOwnDate ? post.display_at : now,
    })
    .where('bucket', '=', bucket)
    .where('id', '=', postId)
    .execute()
  if (feedId !== null) await outboxes.publish(tx, { authorId, postId, feedId })
  await accounts.addCounts(tx, authorId, { posts: 1 })
  const position = tagPosition({ ...post, feed_id: feedId })
  await changeHashtags(tx, { postId, authorId, position }, { add: tagsOf(post.entities) })
  await events.emit(tx, 'posts.published', {
    bucket,
    subjectId: postId,
    data: { postId, authorId, feedId, mentionedIds: mentionsOf(post.entities) },
  })
}

/** Back-dated posts stand among those of their day, instead of above what is new. */
export function tagPosition(post: Pick<LockedPost, 'feed_id' | 'display_at'>): Id {
  return post.feed_id ?? minIdAt(post.display_at.getTime())
}
