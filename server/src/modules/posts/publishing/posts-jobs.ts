import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { PurgePost } from './posts-purge.ts'
import type { PostsSettling } from './posts-settle.ts'
import type { PostsSweep } from './posts-sweep.ts'

type Deps = Pick<PostsDeps, 'events' | 'jobs'> & {
  settling: PostsSettling
  purge: PurgePost
  sweep: PostsSweep
}

interface PostJob {
  postId: Id
}

export function definePostsJobs({ events, jobs, settling, purge, sweep }: Deps): void {
  jobs.define<PostJob>('posts.settle', {
    lane: 'fresh',
    maxAttempts: 8,
    run: ({ postId }) => settling.settle(postId),
    exhausted: ({ postId }) => settling.giveUp(postId),
  })
  jobs.define<PostJob>('posts.purge', {
    lane: 'bulk',
    maxAttempts: 20,
    run: ({ postId }) => purge(postId),
  })
  jobs.every('posts.sweep', '*/5 * * * *', async () => void (await sweep.run()))

  // One job for a post, however many of its media are done at once.
  const ofPost = (postId: Id | null) => `posts.settle:${postId}`
  const toSettle = (postId: Id | null) => (postId === null ? null : { postId })
  for (const kind of ['posts.created', 'posts.retried'] as const)
    events.react(kind, 'posts.settle', ({ data }) => ({ postId: data.postId }), {
      key: ({ data }) => ofPost(data.postId),
    })
  for (const kind of ['media.ready', 'media.failed'] as const)
    events.react(kind, 'posts.settle', ({ data }) => toSettle(data.postId), {
      key: ({ data }) => ofPost(data.postId),
    })
  events.react('posts.deleted', 'posts.purge', ({ data }) => ({ postId: data.postId }))
}
