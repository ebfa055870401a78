import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { StoredEvent } from '#platform/events/events.ts'
import { lookBack } from '#platform/events/reader.ts'
import { createSeen } from '#platform/events/seen.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'

const PAGE = 1000

/** What took sight away and this process has not handled yet, read from the table. */
export interface TakenEvents {
  /** Everything that is visible now. */
  unknown(): Promise<StoredEvent[]>
  /** Handled: not to be read again. */
  know(events: readonly Pick<StoredEvent, 'id'>[]): void
  /** All that was unknown at this moment is known: next time it looks back from here. */
  caughtUp(beganAt: number): void
}

/** A sweep reads ids alone, from an index that holds nothing but these; rows only of what is new. */
export function createTakenEvents(database: Database, clock: Clock): TakenEvents {
  const known = createSeen()
  let last: number | undefined

  async function read(ids: readonly Id[]): Promise<StoredEvent[]> {
    const rows = await database.main
      .selectFrom('events')
      .select(['id', 'bucket', 'kind', 'subject_id as subjectId', 'data'])
      .where('id', 'in', ids)
      .execute()
    return rows as StoredEvent[]
  }

  return {
    async unknown() {
      const now = clock.now()
      const found: StoredEvent[] = []
      let after: Id | undefined = lookBack(Math.min(last ?? now, now))
      while (after !== undefined) {
        const ids: Id[] = (await takenIds(database.main, { after })).map(({ id }) => id)
        const fresh = ids.filter((id) => !known.has(id))
        if (fresh.length > 0) found.push(...(await read(fresh)))
        after = ids.length === PAGE ? ids.at(-1) : undefined
      }
      return found
    },
    know(events) {
      for (const { id } of events) known.add(id)
    },
    caughtUp(beganAt) {
      last = beganAt
      known.forgetBefore(timeOf(lookBack(beganAt)))
    },
  }
}

/** Asked several times a second. */
const takenIds = prepared('events_taken', (db, { after }: { after: Id }) =>
  db
    .selectFrom('events')
    .select('id')
    .where('takes_sight', '=', sql.lit(true))
    .where('id', '>', after)
    .orderBy('id')
    .limit(sql.lit(PAGE)),
)
