import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { insertPair, type Pair, pairs, removePair } from './pair-rows.ts'

export interface Restricts {
  restrict(pair: Pair): Promise<void>
  unrestrict(pair: Pair): Promise<void>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
}

/**
 * A block that is not noticed: whoever is restricted sees everything as before, and what they write, and nobody
 * else sees that. It holds for what is written from then on.
 */
export function createRestricts({ database, ids, events, clock }: Deps): Restricts {
  return {
    restrict: ({ from, to }) =>
      database.transaction(
        async (tx) => {
          const id = ids.next(bucketOf(from))
          if (!(await insertPair(tx, pairs.restricts, { from, to, id, now: new Date(clock.now()) }))) return
          const data = { restricterId: from, restrictedId: to }
          await events.emit(tx, 'graph.restricted', { bucket: bucketOf(to), subjectId: to, data })
        },
        { by: from },
      ),

    unrestrict: ({ from, to }) =>
      database.transaction(
        async (tx) => {
          if (!(await removePair(tx, pairs.restricts, { from, to }))) return
          const data = { restricterId: from, restrictedId: to }
          await events.emit(tx, 'graph.unrestricted', { bucket: bucketOf(to), subjectId: to, data })
        },
        { by: from },
      ),
  }
}
