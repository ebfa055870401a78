import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'

export interface OutboxReport {
  added: number
  removed: number
}

export type ReconcileOutboxes = () => Promise<OutboxReport>

const batch = 1000

/**
 * Posts are the truth: feed is a declared read model and may look at them. Both change in one transaction,
 * so one statement sees them at one moment.
 */
export function createOutboxReconcile({ database }: { database: Database }): ReconcileOutboxes {
  async function addMissing(bucket: number): Promise<number> {
    const added = await sql`
      insert into outboxes (bucket, author_id, feed_id, post_id)
      select p.bucket, p.author_id, p.feed_id, p.id from posts p
      left join outboxes o on o.bucket = p.bucket and o.author_id = p.author_id and o.feed_id = p.feed_id
      where p.bucket = ${bucket} and p.status = 'ready' and p.deleted_at is null
        and p.feed_id is not null and o.feed_id is null
      limit ${batch}
      on conflict (bucket, author_id, feed_id) do nothing
      returning post_id
    `.execute(database.main)
    return added.rows.length
  }

  async function removeStale(bucket: number): Promise<number> {
    const removed = await sql`
      with stale as materialized (
        select o.author_id, o.feed_id from outboxes o
        left join posts p on p.bucket = o.bucket and p.id = o.post_id and p.feed_id = o.feed_id
          and p.status = 'ready' and p.deleted_at is null
        where o.bucket = ${bucket} and p.id is null
        limit ${batch}
      )
      delete from outboxes o using stale s
      where o.bucket = ${bucket} and o.author_id = s.author_id and o.feed_id = s.feed_id
      returning o.post_id
    `.execute(database.main)
    return removed.rows.length
  }

  async function untilNone(work: () => Promise<number>): Promise<number> {
    let total = 0
    for (;;) {
      const done = await work()
      total += done
      if (done < batch) return total
    }
  }

  return async () => {
    const report = { added: 0, removed: 0 }
    for await (const bucket of occupiedBuckets(database.main, 'posts'))
      report.added += await untilNone(() => addMissing(bucket))
    for await (const bucket of occupiedBuckets(database.main, 'outboxes'))
      report.removed += await untilNone(() => removeStale(bucket))
    return report
  }
}
