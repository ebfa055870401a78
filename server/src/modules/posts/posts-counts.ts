import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostCountsTable } from './posts-tables.ts'

export type Counts = Pick<Selectable<PostCountsTable>, 'like_count' | 'comment_count' | 'share_count'>
export type CountName = keyof Counts

const columns = ['like_count', 'comment_count', 'share_count'] as const

/** A post without counts has just been taken away. */
export async function readCounts(db: Db | Tx, postId: Id): Promise<Counts> {
  const counts = await db
    .selectFrom('post_counts')
    .select(columns)
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .executeTakeFirst()
  if (!counts) throw fault('post.not_found')
  return counts
}

/** In the transaction that writes what is counted. */
export async function changeCounts(tx: Tx, postId: Id, name: CountName, by: number): Promise<Counts> {
  const counts = await tx
    .updateTable('post_counts')
    .set({ [name]: sql<number>`${sql.ref(name)} + ${by}` })
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .returning(columns)
    .executeTakeFirst()
  if (!counts) throw fault('post.not_found')
  return counts
}
