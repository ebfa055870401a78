import { sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'
import { type Id, MIN_ID } from '#platform/ids/ids.ts'

const walk = 'precompute'

/** Behind whom the next round goes on. */
export async function findPlace(db: Db): Promise<Id> {
  const row = await db
    .selectFrom('feed_walks')
    .select('after_id')
    .where('bucket', '=', 0)
    .where('walk', '=', walk)
    .executeTakeFirst()
  return row?.after_id ?? MIN_ID
}

/** False: another process has moved it meanwhile. */
export async function movePlace(db: Db, { from, to }: { from: Id; to: Id }): Promise<boolean> {
  const { rows } = await sql`
    insert into feed_walks as w (bucket, walk, after_id) values (0, ${walk}, ${to})
    on conflict (bucket, walk) do update set after_id = excluded.after_id where w.after_id = ${from}
    returning w.after_id
  `.execute(db)
  return rows.length > 0
}
