import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'

const batch = 1000

type Deps = Pick<PostsDeps, 'database'>

export type PurgePost = (postId: Id) => Promise<void>

/**
 * Takes a deleted post's rows away, in small transactions that hold nobody up. Begun again it goes on where
 * it was: the post's own row goes last.
 */
export function createPostPurge({ database }: Deps): PurgePost {
  async function inBatches(work: (tx: Tx) => Promise<number>): Promise<void> {
    while ((await database.transaction(work)) === batch);
  }

  return async (postId) => {
    const at = { bucket: bucketOf(postId), postId }
    const post = await database.main
      .selectFrom('posts')
      .select('deleted_at')
      .where('bucket', '=', at.bucket)
      .where('id', '=', postId)
      .executeTakeFirst()
    if (!post?.deleted_at) return
    for (const remove of removals) await inBatches((tx) => remove(tx, at))
    await database.transaction((tx) => removePost(tx, at))
  }
}

interface At {
  bucket: number
  postId: Id
}

/** Both sides of a like go together. */
async function removeLikes(tx: Tx, { bucket, postId }: At): Promise<number> {
  const removed = await sql<{ user_id: Id }>`
    delete from likes where bucket = ${bucket} and post_id = ${postId} and user_id = any(array(
      select user_id from likes where bucket = ${bucket} and post_id = ${postId} limit ${batch}
    )) returning user_id
  `.execute(tx)
  const userIds = removed.rows.map((row) => row.user_id)
  await sql`
    delete from likes_given g
    using unnest(${userIds.map(bucketOf)}::smallint[], ${userIds}::bigint[]) as gone(bucket, user_id)
    where g.bucket = gone.bucket and g.user_id = gone.user_id and g.post_id = ${postId}
  `.execute(tx)
  return userIds.length
}

async function removeSaves(tx: Tx, { postId }: At): Promise<number> {
  const removed = await sql<{ user_id: Id }>`
    with gone as (select bucket, user_id from saves where post_id = ${postId} limit ${batch})
    delete from saves s using gone
    where s.bucket = gone.bucket and s.user_id = gone.user_id and s.post_id = ${postId}
    returning s.user_id
  `.execute(tx)
  return removed.rows.length
}

/** A table whose rows of one post differ by `key`. */
function removalFrom(table: 'comments' | 'shares' | 'post_revisions', keyName: string) {
  const rows = sql.table(table)
  const key = sql.ref(keyName)
  return async (tx: Tx, { bucket, postId }: At): Promise<number> => {
    const removed = await sql`
      delete from ${rows} where bucket = ${bucket} and post_id = ${postId} and ${key} = any(array(
        select ${key} from ${rows} where bucket = ${bucket} and post_id = ${postId} limit ${batch}
      )) returning ${key}
    `.execute(tx)
    return removed.rows.length
  }
}

const removals = [
  removeLikes,
  removeSaves,
  removalFrom('comments', 'id'),
  removalFrom('shares', 'user_id'),
  removalFrom('post_revisions', 'id'),
]

/**
 * Whoever likes or comments changes the counts in the same transaction: once they are gone, those who were
 * under way have committed and nobody can begin, so the second look finds the last rows.
 */
async function removePost(tx: Tx, at: At): Promise<void> {
  const { bucket, postId } = at
  await tx.deleteFrom('post_counts').where('bucket', '=', bucket).where('post_id', '=', postId).execute()
  for (const remove of removals) while ((await remove(tx, at)) === batch);
  await tx.deleteFrom('post_media').where('bucket', '=', bucket).where('post_id', '=', postId).execute()
  await tx.deleteFrom('posts').where('bucket', '=', bucket).where('id', '=', postId).execute()
}
