import { FeedMode } from './accounts.ts'
import { Id, listOf, PageQuery, Timestamp } from './common.ts'
import { endpoint } from './endpoint.ts'
import { Post } from './posts.ts'

/** Shorter than was asked for, or empty, before its end alone as `listOf` says. */
export const FeedPage = listOf(Post).extend({
  /** The post of this page after which there is nothing that others published in the last 48 hours and the viewer has not seen. */
  caughtUpAfter: Id.nullable(),
  /** When it was read, by the server’s clock: what others published before has its place in this feed and is not new to it. */
  asOf: Timestamp,
})

export const feedEndpoints = {
  'GET /api/feed': endpoint({
    summary: 'Posts of followed accounts and one’s own, or of one’s favourites.',
    tag: 'Feed',
    auth: 'required',
    budget: 'read',
    query: PageQuery.extend({ mode: FeedMode.default('ranked') }),
    answers: { 200: FeedPage },
  }),
}
