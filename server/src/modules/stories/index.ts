import type { Story } from '@heliograph/contract/stories'
import type { RecountReport } from '#modules/accounts'
import type { Http } from '#platform/http/http.ts'
import type { Id } from '#platform/ids/ids.ts'
import { createExportStories } from './export-stories.ts'
import { createHighlights } from './highlights/highlights.ts'
import { createStoriesGate } from './presenting/stories-gate.ts'
import { createFindOver } from './presenting/stories-over.ts'
import { createStoriesPresenter } from './presenting/stories-presenter.ts'
import { createEraseStories } from './publishing/erase-stories.ts'
import { createStoryCreation } from './publishing/stories-create.ts'
import { createStoryDeletion } from './publishing/stories-delete.ts'
import { createStoriesEnd, type Ended } from './publishing/stories-end.ts'
import { createStoriesSettling } from './publishing/stories-settle.ts'
import type { StoriesDeps, Viewer } from './stories-deps.ts'
import { defineStoriesJobs } from './stories-jobs.ts'
import { followStoriesLive } from './stories-live.ts'
import { createStoriesModeration, type StoriesModeration } from './stories-moderation.ts'
import { findStories } from './stories-repository.ts'
import { mountStories } from './stories-routes.ts'
import { createStoriesOut } from './tray/stories-out.ts'
import { createTray } from './tray/tray.ts'
import { createSeenStories } from './views/seen-stories.ts'
import { createViews } from './views/views.ts'
import { createViewsRecount } from './views/views-recount.ts'
import { findReactionsOf } from './views/views-repository.ts'

export type { StoriesDeps, StoryScreening } from './stories-deps.ts'
export type { StoriesModeration } from './stories-moderation.ts'
export { type StoriesEvents, type StoriesTables, storiesTakesSight } from './stories-tables.ts'

/** What other modules may ask of Stories. */
export interface StoriesApi {
  /** Those of them that the viewer may see now: what has expired is absent, but for what is kept for this viewer. */
  present(viewerId: Id, ids: readonly Id[]): Promise<Map<Id, Story>>
  /** Of Stories that are over, those that the viewer could see while they were there, and whose they were. */
  over(viewerId: Id, ids: readonly Id[]): Promise<Map<Id, Id>>
  /** Whose they are, also of expired ones as long as anything of them is there. Tells nothing that anybody may be shown. */
  authorsOf(ids: readonly Id[]): Promise<Map<Id, Id>>
  /** What one person each reacted with, by Story. For whoever sees both: nothing is asked about that here. */
  reactionsOf(pairs: readonly { storyId: Id; userId: Id }[]): Promise<Map<Id, string>>
  /** Takes away what expired Stories left behind, as the job does every hour. */
  endExpired(): Promise<Ended>
  /** Proves how many have seen each Story against who has, and mends it; Stories checked and repaired. */
  recount(): Promise<RecountReport>
  moderation: StoriesModeration
}

export interface Stories {
  api: StoriesApi
  routes(http: Http): void
}

export function createStories(deps: StoriesDeps): Stories {
  const { database } = deps
  const seen = createSeenStories(deps)
  const out = createStoriesOut(deps)
  const gate = createStoriesGate(deps)
  const findOver = createFindOver(deps)
  const presenter = createStoriesPresenter({ ...deps, gate, seen })
  const settling = createStoriesSettling(deps)
  const end = createStoriesEnd(deps)
  const recount = createViewsRecount(deps)
  defineStoriesJobs({ ...deps, settling, end, recount })
  followStoriesLive(deps)
  deps.accounts.whenErased(createEraseStories(deps))
  deps.accounts.whenExported(createExportStories(deps))

  return {
    api: {
      async present(viewerId, ids) {
        const viewer: Viewer = { id: viewerId }
        const rows = await gate.findVisible(viewer, [...new Set(ids)])
        return new Map((await presenter.present(viewer, rows)).map((story) => [story.id, story]))
      },
      over: (viewerId, ids) => findOver({ id: viewerId }, ids),
      async authorsOf(ids) {
        const rows = await findStories(database.main, ids)
        return new Map([...rows].map(([id, row]) => [id, row.author_id]))
      },
      reactionsOf: (pairs) => findReactionsOf(database.main, pairs),
      endExpired: end.run,
      recount,
      moderation: createStoriesModeration({ ...deps, gate, presenter }),
    },
    routes: (http) =>
      mountStories(http, deps, {
        gate,
        presenter,
        create: createStoryCreation({ ...deps, settling }),
        remove: createStoryDeletion({ ...deps, gate }),
        tray: createTray({ ...deps, out, seen }),
        views: createViews({ ...deps, gate, seen }),
        highlights: createHighlights({ ...deps, gate, presenter }),
      }),
  }
}
