import type { Moderation } from '#modules/media'
import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps, ScreenedText } from '../posts-deps.ts'
import { type LockedPost, lockPost } from './posts-locks.ts'
import { withdrawPost } from './posts-publish.ts'

type Deps = Pick<PostsDeps, 'events' | 'accounts' | 'outboxes' | 'screening'>

/**
 * Out of everybody's sight but the author's, until a moderator has looked. Of a post locked after its author. Addresses
 * of its pictures that were handed out end, with all of the account's: those of before have no way to tell posts apart.
 */
export async function holdPost(deps: Deps, tx: Tx, post: LockedPost): Promise<void> {
  const { bucket, id: postId, author_id: authorId, audience } = post
  await withdrawPost(deps, tx, post)
  if (post.status === 'ready') await deps.accounts.endSight(tx, authorId)
  await tx
    .updateTable('posts')
    .set({ status: 'review', failure_code: null })
    .where('bucket', '=', bucket)
    .where('id', '=', postId)
    .execute()
  const data = { postId, authorId, audience, wasReady: post.status === 'ready' }
  await deps.events.emit(tx, 'posts.in_review', { bucket, subjectId: postId, data })
}

/** A picture of a post was rendered anew, and a moderator should see it before anybody else does. */
export function holdForPicture(deps: Deps) {
  return async (tx: Tx, picture: { id: Id; ownerId: Id; postId: Id }, found: Moderation): Promise<void> => {
    await deps.accounts.lockAccounts(tx, [picture.ownerId])
    const post = await lockPost(tx, picture.postId)
    if (post?.status !== 'ready' && post?.status !== 'review') return
    const { id: postId, author_id: authorId } = post
    const media = new Map([[picture.id, found]])
    const isHeld = await deps.screening.holdPost(tx, { postId, authorId, texts: [], media })
    if (isHeld && post.status === 'ready') await holdPost(deps, tx, post)
  }
}

/** Everything that there is to read on a post, but for comments. */
export async function textsOf(
  { media: words }: Pick<PostsDeps, 'media'>,
  tx: Tx,
  post: LockedPost,
): Promise<ScreenedText[]> {
  const media = await tx
    .selectFrom('post_media')
    .select(['id', 'alt_text'])
    .where('bucket', '=', bucketOf(post.id))
    .where('post_id', '=', post.id)
    .orderBy('position')
    .execute()
  const said = await words.wordsOf(
    tx,
    media.map(({ id }) => id),
  )
  const texts: ScreenedText[] = [
    { field: 'caption', text: post.caption },
    { field: 'place', text: post.place_name ?? '' },
    ...media.map(({ alt_text }) => ({ field: 'altText' as const, text: alt_text })),
    ...said.captions.map((text) => ({ field: 'captions' as const, text })),
    ...(post.show_metadata ? said.cameras : []).map((text) => ({ field: 'metadata' as const, text })),
  ]
  return texts.filter(({ text }) => text !== '')
}
