import type { Id } from '@heliograph/contract/common'
import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import {
  createPaginator,
  forgetPaginators,
  keepPaginator,
  keptPaginator,
  type Paginator,
} from '../../lib/paging.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { dropAuthor, dropPost, patchPost, postSignal, putPost } from '../../lib/store.ts'
import { rereadPost } from '../posts/posts-actions.ts'

const key = 'feed'

/** Posts that were published since the feed was read: they wait behind a pill until the person asks. */
export const newPosts = signal<ReadonlySet<Id>>(new Set())

/** The person's feed as ids; it lives as long as the session. */
export function feedList(): Paginator<Id> {
  return keepPaginator(key, () =>
    createPaginator(
      async (cursor, signal) => {
        const page = await call('GET /api/feed', { query: { cursor }, signal })
        return { ...page, items: page.items.map(putPost) }
      },
      (id: Id) => id,
    ),
  )
}

/** Puts one's own new post on top, without waiting for the server's feed. */
export function prependToFeed(id: Id): void {
  feedList().prepend(id)
}

export async function showNewPosts(): Promise<void> {
  newPosts.value = new Set()
  await feedList().refresh()
}

/** Keeps what is on the screen true while it is looked at. */
export function watchPosts(): void {
  onLive('feed.post', ({ postId, authorId }) => {
    if (authorId === me.value?.id) void takeOwn(postId)
    else if (!keptPaginator<Id>(key)?.items.value.includes(postId)) wait(postId)
  })
  onLive('post.status', ({ postId }) => {
    if (postSignal(postId).value) void rereadPost(postId)
  })
  onLive('post.progress', ({ postId, progress }) =>
    patchPost(postId, (post) => (post.status === 'processing' ? { progress } : {})),
  )
  onLive('post.counts', ({ postId, likeCount, commentCount, shareCount }) =>
    patchPost(postId, { likeCount, commentCount, shareCount }),
  )
  onLive('post.gone', ({ postId }) => {
    dropPost(postId)
    unwait([postId])
  })
  onLive('author.gone', ({ authorId }) => {
    unwait(dropAuthor(authorId))
    forgetPaginators('user:')
  })
  onReconcile(() => void lookForNew())
  onSignOut(() => {
    newPosts.value = new Set()
  })
}

async function takeOwn(id: Id): Promise<void> {
  if (await rereadPost(id)) prependToFeed(id)
}

function wait(id: Id): void {
  newPosts.value = new Set([...newPosts.value, id])
}

function unwait(ids: readonly Id[]): void {
  newPosts.value = new Set([...newPosts.value].filter((id) => !ids.includes(id)))
}

/** After a break in the connection: what the first page has that this feed has not. */
async function lookForNew(): Promise<void> {
  const list = keptPaginator<Id>(key)
  if (!list?.started.value) return
  try {
    const page = await call('GET /api/feed')
    const known = new Set(list.items.value)
    for (const post of page.items) {
      putPost(post)
      if (!known.has(post.id)) wait(post.id)
    }
  } catch {
    // The next reconnection looks again.
  }
}
