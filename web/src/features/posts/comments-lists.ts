import type { Comment } from '@heliograph/contract/posts'
import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { createPaginator, keepPaginator, type Paginator } from '../../lib/paging.ts'

/** Top-level comments of a post, newest first; with a parent its answers, oldest first. */
export function commentsOf(postId: string, parentId?: string): Paginator<Comment> {
  return keepPaginator(`post:${postId}:comments:${parentId ?? ''}`, () =>
    createPaginator(
      async (cursor, signal) => {
        const page = await call('GET /api/posts/:id/comments', {
          params: { id: postId },
          query: parentId ? { cursor, parentId } : { cursor },
          signal,
        })
        if (refused.value.has(postId) === page.mayComment) noteRefused(postId, !page.mayComment)
        return page
      },
      (comment: Comment) => comment.id,
    ),
  )
}

/** Posts under which the viewer may not write, as far as their comments were read. */
export const refused = signal<ReadonlySet<string>>(new Set())

function noteRefused(postId: string, isRefused: boolean): void {
  const next = new Set(refused.value)
  if (isRefused) next.add(postId)
  else next.delete(postId)
  refused.value = next
}

/** Comments whose answers are unfolded. */
export const openReplies = signal<ReadonlySet<string>>(new Set())

export function toggleReplies(commentId: string): void {
  const next = new Set(openReplies.value)
  if (!next.delete(commentId)) next.add(commentId)
  openReplies.value = next
}
