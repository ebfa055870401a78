import { randomInt } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { Db } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { BUCKETS, type Id, idAt, SEQUENCES } from './ids.ts'
import { leaseSlot, type SlotLease } from './slot-lease.ts'

export interface IdSource {
  /**
   * A new id in the bucket, later than every id drawn here before. Waits less than a millisecond when the present one
   * is full; throws `server.unavailable` when this process holds no slot.
   */
  next(bucket: number): Id
  /** Where a new account shall live. */
  randomBucket(): number
  readonly slot: number
  close(): Promise<void>
}

export interface IdSourceOptions {
  db: Db
  clock: Clock
  log: Log
}

/** A clock that was set back further than this is taken for wrong rather than waited for. */
export const MAX_STEP_BACK_MS = 5000

/** Resolves when this process has a slot of its own and the slot's earlier ids lie in the past. */
export async function createIdSource({ db, clock, log }: IdSourceOptions): Promise<IdSource> {
  const lease = await leaseSlot({ db, clock, log })
  const draw = createDrawing(clock, lease)
  return {
    get slot() {
      return lease.slot
    },
    next: draw.next,
    randomBucket: () => randomInt(BUCKETS),
    close: () => lease.close(() => draw.last),
  }
}

export interface Drawing {
  next(bucket: number): Id
  /** No id drawn so far is later. */
  readonly last: number
}

/** The part without a database: one slot, a clock that may misbehave, ids that only grow. */
export function createDrawing(clock: Clock, lease: Pick<SlotLease, 'slot' | 'end' | 'floor'>): Drawing {
  const lastOf = new Float64Array(BUCKETS)
  const sequenceOf = new Uint8Array(BUCKETS)
  let last = 0

  /** Time as ids know it: never before the last id, whatever the clock says. */
  const present = () => {
    const now = Math.floor(clock.now())
    if (last - now > MAX_STEP_BACK_MS) {
      throw unavailable(`The clock went back by ${last - now} ms; no ids until it has caught up`)
    }
    return Math.max(now, last, lease.floor + 1)
  }

  const next = (bucket: number): Id => {
    let time = present()
    let sequence = lastOf[bucket] === time ? sequenceOf[bucket]! + 1 : 0
    if (sequence === SEQUENCES) {
      // A clock that stands still is helped along at its own pace: a millisecond is slept for each.
      sleepSync(1)
      time = Math.max(present(), time + 1)
      sequence = 0
    }
    if (time > lease.end()) throw unavailable('This process holds no slot for ids just now')
    last = time
    lastOf[bucket] = time
    sequenceOf[bucket] = sequence
    return idAt(time, bucket, lease.slot, sequence)
  }

  return {
    next,
    get last() {
      return last
    },
  }
}

function unavailable(reason: string): Error {
  return fault('server.unavailable', { cause: new Error(reason) })
}

const nothing = new Int32Array(new SharedArrayBuffer(4))

function sleepSync(ms: number): void {
  Atomics.wait(nothing, 0, 0, ms)
}
