import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { MediaApi, Moderation } from '#modules/media'
import type { PostsApi, ScreenedText } from '#modules/posts'
import type { Tastes } from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'

/** What may go out unseen: asked inside the transaction that would let it out. */
export interface StoryScreening {
  /** True: a moderator has to look first, and will find it in the queue. */
  holdStory(
    tx: Tx,
    story: {
      storyId: Id
      authorId: Id
      texts: readonly ScreenedText[]
      media: ReadonlyMap<Id, Moderation>
    },
  ): Promise<boolean>
  /** Gone: nobody needs to decide about it. */
  withdrawStory(tx: Tx, storyId: Id): Promise<void>
  /** Somebody still has to decide about it. */
  awaitsDecision(tx: Tx, storyId: Id): Promise<boolean>
  /** Words that a moderator would have to look at first, where nothing can wait for one. */
  isRefused(text: string): boolean
}

export interface StoriesDeps {
  database: Database
  ids: IdSource
  events: Events
  coherence: Pick<Coherence, 'createKept'>
  jobs: Jobs
  clock: Clock
  log: Log
  metrics: Metrics
  hub: Pick<LiveHub, 'connected' | 'isConnected' | 'send'>
  accounts: AccountsApi
  graph: GraphApi
  media: MediaApi
  posts: PostsApi
  screening: StoryScreening
  /** What is known of viewers: to whom they are close. */
  tastes: Pick<Tastes, 'tasteOf' | 'peekTaste'>
}

export type Viewer = { readonly id: Id }
