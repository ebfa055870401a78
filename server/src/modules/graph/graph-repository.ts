import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
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

const restrictersAmong = prepared<{ buckets: number[]; ids: Id[]; restricted: Id }, { id: Id }>(
  'restricters_among',
  (db, p) => ({
    compile: () =>
      sql<{ id: Id }>`
        select r.restricter_id as id
        from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
        join restricts r on r.bucket = wanted.bucket and r.restricter_id = wanted.id
          and r.restricted_id = ${p.restricted}
      `.compile(db),
  }),
)

export async function findRestrictersAmong(db: Db, id: Id, ids: readonly Id[]): Promise<Set<Id>> {
  if (ids.length === 0) return new Set()
  const rows = await restrictersAmong(db, { buckets: ids.map(bucketOf), ids: [...ids], restricted: id })
  return new Set(rows.map((row) => row.id))
}
