import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, jsonb, type Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { JobPayload, Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { EventMap } from '#schema'
import { createLiveBus } from './live-bus.ts'
import { createReader } from './reader.ts'
import { createRelay } from './relay.ts'

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
  /** Writes the row in the transaction; after its commit this process hears at once, others within a second. */
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
  /** Begins to hand events to the queue, whenever this process holds the relay. */
  startRelay(): Promise<void>
  /** Everything committed by now has reached the handlers of this process and the queue. */
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

export function createEvents({ database, ids, clock, jobs, log }: EventsOptions): EventSystem {
  const bus = createLiveBus(log)
  const relay = createRelay({ database, clock, jobs, log })
  const live = createReader({ database, clock, log, name: 'live', deliver: bus.deliver })
  jobs.beforeDrain(settle)

  async function settle(): Promise<void> {
    await live.sweep()
    await bus.idle()
    await relay.flush()
  }

  return {
    settle,
    on: bus.on,
    react: relay.react,
    async emit(tx, kind, { bucket, subjectId, data }) {
      const event = { id: ids.next(bucket), bucket, kind, subjectId, data }
      await tx
        .insertInto('events')
        .values({ bucket, id: event.id, kind, subject_id: subjectId, data: jsonb(data) })
        .execute()
      afterCommit(tx, () => {
        live.offer(event)
        relay.offer(event)
      })
    },
    startLive: live.start,
    startRelay: relay.start,
    async close() {
      await live.stop()
      await relay.stop()
      await bus.idle()
    },
  }
}
