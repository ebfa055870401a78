import { type FeedMode, feedEndpoints } from '@heliograph/contract/feed'
import type { PostsApi } from '#modules/posts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { mount, page } from '#platform/http/mount.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { FeedRow, FeedSkeleton } from './feed-skeleton.ts'

/** The ways of ordering that there are; the first one is used when none is asked for. */
export const feedModes: readonly FeedMode[] = ['chronological']

export function mountFeed(http: Http, skeleton: FeedSkeleton, posts: PostsApi): void {
  mount(http, feedEndpoints, {
    'GET /api/feed': async ({ viewer, query, position }) => {
      if (query.mode !== undefined && !feedModes.includes(query.mode)) throw fault('feed.mode_unavailable')
      const { items, nextPosition } = await posts.presentPage(
        viewer,
        chronological(skeleton, viewer),
        { position, limit: query.limit },
        { leaveOutMuted: true },
      )
      return page(items, nextPosition)
    },
  })
}

function chronological(skeleton: FeedSkeleton, viewer: { id: Id }): Skeleton<FeedRow> {
  return {
    read: (position, count) => skeleton.page(viewer, position?.[0] ?? null, count),
    positionOf: (row) => [row.feed_id],
  }
}
