import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, jsonb, type Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { JobPayload, Jobs } from '#platform/jobs/jobs.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { EventMap } from '#schema'
import { createEventWire } from './event-wire.ts'
import { createFollowers } from './followers.ts'
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

export interface NewEvent<K extends EventKind = EventKind> {
  bucket: number
  subjectId: Id
  data: EventMap[K]
}

export interface FollowOptions {
  /**
   * What one that never ran before reads: everything that is kept (7 days), or what comes from now on (default).
   * Later it goes on where it was.
   */
  from?: 'beginning' | 'now'
}

export interface Events {
  /** Writes the row in the transaction; after its commit this process hears at once, others within a second. */
  emit<K extends EventKind>(tx: Tx, kind: K, event: NewEvent<K>): Promise<void>
  /** The same for many of one or more kinds, in one statement. */
  emitAll(tx: Tx, events: readonly EventOfKind[]): Promise<void>
  /** Every process that serves: called for each event of every process, at least once, in any order. */
  on<K extends EventKind>(kind: K, handler: (event: StoredEvent<K>) => void | Promise<void>): void
  /** Worker: each such event becomes this job, at least once; a payload of null means none. */
  react<K extends EventKind>(
    kind: K,
    task: string,
    payload: (event: StoredEvent<K>) => JobPayload | null,
    options?: ReactionOptions<K>,
  ): void
  /**
   * Worker: what follows from events without a job for each. One process at a time calls the handler, with one batch after
   * the other; each event at least once, those of one process in their order. When it fails the same events come again a
   * second later, and nothing behind them is lost: it loads the present state, and may run twice.
   */
  follow<K extends EventKind>(
    name: string,
    kinds: readonly K[],
    handler: (events: readonly EventOf<K>[]) => Promise<void>,
    options?: FollowOptions,
  ): void
}

/** Told apart by `kind`. */
export type EventOf<K extends EventKind> = { [One in K]: StoredEvent<One> }[K]

/** Not written yet. */
export type EventOfKind = { [K in EventKind]: NewEvent<K> & { kind: K } }[EventKind]

export interface EventSystem extends Events {
  /** Begins to read for the handlers of this process; call when all are registered. */
  startLive(): Promise<void>
  /** Begins to hand events to the queue and to followers, whenever this process holds their leases. */
  startRelay(): Promise<void>
  /** Everything committed by now has reached the handlers of this process, the queue and the followers. */
  settle(): Promise<void>
  close(): Promise<void>
}

export interface EventsOptions {
  database: Database
  ids: IdSource
  clock: Clock
  jobs: Jobs
  /** To processes that hear at once; the others hear when they look, within a second. */
  bus?: Bus | null
  log: Log
}

export function createEvents({ database, ids, clock, jobs, bus, log }: EventsOptions): EventSystem {
  const listeners = createLiveBus(log)
  const relay = createRelay({ database, clock, jobs, log })
  const followers = createFollowers({ database, clock, log })
  const live = createReader({ database, clock, log, name: 'live', deliver: listeners.deliver })
  const hear = (event: StoredEvent) => {
    live.offer(event)
    relay.offer(event)
    followers.offer(event)
  }
  const wire = bus && createEventWire(bus, hear)
  jobs.beforeDrain(settle)

  async function settle(): Promise<void> {
    await live.sweep()
    await listeners.idle()
    await Promise.all([relay.flush(), followers.flush()])
  }

  async function write(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return
    const rows = events.map(({ id, bucket, kind, subjectId, data }) => ({
      bucket,
      id,
      kind,
      subject_id: subjectId,
      data: jsonb(data),
    }))
    await tx.insertInto('events').values(rows).execute()
    afterCommit(tx, () => {
      for (const event of events) {
        hear(event)
        wire?.tell(event)
      }
    })
  }

  return {
    settle,
    on: listeners.on,
    react: relay.react,
    follow: followers.follow,
    emit: (tx, kind, event) => write(tx, [{ ...event, id: ids.next(event.bucket), kind }]),
    emitAll: (tx, all) =>
      write(
        tx,
        all.map((event) => ({ ...event, id: ids.next(event.bucket) })),
      ),
    startLive: live.start,
    async startRelay() {
      await Promise.all([relay.start(), followers.start()])
    },
    async close() {
      wire?.close()
      await live.stop()
      await Promise.all([relay.stop(), followers.stop()])
      await listeners.idle()
    },
  }
}
