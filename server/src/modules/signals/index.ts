import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { PostsApi } from '#modules/posts'
import type { PostFeaturesStore, Tastes } from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createExportSignals } from './export-signals.ts'
import { createHiddenPosts } from './hidden-posts.ts'
import { countAttention } from './post-attention.ts'
import { changedOf } from './signals-changed.ts'
import { followForSignals } from './signals-follow.ts'
import { createHours, type Hours } from './signals-hours.ts'
import { mountSignals } from './signals-routes.ts'
import { createTakeSent } from './signals-sent.ts'
import { createRecord, eraseSignals } from './signals-store.ts'
import { createTastes } from './signals-taste.ts'
import { forgetAccount, purgeRaw, trimSums } from './signals-upkeep.ts'
import { createSignalsView } from './signals-view.ts'

export type { Hours } from './signals-hours.ts'
export type { SignalsEvents, SignalsTables } from './signals-tables.ts'

export interface SignalsDeps {
  database: Database
  ids: IdSource
  events: Events
  jobs: Jobs
  clock: Clock
  log: Log
  coherence: Pick<Coherence, 'createKept'>
  accounts: AccountsApi
  graph: GraphApi
  features: PostFeaturesStore
  /** What is known of viewers may take so much in the memory of this process. */
  memoryBytes: number
}

export interface SignalsApi extends Tastes {
  /** When people are here, by their own clocks. */
  hoursOf(ids: readonly Id[]): Promise<Map<Id, Hours>>
  /** People who are likely to open the app within an hour from `now`, in batches: all of them, first those behind `after`. */
  likelyToOpen(now: number, after?: Id): AsyncGenerator<Id[]>
  upkeep: {
    /** What was looked at reaches the posts; how many batches did. */
    countAttention(): Promise<number>
    purge(): Promise<{ raw: number; sums: number }>
  }
}

export interface Signals {
  api: SignalsApi
  /** Posts decide of which one may say that one wants less of them; they stand above signals. */
  routes(http: Http, posts: Pick<PostsApi, 'requireVisible' | 'requireReady'>): void
}

export function createSignals(deps: SignalsDeps): Signals {
  const { database, events, jobs, clock, accounts } = deps
  const record = createRecord(deps)
  const tastes = createTastes(deps)

  followForSignals({ ...deps, record })
  accounts.whenPersonalisationEnds((tx, id) => eraseSignals(tx, id, clock.now()))

  const upkeep: SignalsApi['upkeep'] = {
    countAttention: () => countAttention(database),
    purge: async () => ({
      raw: await purgeRaw(database, clock.now()),
      sums: await trimSums(database, clock.now()),
    }),
  }
  jobs.every('signals.count_attention', '* * * * *', async () => void (await upkeep.countAttention()))
  jobs.every('signals.purge', '37 3 * * *', async ({ log }) =>
    log.info(await upkeep.purge(), 'Old signals are gone'),
  )
  const view = createSignalsView(deps)
  accounts.whenExported(createExportSignals({ database, view }))
  accounts.whenErased(async (userId) => {
    const others = await forgetAccount(database, userId)
    if (others.length === 0) return
    await database.transaction((tx) => events.emitAll(tx, changedOf(others)))
  })

  return {
    api: { ...tastes, ...createHours(deps), upkeep },
    routes: (http, posts) =>
      mountSignals(http, {
        take: createTakeSent({ ...deps, record, tastes }),
        hidden: createHiddenPosts({ ...deps, posts, record }),
        view,
        erase: (id) =>
          database.transaction(
            async (tx) => {
              await eraseSignals(tx, id, clock.now())
              await events.emitAll(tx, changedOf([id]))
            },
            { by: id },
          ),
      }),
  }
}
