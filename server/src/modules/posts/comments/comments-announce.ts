import type { Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { CommentRow, PostRow } from '../posts-rows.ts'
import { mentionsOf } from '../posts-text.ts'

type Announced = Pick<
  CommentRow,
  'bucket' | 'id' | 'parent_id' | 'author_id' | 'entities' | 'held_at' | 'waits_at'
>

/** Nobody is told of a comment that waits, nor who is mentioned in it, before it is let out. */
export async function announceComment(
  { events }: { events: Pick<Events, 'emit'> },
  tx: Tx,
  post: Pick<PostRow, 'id' | 'author_id'>,
  comment: Announced,
  { hasWaited = false } = {},
): Promise<void> {
  const at = { bucket: comment.bucket, subjectId: post.id }
  const data = {
    postId: post.id,
    authorId: post.author_id,
    commentId: comment.id,
    userId: comment.author_id,
  }
  if (comment.held_at !== null) await events.emit(tx, 'comments.held', { ...at, data })
  else if (comment.waits_at !== null) await events.emit(tx, 'comments.waiting', { ...at, data })
  else
    await events.emit(tx, 'comments.created', {
      ...at,
      data: {
        ...data,
        parentId: comment.parent_id,
        mentionedIds: mentionsOf(comment.entities),
        ...(hasWaited && { hasWaited }),
      },
    })
}
