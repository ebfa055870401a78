import type { ModerationFinding } from '@heliograph/contract/moderation'
import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { MediaApi, Moderation } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
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

export interface ScreenedText {
  field: Extract<ModerationFinding, { kind: 'words' }>['field']
  text: string
}

/** What may go out unseen: asked inside the transaction that would let it out. Made before posts by moderation. */
export interface Screening {
  /** Those that are too long to be read while a transaction is open, and were not read before. */
  unread(texts: readonly ScreenedText[]): ScreenedText[]
  /** Takes its time; what was found is remembered for those who ask below. */
  read(texts: readonly ScreenedText[]): Promise<void>
  isAbove(texts: readonly ScreenedText[]): boolean
  /** True: a moderator has to look first, and will find it in the queue. */
  holdPost(
    tx: Tx,
    post: {
      postId: Id
      authorId: Id
      texts: readonly ScreenedText[]
      media: ReadonlyMap<Id, Moderation>
    },
  ): Promise<boolean>
  holdComment(tx: Tx, comment: { commentId: Id; postId: Id; authorId: Id; text: string }): Promise<boolean>
  /** By the server's own list, whatever moderators look at. */
  isFoul(text: string): boolean
  /** Gone: nobody needs to decide about it, or about comments on it. */
  withdrawPost(tx: Tx, postId: Id): Promise<void>
  withdrawComments(tx: Tx, postId: Id, commentIds: readonly Id[]): Promise<void>
}

export interface PostsDeps {
  database: Database
  ids: IdSource
  events: Events
  coherence: Pick<Coherence, 'createKept'>
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
  screening: Screening
}

/** Who looks; null is a visitor who is not signed in. */
export type Reader = { readonly id: Id } | null
