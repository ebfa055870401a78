import { onLive } from '../../lib/live.ts'
import { forgetPaginators } from '../../lib/paging.ts'
import { onSignOut } from '../../lib/session.ts'
import { dropAuthor, dropPost, patchPost, postSignal } from '../../lib/store.ts'
import { hiddenPosts } from './hide-post.ts'
import { rereadPost } from './posts-actions.ts'

/** Keeps posts true wherever they are looked at. */
export function watchPosts(): void {
  onLive('post.status', ({ postId }) => {
    if (postSignal(postId).value) void rereadPost(postId)
  })
  onLive('post.progress', ({ postId, progress }) =>
    patchPost(postId, (post) => (post.status === 'processing' ? { progress } : {})),
  )
  onLive('post.counts', ({ postId, likeCount, commentCount, shareCount }) =>
    patchPost(postId, { likeCount, commentCount, shareCount }),
  )
  onLive('post.gone', ({ postId }) => dropPost(postId))
  onLive('author.gone', ({ authorId }) => {
    dropAuthor(authorId)
    forgetPaginators('user:')
  })
  onSignOut(() => {
    hiddenPosts.value = new Set()
  })
}
