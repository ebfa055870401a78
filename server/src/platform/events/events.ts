import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { JobPayload, Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { EventMap } from '#schema'

export type EventKind = keyof EventMap

export interface StoredEvent<K extends EventKind = EventKind> {
  id: Id
  bucket: number
  kind: K
  subjectId: Id
  data: EventMap[K]
}

export interface ReactionOptions<K extends EventKind> {
  /** Default: `<task>:<eventId>`. Events with one key become one job while it waits. */
  key?: (event: StoredEvent<K>) => string
  runAt?: (event: StoredEvent<K>) => Date
  /** Smaller runs first; default 0. */
  priority?: number
}

export interface Events {
  /** Writes the row in the transaction; after its commit the readers of this process hear at once. */
  emit<K extends EventKind>(
    tx: Tx,
    kind: K,
    event: { bucket: number; subjectId: Id; data: EventMap[K] },
  ): Promise<void>
  /** Every process that serves: called for each event of every process, at least once, in any order. */
  on<K extends EventKind>(kind: K, handler: (event: StoredEvent<K>) => void | Promise<void>): void
  /** Worker: each such event becomes this job, at least once; a payload of null means none. */
  react<K extends EventKind>(
    kind: K,
    task: string,
    payload: (event: StoredEvent<K>) => JobPayload | null,
    options?: ReactionOptions<K>,
  ): void
}

export interface EventSystem extends Events {
  /** Begins to read for the handlers of this process; call when all are registered. */
  startLive(): Promise<void>
  /** Begins to hand events to the queue whenever this process holds the relay. */
  startRelay(): Promise<void>
  /** Everything committed by now has reached handlers and queue. */
  settle(): Promise<void>
  close(): Promise<void>
}

export interface EventsOptions {
  database: Database
  ids: IdSource
  clock: Clock
  jobs: Jobs
  log: Log
}
