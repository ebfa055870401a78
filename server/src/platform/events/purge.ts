import type { Database } from '#platform/db/db.ts'
import { compareIds, type Id, minIdAt } from '#platform/ids/ids.ts'

const BATCH = 5000

/** Begins the name of a follower's lease, beside the relay's. */
export const FOLLOWER_PREFIX = 'follow.'

/** Forgets events of before this moment, bit by bit; never one that the relay or a follower has not come to. */
export async function purgeEvents(database: Database, before: number): Promise<number> {
  await forgetLostFollowers(database, before)
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

/**
 * One that no version of the program runs any more would keep all events for ever. Those that are still run hold their
 * leases before the first job of their process begins, however long it was away.
 */
async function forgetLostFollowers(database: Database, before: number): Promise<void> {
  await database.main
    .deleteFrom('relay_positions')
    .where('bucket', '=', 0)
    .where('name', 'like', `${FOLLOWER_PREFIX}%`)
    .where('lease_until', '<', new Date(before))
    .execute()
}

async function earliest(database: Database, limit: Id): Promise<Id> {
  const positions = await database.main.selectFrom('relay_positions').select('position').execute()
  return [limit, ...positions.map(({ position }) => position)].sort(compareIds)[0] ?? limit
}
