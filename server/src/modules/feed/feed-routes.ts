import type { FeedMode } from '@heliograph/contract/accounts'
import { feedEndpoints } from '@heliograph/contract/feed'
import type { Clock } from '#platform/clock/clock.ts'
import type { Http } from '#platform/http/http.ts'
import { mount, rawPage } from '#platform/http/mount.ts'
import { whenThere } from '#platform/soon/soon.ts'
import type { ViewerOf } from './feed-viewers.ts'
import type { FeedPages } from './paging/chronological-pages.ts'

interface Deps {
  viewerOf: ViewerOf
  pages: Readonly<Record<FeedMode, FeedPages>>
  clock: Clock
}

export function mountFeed(http: Http, { viewerOf, pages, clock }: Deps): void {
  mount(http, feedEndpoints, {
    'GET /api/feed': ({ viewer, query, position }) => {
      const asOf = new Date(clock.now()).toISOString()
      const page = whenThere(viewerOf(viewer.id), (feedViewer) =>
        pages[query.mode](feedViewer, { position, limit: query.limit }),
      )
      return whenThere(page, ({ items, nextPosition, caughtUpAfter }) =>
        rawPage(items, nextPosition, { caughtUpAfter, asOf }),
      )
    },
  })
}
