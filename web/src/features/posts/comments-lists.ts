import type { Comment } from '@heliograph/contract/posts'
import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { createPaginator, keepPaginator, type Paginator } from '../../lib/paging.ts'

/** Top-level comments of a post, newest first; with a parent its answers, oldest first. */
export function commentsOf(postId: string, parentId?: string): Paginator<Comment> {
  return keepPaginator(`post:${postId}:comments:${parentId ?? ''}`, () =>
    createPaginator(
      (cursor, signal) =>
        call('GET /api/posts/:id/comments', {
          params: { id: postId },
          query: parentId ? { cursor, parentId } : { cursor },
          signal,
        }),
      (comment: Comment) => comment.id,
    ),
  )
}

/** Comments whose answers are unfolded. */
export const openReplies = signal<ReadonlySet<string>>(new Set())

export function toggleReplies(commentId: string): void {
  const next = new Set(openReplies.value)
  if (!next.delete(commentId)) next.add(commentId)
  openReplies.value = next
}
