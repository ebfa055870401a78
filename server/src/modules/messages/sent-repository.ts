import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { ConversationRow, MessageRow } from './messages-tables.ts'

/** Of one sender in one conversation an id of their app's is one message. */
export interface Sending {
  conversationId: Id
  senderId: Id
  clientId: string
}

export const sendingKey = (of: Sending) => `${of.conversationId} ${of.senderId} ${of.clientId}`

interface Sendings {
  buckets: number[]
  conversations: Id[]
  senders: Id[]
  clients: string[]
}

const sentBefore = prepared<Sendings, MessageRow>('messages_sent_before', (db, p) => ({
  compile: () =>
    sql<MessageRow>`
      select m.*
      from unnest(
        ${p.buckets}::smallint[], ${p.conversations}::bigint[], ${p.senders}::bigint[], ${p.clients}::text[]
      ) as w(bucket, conversation_id, sender_id, client_id)
      join messages m on m.bucket = w.bucket and m.conversation_id = w.conversation_id
        and m.sender_id = w.sender_id and m.client_id = w.client_id
    `.compile(db),
}))

export async function findSent(tx: Tx, writes: readonly Sending[]): Promise<Map<string, MessageRow>> {
  const rows = await sentBefore(tx, {
    buckets: writes.map(({ conversationId }) => bucketOf(conversationId)),
    conversations: writes.map(({ conversationId }) => conversationId),
    senders: writes.map(({ senderId }) => senderId),
    clients: writes.map(({ clientId }) => clientId),
  })
  return new Map(
    rows.map((row) => [
      sendingKey({ conversationId: row.conversation_id, senderId: row.sender_id, clientId: row.client_id }),
      row,
    ]),
  )
}

interface Rows extends Sendings {
  sequences: number[]
  ids: Id[]
  digests: string[]
  texts: string[]
  attachments: string[]
  replies: (number | null)[]
  times: Date[]
}

const inserted = prepared<Rows, { id: Id }>('messages_insert', (db, p) => ({
  compile: () =>
    sql<{ id: Id }>`
      insert into messages (
        bucket, conversation_id, sequence, version, id, sender_id, client_id, digest, text, attachments, reply_to,
        created_at
      )
      select bucket, conversation_id, sequence, sequence, id, sender_id, client_id, digest, text,
        attachments::jsonb, reply_to, created_at
      from unnest(
        ${p.buckets}::smallint[], ${p.conversations}::bigint[], ${p.sequences}::integer[], ${p.ids}::bigint[],
        ${p.senders}::bigint[], ${p.clients}::text[], ${p.digests}::text[], ${p.texts}::text[],
        ${p.attachments}::text[], ${p.replies}::integer[], ${p.times}::timestamptz[]
      ) as w(
        bucket, conversation_id, sequence, id, sender_id, client_id, digest, text, attachments, reply_to, created_at
      )
    `.compile(db),
}))

export async function insertMessages(tx: Tx, rows: readonly MessageRow[]): Promise<void> {
  await inserted(tx, {
    buckets: rows.map((row) => row.bucket),
    conversations: rows.map((row) => row.conversation_id),
    sequences: rows.map((row) => row.sequence),
    ids: rows.map((row) => row.id),
    senders: rows.map((row) => row.sender_id),
    clients: rows.map((row) => row.client_id),
    digests: rows.map((row) => row.digest),
    texts: rows.map((row) => row.text),
    attachments: rows.map((row) => JSON.stringify(row.attachments)),
    replies: rows.map((row) => row.reply_to),
    times: rows.map((row) => row.created_at),
  })
}

const countersSaved = prepared<{ buckets: number[]; ids: Id[]; counters: number[] }, { id: Id }>(
  'conversations_count',
  (db, p) => ({
    compile: () =>
      sql<{ id: Id }>`
        update conversations c set counter = w.counter
        from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[], ${p.counters}::integer[]) as w(bucket, id, counter)
        where c.bucket = w.bucket and c.id = w.id
      `.compile(db),
  }),
)

export async function saveCounters(tx: Tx, conversations: readonly ConversationRow[]): Promise<void> {
  await countersSaved(tx, {
    buckets: conversations.map(({ bucket }) => bucket),
    ids: conversations.map(({ id }) => id),
    counters: conversations.map(({ counter }) => counter),
  })
}
