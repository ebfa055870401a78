import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { lockPost, mediaIdsOf } from './posts-locks.ts'
import { withdrawPost } from './posts-publish.ts'

type Deps = Pick<PostsDeps, 'database' | 'events' | 'clock' | 'accounts' | 'media' | 'outboxes' | 'screening'>

export type DeletePost = (writer: { id: Id }, postId: Id) => Promise<void>

/** Gone for everybody when this returns; a job takes the rows away afterwards. */
export function createPostDeletion(deps: Deps): DeletePost {
  const { database, events, clock, accounts, media, screening } = deps
  return async (writer, postId) => {
    await database.transaction(
      async (tx) => {
        await accounts.lockAccounts(tx, [writer.id])
        const post = await lockPost(tx, postId)
        if (post?.author_id !== writer.id) throw fault('post.not_found')
        const { bucket, author_id: authorId, audience } = post
        await tx
          .updateTable('posts')
          .set({ deleted_at: new Date(clock.now()) })
          .where('bucket', '=', bucket)
          .where('id', '=', postId)
          .execute()
        await media.release(tx, await mediaIdsOf(tx, postId))
        await withdrawPost(deps, tx, post)
        await screening.withdrawPost(tx, postId)
        const data = { postId, authorId, audience }
        await events.emit(tx, 'posts.deleted', { bucket, subjectId: postId, data })
      },
      { by: writer.id },
    )
  }
}
