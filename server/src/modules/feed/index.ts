import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { Outboxes, PostsApi } from '#modules/posts'
import type { PostFeaturesStore, Tastes } from '#modules/ranking'
import type { Cache } from '#platform/cache/cache.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { createLanguages } from './feed-languages.ts'
import { createOutboxes } from './feed-outboxes.ts'
import { createOutboxReconcile, type ReconcileOutboxes } from './feed-reconcile.ts'
import { mountFeed } from './feed-routes.ts'
import { createSqlSkeleton } from './feed-skeleton.ts'
import { createFeedViewers } from './feed-viewers.ts'
import { createMemorySkeleton } from './index/memory-skeleton.ts'
import { followOutboxes } from './index/outbox-events.ts'
import { createOutboxIndex } from './index/outbox-index.ts'
import { createOutboxLoading } from './index/outbox-loading.ts'
import { createChronologicalPages } from './paging/chronological-pages.ts'
import { createFeedRanker } from './paging/feed-ranker.ts'
import { createRankedPages } from './paging/ranked-pages.ts'
import { createFeedSnapshots } from './paging/snapshots.ts'
import { createPrecompute } from './precompute/precompute.ts'

export type { FeedEvents, FeedTables } from './feed-tables.ts'

export interface FeedDeps {
  database: Database
  jobs: Jobs
  log: Log
  clock: Clock
  ids: IdSource
  events: Events
  coherence: Pick<Coherence, 'isCurrent' | 'createKept' | 'onDoubt'>
  accounts: AccountsApi
  graph: GraphApi
  /** What is known of viewers. */
  tastes: Tastes
  /** What is known of posts. */
  features: PostFeaturesStore
  cache: Cache
  metrics: Pick<Metrics, 'coldFeeds'>
  /** People who are likely to be here within the hour, in batches: all of them, first those behind `after`. */
  likelyToOpen(now: number, after: Id): AsyncIterable<readonly Id[]>
  /** What recent posts may take in memory. */
  memoryBytes: number
}

export interface FeedApi {
  reconcileOutboxes: ReconcileOutboxes
  /** Makes the beginnings of feeds ready, as the job does; tells for how many people. */
  precompute(options?: { peopleMax?: number }): Promise<number>
  /**
   * The index and the orders that this process has in memory: they are read again when they are needed. What is known of people
   * and posts stays: `coherence.forget` drops that, and the index.
   */
  dropMemory(): void
  /** Orders of pagings that nobody can go on with any more. */
  purgeSnapshots(): Promise<number>
}

export interface Feed {
  api: FeedApi
  /** Made before posts, who write into them; what is read from them goes through posts again. */
  outboxes: Outboxes
  routes(http: Http, posts: PostsApi): void
}

export function createFeed(deps: FeedDeps): Feed {
  const { jobs, log, events, coherence, accounts } = deps
  const index = createOutboxIndex({ maxBytes: deps.memoryBytes })
  const loading = createOutboxLoading({ ...deps, outboxes: index })
  followOutboxes({ ...deps, outboxes: index, loading })
  coherence.onDoubt(index.clear)
  const sql = createSqlSkeleton(deps)
  const skeleton = createMemorySkeleton({ outboxes: index, loading, sql, isCurrent: coherence.isCurrent })
  const snapshots = createFeedSnapshots(deps)
  const viewerOf = createFeedViewers(deps.graph)
  const ranker = createFeedRanker({ ...deps, languageOf: createLanguages({ events, coherence, accounts }) })
  const precompute = createPrecompute({
    ...deps,
    // Past the memory, which is for those who are here.
    async beginningOf(id, limit) {
      const viewer = await viewerOf(id)
      const candidates = await sql.candidates(viewer, { authors: viewer.following, before: null })
      const { next, release } = await ranker.arrange(viewer, candidates)
      const postIds: Id[] = []
      for (let placed = next(); placed !== null && postIds.length < limit; placed = next())
        postIds.push(placed.row.post_id)
      release()
      return postIds
    },
  })
  const reconcileOutboxes = createOutboxReconcile(deps)

  jobs.every(
    'feed.reconcile',
    '27 3 * * *',
    async () => log.info(await reconcileOutboxes(), 'Outboxes reconciled'),
    { lane: 'bulk', maxAttempts: 3 },
  )
  jobs.every('feed.purge_snapshots', '33 * * * *', async () => void (await snapshots.purge()))

  return {
    api: {
      reconcileOutboxes,
      precompute: precompute.refresh,
      purgeSnapshots: snapshots.purge,
      dropMemory() {
        index.clear()
        snapshots.forgetMemory()
      },
    },
    outboxes: createOutboxes(),
    routes(http, posts) {
      const shared = { ...deps, skeleton, posts, ranker, snapshots, seenOf: ranker.seenOf }
      mountFeed(http, {
        viewerOf,
        clock: deps.clock,
        pages: {
          ranked: createRankedPages({
            ...shared,
            beginnings: precompute.feeds,
            isReady: (viewer) => skeleton.isReady(viewer.following),
          }),
          chronological: createChronologicalPages(shared, (viewer) => viewer.following),
          favourites: createChronologicalPages(shared, (viewer) => viewer.favouriteAuthors),
        },
      })
    },
  }
}
