import type { FeedMode } from '@heliograph/contract/accounts'
import { feedEndpoints } from '@heliograph/contract/feed'
import type { PostsApi } from '#modules/posts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { mount, rawPage } from '#platform/http/mount.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { FeedRow, FeedSkeleton } from './feed-skeleton.ts'
import type { FeedAuthors, FeedViewers } from './feed-viewers.ts'

/** The ways of ordering that there are; the first one is used when none is asked for. */
export const feedModes: readonly FeedMode[] = ['chronological', 'favourites']

interface Deps {
  viewers: FeedViewers
  skeleton: FeedSkeleton
  posts: PostsApi
}

export function mountFeed(http: Http, { viewers, skeleton, posts }: Deps): void {
  mount(http, feedEndpoints, {
    'GET /api/feed': async ({ viewer, query, position }) => {
      const mode = query.mode ?? feedModes[0]!
      if (!feedModes.includes(mode)) throw fault('feed.mode_unavailable')
      const authors = await viewers.authorsOf(viewer.id, mode === 'favourites' ? 'favourites' : 'following')
      const { cards, nextPosition } = await posts.presentCards(
        viewer,
        chronological(skeleton, viewer, authors),
        { position, limit: query.limit },
        { leaveOutMuted: true },
      )
      return rawPage(
        cards.map((card) => card.json()),
        nextPosition,
        { caughtUpAfter: null },
      )
    },
  })
}

function chronological(skeleton: FeedSkeleton, viewer: { id: Id }, authors: FeedAuthors): Skeleton<FeedRow> {
  return {
    read: (position, count) =>
      skeleton.page(viewer, { authors, before: position?.[0] ?? null, limit: count }),
    positionOf: (row) => [row.feed_id],
  }
}
