import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Log } from '#platform/telemetry/log.ts'

/**
 * Where published posts are handed to feeds. Posts call it inside their own transactions; what stands behind
 * it belongs to the feed.
 */
export interface Outboxes {
  publish(tx: Tx, post: { authorId: Id; postId: Id; feedId: Id }): Promise<void>
  withdraw(tx: Tx, post: { authorId: Id; feedId: Id }): Promise<void>
}

export interface PostsDeps {
  database: Database
  ids: IdSource
  events: Events
  jobs: Jobs
  clock: Clock
  log: Log
  /** Origin of permalinks and of the pictures in their previews. */
  publicUrl: string
  hub: Pick<LiveHub, 'connected' | 'isConnected' | 'send'>
  accounts: AccountsApi
  graph: GraphApi
  media: MediaApi
  outboxes: Outboxes
}

/** Who looks; null is a visitor who is not signed in. */
export type Reader = { readonly id: Id } | null
