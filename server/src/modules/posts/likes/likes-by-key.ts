import { type RawBuilder, sql } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

/**
 * The like of a post and person, by their key: for a lateral join with `w (bucket, post_id, user_id)`. Without an order PostgreSQL
 * takes the index by time as gladly, since it believes that a bucket and a post have one like between them, and reads all likes of
 * a post for one that has gone.
 */
export function likeByKey({ lo, hi }: { lo: Id; hi: Id }): RawBuilder<unknown> {
  return sql`
    select l.post_id, l.user_id, l.id, l.created_at from likes l
    where l.bucket = w.bucket and l.post_id = w.post_id and l.post_id between ${lo}::bigint and ${hi}::bigint
      and l.user_id between w.user_id and w.user_id
    order by l.user_id limit 1
  `
}
