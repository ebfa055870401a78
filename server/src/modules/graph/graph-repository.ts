import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

export async function findFollowersAmong(db: Db, followedId: Id, ids: readonly Id[]): Promise<Id[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('followers')
    .select('follower_id')
    .where('bucket', '=', bucketOf(followedId))
    .where('followed_id', '=', followedId)
    .where('follower_id', '=', sql<Id>`any(${ids}::bigint[])`)
    .execute()
  return rows.map((row) => row.follower_id)
}

/** True counts of the rows that `user_counts` counts. */
export async function countFollowRows(
  tx: Tx,
  kind: 'followers' | 'following',
  bucket: number,
  ids: Id[],
): Promise<Map<Id, number>> {
  const owner = sql.ref(kind === 'followers' ? 'followed_id' : 'follower_id')
  const found = await sql<{ id: Id; count: string }>`
    select ${owner} as id, count(*) as count from ${sql.table(kind)}
    where bucket = ${bucket} and ${owner} = any(${ids}::bigint[])
    group by ${owner}
  `.execute(tx)
  return new Map(found.rows.map((row) => [row.id, Number(row.count)]))
}
