// Likes that are written one by one, for comparison: a row, and one more on the post's counter, on the disk when it resolves.
import type pg from 'pg'
import { bucketOf, type Id, idAt } from '../server/src/platform/ids/ids.ts'

export type PlainForm = 'transaction' | 'statement'

/** Gives how many like it then. */
export type PlainLike = (postId: Id, userId: Id) => Promise<number>

/** Ids of likes, each in a millisecond of its own of the past. */
let lastLike = Date.now() - 60_000

export function createPlainLikes(pool: pg.Pool): Record<PlainForm, PlainLike> {
  const valuesOf = (postId: Id, userId: Id) => {
    const bucket = bucketOf(postId)
    return [bucket, postId, userId, idAt(++lastLike, bucket, 123, 0)]
  }
  return {
    /** As it is written everywhere: the row, then the counter, in a transaction of their own. */
    async transaction(postId, userId) {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const { rowCount } = await client.query({
          name: 'plain_like_row',
          text: `insert into likes (bucket, post_id, user_id, id, created_at) values ($1, $2, $3, $4, now())
                 on conflict (bucket, post_id, user_id) do nothing`,
          values: valuesOf(postId, userId),
        })
        const { rows } = await client.query<{ count: number }>({
          name: 'plain_like_count',
          text: `update post_counts set like_count = like_count + $3
                 where bucket = $1 and post_id = $2 returning like_count as count`,
          values: [bucketOf(postId), postId, rowCount],
        })
        await client.query('commit')
        return rows[0]?.count ?? 0
      } finally {
        client.release()
      }
    },

    /** The tightest there is: both in one statement, committed by itself in one round trip. */
    async statement(postId, userId) {
      const { rows } = await pool.query<{ count: number }>({
        name: 'plain_like',
        text: `with liked as (
                 insert into likes (bucket, post_id, user_id, id, created_at) values ($1, $2, $3, $4, now())
                 on conflict (bucket, post_id, user_id) do nothing returning 1)
               update post_counts set like_count = like_count + (select count(*) from liked)
               where bucket = $1 and post_id = $2 returning like_count as count`,
        values: valuesOf(postId, userId),
      })
      return rows[0]?.count ?? 0
    },
  }
}
