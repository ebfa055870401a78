import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, type Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Events, StoredEvent, TakesSight } from './event-types.ts'
import { createEventWire } from './event-wire.ts'
import { createFollowers } from './followers.ts'
import { createLiveBus } from './live-bus.ts'
import { createReader } from './reader.ts'
import { createRelay } from './relay.ts'

export type {
  EventKind,
  EventOf,
  EventOfKind,
  Events,
  Following,
  FollowOptions,
  NewEvent,
  ReactionOptions,
  StoredEvent,
  TakesSight,
} from './event-types.ts'

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
