import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { compareIds, EPOCH, type Id, timeOf } from '#platform/ids/ids.ts'

export interface SecondCount {
  /** Its beginning, milliseconds since 1970. */
  start: number
  count: number
}

interface Round {
  from: Id
  counts: Promise<SecondCount[]>
}

const rounds = new WeakMap<Database, Round>()

/**
 * How many events there are in each second from the beginning of one on. A process has half a dozen readers, and all look every
 * second: those that ask in the same turn of the event loop share a query, which begins after all of them have asked.
 */
export async function countBySecond(database: Database, from: Id): Promise<SecondCount[]> {
  let round = rounds.get(database)
  if (round === undefined) {
    round = { from, counts: setImmediate().then(() => askFor(database)) }
    rounds.set(database, round)
  } else if (compareIds(from, round.from) < 0) round.from = from
  const since = timeOf(from)
  return (await round.counts).filter(({ start }) => start >= since)
}

async function askFor(database: Database): Promise<SecondCount[]> {
  const { from } = rounds.get(database)!
  rounds.delete(database)
  const rows = await eventsBySecond(database.main, { from })
  return rows.map(({ second, count }) => ({ start: EPOCH + second * 1000, count }))
}

const eventsBySecond = prepared('events_by_second', (db, { from }: { from: Id }) => {
  const second = sql<number>`((id >> 22) / 1000)::float8`
  return db
    .selectFrom('events')
    .select([second.as('second'), sql<number>`count(*)::float8`.as('count')])
    .where('id', '>=', from)
    .groupBy(second)
    .orderBy(second)
})
