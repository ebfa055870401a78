import type { Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { JobPayload } from '#platform/jobs/jobs.ts'
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
