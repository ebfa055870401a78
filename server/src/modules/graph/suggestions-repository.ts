import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Pair } from './pair-rows.ts'

interface Follows {
  id: Id
  /** Ids with commas between them: a row for each of thousands would cost more than finding them. */
  followed: string | null
}

/** The newest few follows of each, whoever they are: each list is left after so many rows. */
const newestFollows = prepared<{ buckets: number[]; ids: Id[]; each: number }, Follows>(
  'suggestions_newest_follows',
  (db, p) => ({
    compile: () =>
      sql<Follows>`
        select c.user_id as id, (
          select string_agg(newest.followed_id::text, ',') from (
            select f.followed_id from following f
            where f.bucket = c.bucket and f.follower_id = c.user_id
            order by f.id desc
            limit ${p.each}
          ) newest
        ) as followed
        from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
        join user_counts c on c.bucket = wanted.bucket and c.user_id = wanted.id
      `.compile(db),
  }),
)

export async function findNewestFollows(db: Db, ids: readonly Id[], each: number): Promise<Map<Id, Id[]>> {
  const rows =
    ids.length === 0 ? [] : await newestFollows(db, { buckets: ids.map(bucketOf), ids: [...ids], each })
  return new Map(rows.map(({ id, followed }) => [id, followed?.split(',') ?? []]))
}

export async function findRefused(db: Db, userId: Id, ids: readonly Id[]): Promise<Set<Id>> {
  const rows = await db
    .selectFrom('suggestions_refused')
    .select('refused_id')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('refused_id', '=', sql<Id>`any(${ids}::bigint[])`)
    .execute()
  return new Set(rows.map((row) => row.refused_id))
}

export async function insertRefused(tx: Tx, { from, to, now }: Pair & { now: Date }): Promise<void> {
  await tx
    .insertInto('suggestions_refused')
    .values({ bucket: bucketOf(from), user_id: from, refused_id: to, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'refused_id']).doNothing())
    .execute()
}
