import { createLocalCache } from '#platform/cache/cache.ts'
import { systemClock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { type Id, idAt, MIN_ID } from '#platform/ids/ids.ts'
import { createPrecompute, type Precompute } from './precompute.ts'

/** More than a round of `perRound` reaches. */
export const everybody: readonly Id[] = Array.from({ length: 60 }, (_, n) =>
  idAt(Date.UTC(2026, 10, 1) + n, 5, 1, 0),
)
export const perRound = 50

/**
 * A worker of tests: who is likely to come never changes, and whoever has their turn is told. `warned`: who is told to the
 * log.
 */
export function createWorker(
  database: Database,
  hasTurn: (id: Id) => unknown,
  warned: Id[] = [],
): Precompute {
  return createPrecompute({
    database,
    cache: createLocalCache({ maxEntries: 100 }),
    clock: systemClock,
    events: { on: () => undefined },
    jobs: { every: () => undefined },
    log: { warn: ({ userId }: { userId: Id }) => void warned.push(userId) },
    async *likelyToOpen(_, after) {
      const from = after === MIN_ID ? 0 : everybody.indexOf(after) + 1
      yield everybody.slice(from)
      yield everybody.slice(0, from)
    },
    async beginningOf(id) {
      await hasTurn(id)
      return []
    },
  })
}
