import { sql } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import { occupiedBuckets } from '#platform/db/occupied-buckets.ts'
import { untilShort } from '#platform/db/until-short.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'

export interface OutboxReport {
  added: number
  removed: number
}

export type ReconcileOutboxes = () => Promise<OutboxReport>

const batch = 1000

interface Deps {
  database: Database
  events: Pick<Events, 'emit'>
}

/**
 * Posts are the truth: feed is a declared read model and may look at them. Both change in one transaction,
 * so one statement sees them at one moment.
 */
export function createOutboxReconcile({ database, events }: Deps): ReconcileOutboxes {
  /** Whoever has these authors in memory reads them anew. */
  async function tell(tx: Tx, bucket: number, rows: readonly { author_id: Id }[]): Promise<number> {
    const [authorId, ...others] = new Set(rows.map((row) => row.author_id))
    if (authorId !== undefined)
      await events.emit(tx, 'feed.outboxes_mended', {
        bucket,
        subjectId: authorId,
        data: { authorIds: [authorId, ...others] },
      })
    return rows.length
  }

  const addMissing = (bucket: number) =>
    database.transaction(async (tx) => {
      const added = await sql<{ author_id: Id }>`
        insert into outboxes (bucket, author_id, feed_id, post_id)
        select p.bucket, p.author_id, p.feed_id, p.id from posts p
        left join outboxes o on o.bucket = p.bucket and o.author_id = p.author_id and o.feed_id = p.feed_id
        where p.bucket = ${bucket} and p.status = 'ready' and p.deleted_at is null
          and p.feed_id is not null and o.feed_id is null
        limit ${batch}
        on conflict (bucket, author_id, feed_id) do nothing
        returning author_id
      `.execute(tx)
      return tell(tx, bucket, added.rows)
    })

  const removeStale = (bucket: number) =>
    database.transaction(async (tx) => {
      const removed = await sql<{ author_id: Id }>`
        with stale as materialized (
          select o.author_id, o.feed_id from outboxes o
          left join posts p on p.bucket = o.bucket and p.id = o.post_id and p.feed_id = o.feed_id
            and p.status = 'ready' and p.deleted_at is null
          where o.bucket = ${bucket} and p.id is null
          limit ${batch}
        )
        delete from outboxes o using stale s
        where o.bucket = ${bucket} and o.author_id = s.author_id and o.feed_id = s.feed_id
        returning o.author_id
      `.execute(tx)
      return tell(tx, bucket, removed.rows)
    })

  return async () => {
    const report = { added: 0, removed: 0 }
    for await (const bucket of occupiedBuckets(database.main, 'posts'))
      report.added += await untilShort(batch, () => addMissing(bucket))
    for await (const bucket of occupiedBuckets(database.main, 'outboxes'))
      report.removed += await untilShort(batch, () => removeStale(bucket))
    return report
  }
}
