import type { Database } from '#platform/db/db.ts'
import { compareIds, type Id, minIdAt } from '#platform/ids/ids.ts'

const BATCH = 5000

/** Forgets events of before this moment, bit by bit; never one that the relay has not come to. */
export async function purgeEvents(database: Database, before: number): Promise<number> {
  const limit = await earliest(database, minIdAt(before))
  let removed = 0
  for (;;) {
    const row = await database.main
      .selectFrom('events')
      .select('id')
      .orderBy('id')
      .offset(BATCH)
      .limit(1)
      .executeTakeFirst()
    const end = row && compareIds(row.id, limit) < 0 ? row.id : limit
    const result = await database.main.deleteFrom('events').where('id', '<', end).executeTakeFirst()
    removed += Number(result.numDeletedRows)
    if (end === limit) return removed
  }
}

async function earliest(database: Database, limit: Id): Promise<Id> {
  const positions = await database.main.selectFrom('relay_positions').select('position').execute()
  return [limit, ...positions.map(({ position }) => position)].sort(compareIds)[0] ?? limit
}
