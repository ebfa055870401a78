import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import { untilShort } from '#platform/db/until-short.ts'
import type { Following } from '#platform/events/events.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'

type Deps = Pick<PostsDeps, 'database' | 'ids'> & { likesFollower: Pick<Following, 'lock'> }

/** Of one bucket this many are put right at a time. */
const batch = 1000

export interface ReconcileReport {
  /** Likes that the liker's side did not know. */
  added: number
  /** What the liker's side had without a like, and saves of posts that are gone. */
  removed: number
}

export type ReconcileMarks = () => Promise<ReconcileReport>

/**
 * `likes` is the truth; each statement sees both sides at one moment. The liker's side follows by event: a like of this very
 * moment may be put right here, and its follower finds it done. What was seen is written before the follower looks again.
 */
export function createMarksReconcile({ database, ids, likesFollower }: Deps): ReconcileMarks {
  const aloneWithGiven = (work: (tx: Tx, bucket: number) => Promise<number>) => (bucket: number) =>
    database.transaction(async (tx) => {
      await likesFollower.lock(tx)
      return await work(tx, bucket)
    })

  const addMissing = aloneWithGiven(async (tx, bucket) => {
    const missing = await sql<{ user_id: Id; post_id: Id; created_at: Date }>`
      select l.user_id, l.post_id, l.created_at from likes l
      left join lateral (
        select g.user_id from likes_given g
        where g.bucket = ((l.user_id >> 12) & 1023)::smallint and g.user_id = l.user_id
          and g.post_id between l.post_id and l.post_id
        order by g.post_id limit 1
      ) g on true
      where l.bucket = ${bucket} and g.user_id is null
      limit ${batch}
    `.execute(tx)
    if (missing.rows.length === 0) return 0
    const values = missing.rows.map((row) => {
      const own = bucketOf(row.user_id)
      return { ...row, bucket: own, id: ids.next(own) }
    })
    await tx
      .insertInto('likes_given')
      .values(values)
      .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'post_id']).doNothing())
      .execute()
    return values.length
  })

  const removeOrphans = aloneWithGiven(async (tx, bucket) => {
    const removed = await sql`
      with orphans as materialized (
        select g.user_id, g.post_id from likes_given g
        left join lateral (
          select l.user_id from likes l
          where l.bucket = ((g.post_id >> 12) & 1023)::smallint and l.post_id = g.post_id
            and l.user_id between g.user_id and g.user_id
          order by l.user_id limit 1
        ) l on true
        where g.bucket = ${bucket} and l.user_id is null
        limit ${batch}
      )
      delete from likes_given g using orphans o
      where g.bucket = ${bucket} and g.user_id = o.user_id and g.post_id = o.post_id
      returning g.user_id
    `.execute(tx)
    return removed.rows.length
  })

  async function removeSaves(bucket: number): Promise<number> {
    const removed = await sql`
      with orphans as materialized (
        select s.user_id, s.post_id from saves s
        left join posts p on p.bucket = ((s.post_id >> 12) & 1023)::smallint and p.id = s.post_id
        where s.bucket = ${bucket} and p.id is null
        limit ${batch}
      )
      delete from saves s using orphans o
      where s.bucket = ${bucket} and s.user_id = o.user_id and s.post_id = o.post_id
      returning s.user_id
    `.execute(database.main)
    return removed.rows.length
  }

  return async () => {
    const report = { added: 0, removed: 0 }
    for await (const bucket of occupiedBuckets(database.main, 'likes'))
      report.added += await untilShort(batch, () => addMissing(bucket))
    for await (const bucket of occupiedBuckets(database.main, 'likes_given'))
      report.removed += await untilShort(batch, () => removeOrphans(bucket))
    for await (const bucket of occupiedBuckets(database.main, 'saves'))
      report.removed += await untilShort(batch, () => removeSaves(bucket))
    return report
  }
}
