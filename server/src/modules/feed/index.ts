import type { FeedMode } from '@heliograph/contract/accounts'
import type { GraphApi } from '#modules/graph'
import type { Outboxes, PostsApi } from '#modules/posts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Http } from '#platform/http/http.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createOutboxes } from './feed-outboxes.ts'
import { createOutboxReconcile, type ReconcileOutboxes } from './feed-reconcile.ts'
import { feedModes, mountFeed } from './feed-routes.ts'
import { createSqlSkeleton } from './feed-skeleton.ts'

export type { FeedTables } from './feed-tables.ts'

export interface FeedDeps {
  database: Database
  jobs: Jobs
  log: Log
  clock: Clock
  graph: GraphApi
}

export interface FeedApi {
  /** Ways of ordering that are built: shown in the capabilities. */
  readonly modes: readonly FeedMode[]
  reconcileOutboxes: ReconcileOutboxes
}

export interface Feed {
  api: FeedApi
  /** Made before posts, who write into them; what is read from them goes through posts again. */
  outboxes: Outboxes
  routes(http: Http, posts: PostsApi): void
}

export function createFeed(deps: FeedDeps): Feed {
  const skeleton = createSqlSkeleton(deps)
  const reconcileOutboxes = createOutboxReconcile(deps)
  deps.jobs.every(
    'feed.reconcile',
    '27 3 * * *',
    async () => deps.log.info(await reconcileOutboxes(), 'Outboxes reconciled'),
    { lane: 'bulk', maxAttempts: 3 },
  )
  return {
    api: { modes: feedModes, reconcileOutboxes },
    outboxes: createOutboxes(),
    routes: (http, posts) => mountFeed(http, skeleton, posts),
  }
}
