import type { MediaRow } from '#modules/media'
import type { Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { LockedPost } from './posts-locks.ts'

/**
 * One damaged file does not keep the others: of a failed post, and of no other, what could not be prepared may be left
 * out. With nothing failed left in it the post goes on.
 */
export async function leaveOut(
  { media, events }: Pick<PostsDeps, 'media' | 'events'>,
  tx: Tx,
  post: LockedPost,
  { rows, missing }: { rows: ReadonlyMap<Id, MediaRow>; missing: readonly Id[] },
): Promise<void> {
  const isFailed = (id: Id) => {
    const row = rows.get(id)
    return row === undefined || media.stateOf([row]).status === 'failed'
  }
  const left = [...rows].filter(([id]) => !missing.includes(id)).map(([, row]) => row)
  if (post.status !== 'failed' || left.length === 0 || !missing.every(isFailed))
    throw fault('post.media_mismatch')
  await tx
    .deleteFrom('post_media')
    .where('bucket', '=', post.bucket)
    .where('post_id', '=', post.id)
    .where('id', 'in', missing)
    .execute()
  await media.release(tx, missing)
  if (media.stateOf(left).status === 'failed') return
  await tx
    .updateTable('posts')
    .set({ status: 'processing', failure_code: null })
    .where('bucket', '=', post.bucket)
    .where('id', '=', post.id)
    .execute()
  await events.emit(tx, 'posts.retried', {
    bucket: post.bucket,
    subjectId: post.id,
    data: { postId: post.id, authorId: post.author_id },
  })
}
