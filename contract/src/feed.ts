import { FeedMode } from './accounts.ts'
import { Id, listOf, PageQuery } from './common.ts'
import { endpoint } from './endpoint.ts'
import { Post } from './posts.ts'

export const FeedPage = listOf(Post).extend({
  /** The post of this page after which there is nothing that others published in the last 48 hours and the viewer has not seen. */
  caughtUpAfter: Id.nullable(),
})

export const feedEndpoints = {
  'GET /api/feed': endpoint({
    summary: 'Posts of followed accounts and one’s own, or of one’s favourites.',
    tag: 'Feed',
    auth: 'required',
    budget: 'read',
    query: PageQuery.extend({ mode: FeedMode.optional() }),
    answers: { 200: FeedPage },
    errors: ['feed.mode_unavailable'],
  }),
}
