import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { MessagePlace, MessageRow } from './messages-tables.ts'

// Single messages that somebody deleted for themselves.

/** Of a message `m`: its reader has not deleted it for themselves. */
export function notCleared(reader: Id): RawBuilder<boolean> {
  return sql<boolean>`not exists (
    select from cleared_messages c
    where c.bucket = m.bucket and c.conversation_id = m.conversation_id and c.user_id = ${reader}
      and c.sequence = m.sequence
  )`
}

type At = Pick<MessageRow, 'bucket' | 'conversation_id' | 'sequence'>

/** False: it was deleted before. */
export async function insertCleared(
  tx: Tx,
  userId: Id,
  { bucket, conversation_id, sequence }: At,
  version: number,
): Promise<boolean> {
  const made = await tx
    .insertInto('cleared_messages')
    .values({ bucket, conversation_id, user_id: userId, sequence, version })
    .onConflict((conflict) => conflict.doNothing())
    .returning('sequence')
    .executeTakeFirst()
  return made !== undefined
}

/** What all of it is deleted by, or who is gone, needs no single ones. */
export async function deleteCleared(tx: Tx, conversationId: Id, userId?: Id): Promise<void> {
  await tx
    .deleteFrom('cleared_messages')
    .where('bucket', '=', bucketOf(conversationId))
    .where('conversation_id', '=', conversationId)
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId!))
    .execute()
}

/** Their numbers: those deleted since the conversation had this version, also in it. */
export async function listClearedSince(
  db: Db,
  conversationId: Id,
  userId: Id,
  since: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('cleared_messages')
    .select('sequence')
    .where('bucket', '=', bucketOf(conversationId))
    .where('conversation_id', '=', conversationId)
    .where('user_id', '=', userId)
    .where('version', '>=', since)
    .orderBy('sequence')
    .execute()
  return rows.map(({ sequence }) => sequence)
}

const clearedAt = prepared<
  { reader: Id; buckets: number[]; ids: Id[]; sequences: number[] },
  { conversation_id: Id; sequence: number }
>('messages_cleared_at', (db, p) => ({
  compile: () =>
    sql<{ conversation_id: Id; sequence: number }>`
      select c.conversation_id, c.sequence
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[], ${p.sequences}::integer[]) as w(bucket, id, sequence)
      join cleared_messages c on c.bucket = w.bucket and c.conversation_id = w.id and c.user_id = ${p.reader}
        and c.sequence = w.sequence
    `.compile(db),
}))

/** Which of these their reader has deleted. */
export async function findClearedAt(
  db: Db | Tx,
  reader: Id,
  places: readonly MessagePlace[],
): Promise<MessagePlace[]> {
  if (places.length === 0) return []
  const rows = await clearedAt(db, {
    reader,
    buckets: places.map(({ conversationId }) => bucketOf(conversationId)),
    ids: places.map(({ conversationId }) => conversationId),
    sequences: places.map(({ sequence }) => sequence),
  })
  return rows.map((row) => ({ conversationId: row.conversation_id, sequence: row.sequence }))
}

export async function isCleared(
  db: Db | Tx,
  reader: Id,
  { conversation_id: conversationId, sequence }: At,
): Promise<boolean> {
  return (await findClearedAt(db, reader, [{ conversationId, sequence }])).length > 0
}
