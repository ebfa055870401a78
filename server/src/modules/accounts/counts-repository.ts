import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import type { UserCountsTable } from './accounts-tables.ts'
import type { CountChange, CountKind } from './accounts-types.ts'

export type CountsRow = Selectable<UserCountsTable>

const columns = {
  followers: 'follower_count',
  following: 'following_count',
  posts: 'post_count',
} as const satisfies Record<CountKind, keyof UserCountsTable>

export async function findCounts(db: Db | Tx, id: Id): Promise<CountsRow | undefined> {
  return (await countsOfUser(db, { bucket: bucketOf(id), id }))[0]
}

const countsOfUser = prepared('user_counts_of', (db, p: { bucket: number; id: Id }) =>
  db.selectFrom('user_counts').selectAll().where('bucket', '=', p.bucket).where('user_id', '=', p.id),
)

/** In the order of ids, one pinned bucket a statement. */
export async function lockCounts(tx: Tx, ids: readonly Id[]): Promise<Map<Id, CountsRow>> {
  const locked = new Map<Id, CountsRow>()
  for (const id of [...new Set(ids)].sort(compareIds)) {
    const row = await tx
      .selectFrom('user_counts')
      .selectAll()
      .where('bucket', '=', bucketOf(id))
      .where('user_id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (row) locked.set(id, row)
  }
  return locked
}

export async function addCounts(tx: Tx, id: Id, change: CountChange): Promise<void> {
  const { followers = 0, following = 0, posts = 0 } = change
  await tx
    .updateTable('user_counts')
    .set((to) => ({
      follower_count: to('follower_count', '+', followers),
      following_count: to('following_count', '+', following),
      post_count: to('post_count', '+', posts),
    }))
    .where('bucket', '=', bucketOf(id))
    .where('user_id', '=', id)
    .execute()
}

export async function setCount(tx: Tx, id: Id, kind: CountKind, count: number): Promise<void> {
  await tx
    .updateTable('user_counts')
    .set({ [columns[kind]]: count })
    .where('bucket', '=', bucketOf(id))
    .where('user_id', '=', id)
    .execute()
}

export function countOf(row: CountsRow, kind: CountKind): number {
  return row[columns[kind]]
}

export interface CountsPosition {
  bucket: number
  userId: Id
}

/** All accounts in the order of the primary key. */
export async function listCounted(
  db: Db,
  after: CountsPosition | null,
  limit: number,
): Promise<CountsPosition[]> {
  const rows = await db
    .selectFrom('user_counts')
    .select(['bucket', 'user_id'])
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(bucket, user_id) > (${after?.bucket}::smallint, ${after?.userId}::bigint)`),
    )
    .orderBy('bucket')
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ bucket: row.bucket, userId: row.user_id }))
}
