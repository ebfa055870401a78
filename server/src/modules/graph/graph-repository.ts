import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

/** Both sides of a follow, a request or a block. */
export interface Pair {
  from: Id
  to: Id
}

/** Ids give lists their order: one drawn in each side's bucket. */
export interface NewFollow extends Pair {
  fromId: Id
  toId: Id
  now: Date
}

/** False when it stood already. */
export async function insertFollow(tx: Tx, { from, to, fromId, toId, now }: NewFollow): Promise<boolean> {
  const inserted = await tx
    .insertInto('following')
    .values({ bucket: bucketOf(from), follower_id: from, followed_id: to, id: fromId, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'follower_id', 'followed_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  await tx
    .insertInto('followers')
    .values({ bucket: bucketOf(to), followed_id: to, follower_id: from, id: toId, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'followed_id', 'follower_id']).doNothing())
    .execute()
  return inserted !== undefined
}

/** False when there was none. */
export async function deleteFollow(tx: Tx, { from, to }: Pair): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('following')
    .where('bucket', '=', bucketOf(from))
    .where('follower_id', '=', from)
    .where('followed_id', '=', to)
    .returning('id')
    .executeTakeFirst()
  await tx
    .deleteFrom('followers')
    .where('bucket', '=', bucketOf(to))
    .where('followed_id', '=', to)
    .where('follower_id', '=', from)
    .execute()
  return deleted !== undefined
}

export async function insertRequest(
  tx: Tx,
  { from, to, id, now }: Pair & { id: Id; now: Date },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('follow_requests_sent')
    .values({ bucket: bucketOf(from), follower_id: from, followed_id: to, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'follower_id', 'followed_id']).doNothing())
    .returning('bucket')
    .executeTakeFirst()
  await tx
    .insertInto('follow_requests')
    .values({ bucket: bucketOf(to), followed_id: to, follower_id: from, id, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'followed_id', 'follower_id']).doNothing())
    .execute()
  return inserted !== undefined
}

export async function deleteRequest(tx: Tx, { from, to }: Pair): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('follow_requests_sent')
    .where('bucket', '=', bucketOf(from))
    .where('follower_id', '=', from)
    .where('followed_id', '=', to)
    .returning('bucket')
    .executeTakeFirst()
  await tx
    .deleteFrom('follow_requests')
    .where('bucket', '=', bucketOf(to))
    .where('followed_id', '=', to)
    .where('follower_id', '=', from)
    .execute()
  return deleted !== undefined
}

export async function insertBlock(
  tx: Tx,
  { from, to, id, now }: Pair & { id: Id; now: Date },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('blocks')
    .values({ bucket: bucketOf(from), blocker_id: from, blocked_id: to, id, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'blocker_id', 'blocked_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  await tx
    .insertInto('blocked_by')
    .values({ bucket: bucketOf(to), blocked_id: to, blocker_id: from, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'blocked_id', 'blocker_id']).doNothing())
    .execute()
  return inserted !== undefined
}

export async function deleteBlock(tx: Tx, { from, to }: Pair): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('blocks')
    .where('bucket', '=', bucketOf(from))
    .where('blocker_id', '=', from)
    .where('blocked_id', '=', to)
    .returning('id')
    .executeTakeFirst()
  await tx
    .deleteFrom('blocked_by')
    .where('bucket', '=', bucketOf(to))
    .where('blocked_id', '=', to)
    .where('blocker_id', '=', from)
    .execute()
  return deleted !== undefined
}

export async function countRequests(db: Db | Tx, followedId: Id): Promise<number> {
  const found = await db
    .selectFrom('follow_requests')
    .select((of) => of.fn.countAll<string>().as('count'))
    .where('bucket', '=', bucketOf(followedId))
    .where('followed_id', '=', followedId)
    .executeTakeFirstOrThrow()
  return Number(found.count)
}

export async function countRequestsSent(db: Db | Tx, followerId: Id): Promise<number> {
  const found = await db
    .selectFrom('follow_requests_sent')
    .select((of) => of.fn.countAll<string>().as('count'))
    .where('bucket', '=', bucketOf(followerId))
    .where('follower_id', '=', followerId)
    .executeTakeFirstOrThrow()
  return Number(found.count)
}

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
