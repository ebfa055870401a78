import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { lockPost, mediaIdsOf } from './posts-locks.ts'

type Deps = Pick<PostsDeps, 'database' | 'events' | 'media'>

export type RetryPost = (writer: { id: Id }, postId: Id) => Promise<void>

/**
 * A failed post is tried again, and so is a picture of a ready one, or one that waits, whose new crop failed; asking
 * twice does it once.
 */
export function createPostRetry({ database, events, media }: Deps): RetryPost {
  return async (writer, postId) => {
    await database.transaction(
      async (tx) => {
        const post = await lockPost(tx, postId)
        if (post?.author_id !== writer.id) throw fault('post.not_found')
        const isShown = post.status === 'ready' || post.status === 'review'
        if (post.status !== 'failed' && !isShown) return
        await media.retry(tx, await mediaIdsOf(tx, postId))
        // It stays where it is, with the pictures that it has.
        if (isShown) return
        await tx
          .updateTable('posts')
          .set({ status: 'processing', failure_code: null })
          .where('bucket', '=', post.bucket)
          .where('id', '=', postId)
          .execute()
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
