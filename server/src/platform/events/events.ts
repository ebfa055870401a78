import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, type Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
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
  /** Drawn in the bucket a few seconds ago at most; default: drawn now. */
  id?: Id
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
  /**
   * Every process that serves: called for each event of every process, at least once, in any order. Of events that take
   * sight away the writer's answer waits for it, in every process; `inBackground` is for what decides nothing: telling
   * open pages.
   */
  on<K extends EventKind>(
    kind: K,
    handler: (event: StoredEvent<K>) => void | Promise<void>,
    options?: { inBackground?: boolean },
  ): void
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
  ): Following
}

export interface Following {
  /** The handler is done with everything that was committed before the time of this id, in whatever process it runs. */
  position(): Promise<Id>
  /**
   * Until the transaction ends nobody else gets past here. A holder of the lease that stood still may go on beside the next
   * one: who writes down what stands in other rows reads them behind this, so that the later word is the newer one.
   */
  lock(tx: Tx): Promise<void>
}

/** Told apart by `kind`. */
export type EventOf<K extends EventKind> = { [One in K]: StoredEvent<One> }[K]

/** Not written yet. */
export type EventOfKind = { [K in EventKind]: NewEvent<K> & { kind: K } }[EventKind]

/**
 * After which events somebody sees less than before, as their modules declare it. Every process that decides from memory
 * has handled such an event before its writer is answered; see platform/coherence.
 */
export type TakesSight = { readonly [K in EventKind]?: (data: EventMap[K]) => boolean }

/** What platform/coherence stands on. */
export interface TakenSight {
  /** Called with what a transaction took away once it is durable; the writer's answer waits for what it promises. */
  onCommit(wait: (events: readonly StoredEvent[]) => Promise<void>): void
  /** Hands over what was read elsewhere. All its handlers are done when it resolves, whoever called them. */
  handle(events: readonly StoredEvent[]): Promise<void>
  /** A handler failed: what it should have forgotten may still be kept. */
  onFailed(listener: () => void): void
}

export interface EventSystem extends Events {
  readonly takenSight: TakenSight
  /** A handler of this process failed: what it should have told open pages, nobody tells. */
  onUnheard(listener: () => void): void
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
  takesSight?: TakesSight
}

export function createEvents(options: EventsOptions): EventSystem {
  const { database, ids, clock, jobs, bus, log, takesSight = {} } = options
  let wait = async (_taken: readonly StoredEvent[]): Promise<void> => undefined
  const takenBy = new WeakMap<Tx, StoredEvent[]>()
  const failureListeners: (() => void)[] = []
  const unheardListeners: (() => void)[] = []
  const isTaking = ({ kind, data }: StoredEvent) => takesSight[kind]?.(data as never) ?? false
  const listeners = createLiveBus({
    log,
    onFailed(event, inBackground) {
      if (!inBackground && isTaking(event)) for (const listener of failureListeners) listener()
      for (const listener of unheardListeners) listener()
    },
  })
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
      data,
      takes_sight: isTaking({ id, bucket, kind, subjectId, data }),
    }))
    await insertEvents(tx, { rows: JSON.stringify(rows) })
    afterCommit(tx, () => {
      for (const event of events) {
        hear(event)
        wire?.tell(event)
      }
    })
    noteTaken(tx, events.filter(isTaking))
  }

  /** All of one transaction are waited for together. */
  function noteTaken(tx: Tx, events: readonly StoredEvent[]): void {
    const taken = takenBy.get(tx)
    if (taken) taken.push(...events)
    else if (events.length > 0) {
      const first = [...events]
      takenBy.set(tx, first)
      afterCommit(tx, () => wait(first))
    }
  }

  return {
    settle,
    on: listeners.on,
    onUnheard: (listener) => void unheardListeners.push(listener),
    takenSight: {
      onCommit(newWait) {
        wait = newWait
      },
      async handle(events) {
        await live.take(events)
        await listeners.settled(events)
      },
      onFailed: (listener) => void failureListeners.push(listener),
    },
    react: relay.react,
    follow: followers.follow,
    emit: (tx, kind, event) => write(tx, [{ ...event, id: event.id ?? ids.next(event.bucket), kind }]),
    emitAll: (tx, all) =>
      write(
        tx,
        all.map((event) => ({ ...event, id: event.id ?? ids.next(event.bucket) })),
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

/** One text of the statement whatever their number: with a place for each value PostgreSQL plans every number anew. */
const insertEvents = prepared('events_insert', (db, { rows }: { rows: string }) => ({
  compile: () =>
    sql<{ id: Id }>`
      insert into events (bucket, id, kind, subject_id, data, takes_sight)
      select bucket, id, kind, subject_id, data, takes_sight
      from json_to_recordset(${rows}::json) as e(
        bucket smallint, id bigint, kind text, subject_id bigint, data jsonb, takes_sight boolean
      )
    `.compile(db),
}))
