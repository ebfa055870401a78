import { z } from 'zod'
import { listOf, PageQuery } from './common.ts'
import { endpoint } from './endpoint.ts'
import { Post } from './posts.ts'

export const FeedMode = z.enum(['ranked', 'chronological', 'favourites'])
export type FeedMode = z.output<typeof FeedMode>

export const feedEndpoints = {
  'GET /api/feed': endpoint({
    summary: 'Posts of followed accounts and one’s own.',
    tag: 'Feed',
    auth: 'required',
    budget: 'read',
    query: PageQuery.extend({ mode: FeedMode.optional() }),
    answers: { 200: listOf(Post) },
    errors: ['feed.mode_unavailable'],
  }),
}
