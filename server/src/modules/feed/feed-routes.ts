import type { FeedMode } from '@heliograph/contract/accounts'
import { feedEndpoints } from '@heliograph/contract/feed'
import type { Http } from '#platform/http/http.ts'
import { mount, rawPage } from '#platform/http/mount.ts'
import { whenThere } from '#platform/soon/soon.ts'
import type { ViewerOf } from './feed-viewers.ts'
import type { FeedPages } from './paging/chronological-pages.ts'

/** The ways of ordering that there are; the first one is used when none is asked for. */
export const feedModes: readonly FeedMode[] = ['ranked', 'chronological', 'favourites']

interface Deps {
  viewerOf: ViewerOf
  pages: Readonly<Record<FeedMode, FeedPages>>
}

export function mountFeed(http: Http, { viewerOf, pages }: Deps): void {
  mount(http, feedEndpoints, {
    'GET /api/feed': ({ viewer, query, position }) => {
      const mode = query.mode ?? feedModes[0]!
      const page = whenThere(viewerOf(viewer.id), (feedViewer) =>
        pages[mode](feedViewer, { position, limit: query.limit }),
      )
      return whenThere(page, ({ items, nextPosition, caughtUpAfter }) =>
        rawPage(items, nextPosition, { caughtUpAfter }),
      )
    },
  })
}
