import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createBlocks, type HasShown } from './block-service.ts'
import { createCloseFriends } from './close-friend-service.ts'
import { createEraseRelations } from './erase-relations.ts'
import { createExportRelations } from './export-relations.ts'
import { createFavourites } from './favourite-service.ts'
import { createFollows } from './follow-service.ts'
import { defineGraphJobs } from './graph-jobs.ts'
import { subscribeGraph } from './graph-live.ts'
import { countFollowRows, findFollowersAmong, findRestrictersAmong } from './graph-repository.ts'
import { mountGraph } from './graph-routes.ts'
import type { GraphApi } from './graph-types.ts'
import { createHiddenWords, createInteractionRules } from './interactions.ts'
import { mountInteractions } from './interactions-routes.ts'
import { createPeopleLists } from './people-lists.ts'
import { createReconcile } from './reconcile.ts'
import type { GraphRelations } from './relations.ts'
import { createRequests } from './request-service.ts'
import { createRestricts } from './restrict-service.ts'
import { createStoryHidden } from './story-hidden-service.ts'
import { createSuggestions } from './suggestions.ts'
import { mountSuggestions } from './suggestions-routes.ts'
import { loadAudience } from './visibility.ts'

export { type GraphEvents, type GraphTables, graphTakesSight } from './graph-tables.ts'
export type { GraphApi } from './graph-types.ts'
export type { ReconcileReport } from './reconcile.ts'
export { createRelations } from './relations.ts'
export type { KnownAuthors } from './sights.ts'
export { relationsChanged, type ViewerRelations } from './viewer-relations.ts'
export {
  type AuthorFacts,
  asFollowerOf,
  canSee,
  mutes,
  type Sight,
  type SightOver,
  type Thing,
} from './visibility.ts'

export interface GraphDeps {
  database: Database
  ids: IdSource
  events: Events
  jobs: Jobs
  clock: Clock
  log: Log
  hub: Pick<LiveHub, 'connected' | 'send'>
  accounts: AccountsApi
  /** From `createRelations`: accounts stands on it too, so it is made before both. */
  relations: GraphRelations
}

export interface Graph {
  api: GraphApi
  routes(http: Http): void
}

export function createGraph(deps: GraphDeps): Graph {
  const { database, accounts, relations } = deps
  const { sights } = relations
  const closeFriends = createCloseFriends(deps)
  const follows = createFollows({ ...deps, closeFriends })
  const hasShown: HasShown[] = []
  const blocks = createBlocks({ ...deps, follows, closeFriends, hasShown })
  const favourites = createFavourites(deps)
  const storyHidden = createStoryHidden(deps)
  const restricts = createRestricts(deps)
  const requests = createRequests({ ...deps, follows })
  const lists = createPeopleLists({ ...deps, sights })

  const api: GraphApi = {
    followeesOf: relations.followeesOf,
    favouritesOf: async (id) => [...(await sights.relationsOf(id)).favourites],
    relationships: relations.relationships,
    restrictedBy: (id, ids) => findRestrictersAmong(database.main, id, ids),
    followersAmong: (authorId, ids) => findFollowersAmong(database.main, authorId, ids),
    mutedBy: async (viewerId) => (await sights.relationsOf(viewerId)).mutedPosts,
    ...createInteractionRules(deps),
    ...sights,
    whenBlocking: (ask) => void hasShown.push(ask),
    loadAudience: (authorId, viewerIds) => loadAudience(database.main, authorId, viewerIds),
    findVisibleUser: accounts.findVisibleUser,
    reconcile: createReconcile(deps),
    recount: async () => ({
      followers: await accounts.recount('followers', (tx, bucket, ids) =>
        countFollowRows(tx, 'followers', bucket, ids),
      ),
      following: await accounts.recount('following', (tx, bucket, ids) =>
        countFollowRows(tx, 'following', bucket, ids),
      ),
    }),
  }

  accounts.whenExported(createExportRelations(deps))
  accounts.whenErased(createEraseRelations({ ...deps, follows, closeFriends }))
  subscribeGraph({ ...deps, api })
  defineGraphJobs({ ...deps, follows, api })
  return {
    api,
    routes(http) {
      mountGraph(http, {
        accounts,
        relations,
        follows,
        blocks,
        favourites,
        restricts,
        closeFriends,
        storyHidden,
        lists,
        requests,
      })
      mountSuggestions(http, { accounts, suggestions: createSuggestions({ ...deps, sights }) })
      mountInteractions(http, { hiddenWords: createHiddenWords(deps) })
    },
  }
}
