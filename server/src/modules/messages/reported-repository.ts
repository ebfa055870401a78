import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { ReportedCopy, ReportedMessageRow } from './messages-tables.ts'

export async function isReported(tx: Tx, messageId: Id): Promise<boolean> {
  const row = await tx
    .selectFrom('reported_messages')
    .select('message_id')
    .where('bucket', '=', bucketOf(messageId))
    .where('message_id', '=', messageId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Of one reporter the newest. */
export async function saveCopy(
  tx: Tx,
  row: { messageId: Id; reporterId: Id; senderId: Id; copy: ReportedCopy; now: Date },
): Promise<void> {
  const fresh = { copy: JSON.stringify(row.copy), reported_at: row.now }
  await tx
    .insertInto('reported_messages')
    .values({
      bucket: bucketOf(row.messageId),
      message_id: row.messageId,
      reporter_id: row.reporterId,
      sender_id: row.senderId,
      ...fresh,
    })
    .onConflict((conflict) => conflict.columns(['bucket', 'message_id', 'reporter_id']).doUpdateSet(fresh))
    .execute()
}

const copiesOf = prepared<{ buckets: number[]; ids: Id[] }, ReportedMessageRow>(
  'reported_copies',
  (db, p) => ({
    compile: () =>
      sql<ReportedMessageRow>`
      select r.* from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join reported_messages r on r.bucket = wanted.bucket and r.message_id = wanted.id
      order by r.reported_at
    `.compile(db),
  }),
)

/** Of each message what was reported last. */
export async function findCopies(db: Db | Tx, ids: readonly Id[]): Promise<Map<Id, ReportedMessageRow>> {
  if (ids.length === 0) return new Map()
  const rows = await copiesOf(db, { buckets: ids.map(bucketOf), ids: [...ids] })
  return new Map(rows.map((row) => [row.message_id, row]))
}

/** Older than this, a few at a time; which they were. */
export async function deleteCopies(tx: Tx, before: Date, limit: number): Promise<ReportedMessageRow[]> {
  const { rows } = await sql<ReportedMessageRow>`
    delete from reported_messages
    where (bucket, message_id, reporter_id) in (
      select bucket, message_id, reporter_id from reported_messages
      where reported_at < ${before} order by reported_at limit ${limit}
    )
    returning *
  `.execute(tx)
  return rows
}
