import type { Selectable } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsTable } from '../posts-tables.ts'

export type LockedPost = Selectable<PostsTable>

/**
 * The post, locked until the transaction ends; undefined when it is gone. Locks are taken in one order
 * everywhere: the author's counters, the post, its media, hashtags.
 */
export async function lockPost(tx: Tx, postId: Id): Promise<LockedPost | undefined> {
  return await tx
    .selectFrom('posts')
    .selectAll()
    .where('bucket', '=', bucketOf(postId))
    .where('id', '=', postId)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

export async function mediaIdsOf(db: Db | Tx, postId: Id): Promise<Id[]> {
  const rows = await db
    .selectFrom('post_media')
    .select('id')
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .orderBy('position')
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}
