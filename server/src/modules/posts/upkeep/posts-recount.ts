import { sql } from 'kysely'
import type { RecountReport } from '#modules/accounts'
import type { Tx } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'

type Deps = Pick<PostsDeps, 'database' | 'accounts'>

/** Small, as the counters of a batch are locked while their rows are counted. */
const batch = 100

export interface PostsRecount {
  /** Likes, comments and shares of each post; replies of each comment. */
  postCounts(): Promise<RecountReport>
  hashtags(): Promise<RecountReport>
  /** How many posts each account has. */
  accounts(): Promise<RecountReport>
}

interface Batch<Key> {
  keys: Key[]
  repaired: number
}

/**
 * Proves counters against the rows that they count. Whoever writes a row changes its counter in the same
 * transaction, so with the counter locked the rows stand still.
 */
export function createPostsRecount({ database, accounts }: Deps): PostsRecount {
  async function everywhere<Key extends string>(
    table: 'post_counts' | 'hashtags',
    work: (tx: Tx, bucket: number, after: Key | null) => Promise<Batch<Key>>,
  ): Promise<RecountReport> {
    const report = { checked: 0, repaired: 0 }
    for await (const bucket of occupiedBuckets(database.main, table)) {
      let after: Key | null = null
      for (;;) {
        const from: Key | null = after
        const { keys, repaired }: Batch<Key> = await database.transaction((tx) => work(tx, bucket, from))
        report.checked += keys.length
        report.repaired += repaired
        if (keys.length < batch) break
        after = keys.at(-1)!
      }
    }
    return report
  }

  return {
    async postCounts() {
      const posts = await everywhere<Id>('post_counts', recountPosts)
      const replies = await everywhere<Id>('post_counts', recountReplies)
      return { checked: posts.checked, repaired: posts.repaired + replies.repaired }
    },
    hashtags: () => everywhere<string>('hashtags', recountHashtags),
    accounts: () => accounts.recount('posts', countPostsOf),
  }
}

async function recountPosts(tx: Tx, bucket: number, after: Id | null) {
  const locked = await sql<{ post_id: Id }>`
    select post_id from post_counts where bucket = ${bucket} and post_id > ${after ?? '0'}
    order by post_id limit ${batch} for update
  `.execute(tx)
  const keys = locked.rows.map((row) => row.post_id)
  if (keys.length === 0) return { keys, repaired: 0 }
  const [lo, hi] = [keys[0]!, keys.at(-1)!]
  const counted = (table: 'likes' | 'comments' | 'shares') => sql`
    (select count(*)::int from ${sql.table(table)} r
     where r.bucket = c.bucket and r.post_id = c.post_id and r.post_id between ${lo} and ${hi})`
  const repaired = await sql`
    with truth as materialized (
      select c.bucket, c.post_id, ${counted('likes')} as likes, ${counted('comments')} as comments,
        ${counted('shares')} as shares
      from post_counts c where c.bucket = ${bucket} and c.post_id between ${lo} and ${hi}
    )
    update post_counts c set like_count = t.likes, comment_count = t.comments, share_count = t.shares
    from truth t
    where c.bucket = t.bucket and c.post_id = t.post_id and c.bucket = ${bucket}
      and c.post_id between ${lo} and ${hi}
      and (c.like_count, c.comment_count, c.share_count) is distinct from (t.likes, t.comments, t.shares)
    returning c.post_id
  `.execute(tx)
  return { keys, repaired: repaired.rows.length }
}

/**
 * In transactions of their own: whoever answers a comment locks that comment first and the post's counters
 * after, so here no counters are held while comments are waited for. What looks wrong is counted once more
 * under its lock.
 */
async function recountReplies(tx: Tx, bucket: number, after: Id | null) {
  const posts = await sql<{ post_id: Id }>`
    select post_id from post_counts where bucket = ${bucket} and post_id > ${after ?? '0'}
    order by post_id limit ${batch}
  `.execute(tx)
  const keys = posts.rows.map((row) => row.post_id)
  if (keys.length === 0) return { keys, repaired: 0 }
  const [lo, hi] = [keys[0]!, keys.at(-1)!]
  const suspects = await sql<{ id: Id }>`
    with truth as materialized (
      select post_id, parent_id, count(*)::int as replies from comments
      where bucket = ${bucket} and post_id between ${lo} and ${hi} and parent_id is not null
      group by post_id, parent_id
    )
    select c.id from comments c left join truth t on t.post_id = c.post_id and t.parent_id = c.id
    where c.bucket = ${bucket} and c.post_id between ${lo} and ${hi} and c.parent_id is null
      and c.reply_count <> coalesce(t.replies, 0)
  `.execute(tx)
  const ids = suspects.rows.map((row) => row.id)
  if (ids.length === 0) return { keys, repaired: 0 }
  await sql`
    select id from comments where bucket = ${bucket} and post_id between ${lo} and ${hi}
      and id = any(${ids}::bigint[])
    order by post_id, id for update
  `.execute(tx)
  const repaired = await sql`
    with truth as materialized (
      select parent_id, count(*)::int as replies from comments
      where bucket = ${bucket} and post_id between ${lo} and ${hi} and parent_id = any(${ids}::bigint[])
      group by parent_id
    ), wrong as materialized (
      select c.id, coalesce(t.replies, 0) as replies from comments c left join truth t on t.parent_id = c.id
      where c.bucket = ${bucket} and c.post_id between ${lo} and ${hi} and c.id = any(${ids}::bigint[])
        and c.reply_count <> coalesce(t.replies, 0)
    )
    update comments c set reply_count = w.replies from wrong w
    where c.bucket = ${bucket} and c.post_id between ${lo} and ${hi} and c.id = w.id
    returning c.id
  `.execute(tx)
  return { keys, repaired: repaired.rows.length }
}

async function recountHashtags(tx: Tx, bucket: number, after: string | null) {
  const locked = await sql<{ tag: string }>`
    select tag from hashtags where bucket = ${bucket} and tag > ${after ?? ''}
    order by tag limit ${batch} for update
  `.execute(tx)
  const keys = locked.rows.map((row) => row.tag)
  const repaired = await sql`
    with truth as materialized (
      select t.tag, (select count(*)::int from hashtag_posts h where h.bucket = t.bucket and h.tag = t.tag) as posts
      from hashtags t where t.bucket = ${bucket} and t.tag = any(${keys}::text[])
    )
    update hashtags h set post_count = t.posts from truth t
    where h.bucket = ${bucket} and h.tag = t.tag and h.post_count <> t.posts
    returning h.tag
  `.execute(tx)
  return { keys, repaired: repaired.rows.length }
}

async function countPostsOf(tx: Tx, bucket: number, ids: Id[]): Promise<Map<Id, number>> {
  const counted = await sql<{ author_id: Id; posts: number }>`
    select author_id, count(*)::int as posts from posts
    where bucket = ${bucket} and author_id = any(${ids}::bigint[]) and status = 'ready' and deleted_at is null
    group by author_id
  `.execute(tx)
  return new Map(counted.rows.map((row) => [row.author_id, row.posts]))
}
