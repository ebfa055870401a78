import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { lockPost, mediaIdsOf } from './posts-locks.ts'

type Deps = Pick<PostsDeps, 'database' | 'events' | 'media'>

export type RetryPost = (writer: { id: Id }, postId: Id) => Promise<void>

/** About the file itself: the same file fails again. What the operator's settings or a moderator refused may pass. */
const hopeless: ReadonlySet<string> = new Set(['media.unsupported_format', 'media.empty', 'media.no_video'])

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
        if (post.status === 'removed') throw fault('post.removed')
        const isShown = post.status === 'ready' || post.status === 'review'
        if (post.status !== 'failed' && !isShown) return
        const mediaIds = await mediaIdsOf(tx, postId)
        const rows = [...(await media.lockByIds(tx, mediaIds)).values()]
        requireHope(rows)
        if (isShown && rows.every((row) => row.processing_status === 'ready')) throw fault('post.not_failed')
        await media.retry(tx, mediaIds)
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

function requireHope(rows: readonly { processing_status: string; failure_code: string | null }[]): void {
  const isHopeless = rows.some(
    (row) => row.processing_status === 'failed' && hopeless.has(row.failure_code ?? ''),
  )
  if (isHopeless) throw fault('post.retry_useless')
}
