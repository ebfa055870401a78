import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { lockPost, mediaIdsOf } from './posts-locks.ts'

type Deps = Pick<PostsDeps, 'database' | 'events' | 'media'>

export type RetryPost = (writer: { id: Id }, postId: Id) => Promise<void>

/** Only a failed post is tried again; asking for it twice does it once. */
export function createPostRetry({ database, events, media }: Deps): RetryPost {
  return async (writer, postId) => {
    await database.transaction(
      async (tx) => {
        const post = await lockPost(tx, postId)
        if (post?.author_id !== writer.id) throw fault('post.not_found')
        if (post.status !== 'failed') return
        await tx
          .updateTable('posts')
          .set({ status: 'processing', failure_code: null })
          .where('bucket', '=', post.bucket)
          .where('id', '=', postId)
          .execute()
        await media.retry(tx, await mediaIdsOf(tx, postId))
        await events.emit(tx, 'posts.retried', {
          bucket: post.bucket,
          subjectId: postId,
          data: { postId, authorId: post.author_id },
        })
      },
      { by: writer.id },
    )
  }
}
