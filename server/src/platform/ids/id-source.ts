import type { Clock } from '#platform/clock/clock.ts'
import type { Db } from '#platform/db/db.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Id } from './ids.ts'
import { BUCKETS, idAt, SEQUENCES } from './ids.ts'

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

export async function createIdSource({ clock }: IdSourceOptions): Promise<IdSource> {
  let last = 0
  let sequence = 0
  return {
    slot: 0,
    next(bucket) {
      const now = Math.max(clock.now(), last)
      sequence = now === last ? sequence + 1 : 0
      last = now
      if (sequence === SEQUENCES) {
        last++
        sequence = 0
      }
      return idAt(last, bucket, 0, sequence)
    },
    randomBucket: () => Math.floor(Math.random() * BUCKETS),
    close: async () => undefined,
  }
}
