import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { isCleared, notCleared } from './cleared-repository.ts'
import { type Named, named } from './conversations-repository.ts'
import type { MemberRow, MessagePlace, MessageReactionsTable, MessageRow } from './messages-tables.ts'

const columns = sql.raw(
  'm.bucket, m.conversation_id, m.sequence, m.version, m.id, m.sender_id, m.client_id, m.digest, m.text, m.attachments, m.notice, m.reply_to, m.created_at, m.edited_at, m.unsent_at',
)

interface Window {
  bucket: number
  id: Id
  /** Who reads it: what they deleted for themselves is not there. */
  reader: Id
  /** Seen is what comes after. */
  after: number
  limit: number
}

const messagesBefore = prepared<Window & { before: number }, MessageRow>('messages_before', (db, p) => ({
  compile: () =>
    sql<MessageRow>`
      select ${columns} from messages m
      where m.bucket = ${p.bucket} and m.conversation_id = ${p.id}
        and m.sequence > ${p.after} and m.sequence < ${p.before} and ${notCleared(p.reader)}
      order by m.sequence desc limit ${p.limit}
    `.compile(db),
}))

/** The newest in front of `before`, newest first. */
export function findMessagesBefore(
  db: Db,
  conversationId: Id,
  window: { reader: Id; after: number; before: number; limit: number },
): Promise<MessageRow[]> {
  return messagesBefore(db, { bucket: bucketOf(conversationId), id: conversationId, ...window })
}

const messagesSince = prepared<Window & { since: number }, MessageRow>('messages_since', (db, p) => ({
  compile: () =>
    sql<MessageRow>`
      select * from (
        (select ${columns} from messages m
        where m.bucket = ${p.bucket} and m.conversation_id = ${p.id}
          and m.sequence > ${p.since} and m.sequence > ${p.after} and m.version = m.sequence
          and ${notCleared(p.reader)}
        order by m.sequence limit ${p.limit})
        union all
        (select ${columns} from messages m
        where m.bucket = ${p.bucket} and m.conversation_id = ${p.id}
          and m.version > ${p.since} and m.sequence > ${p.after} and m.version > m.sequence
          and ${notCleared(p.reader)}
        order by m.version limit ${p.limit})
      ) as changed
      order by version limit ${p.limit}
    `.compile(db),
}))

/** What came or changed after this version, in that order. */
export function findMessagesSince(
  db: Db,
  conversationId: Id,
  window: { reader: Id; after: number; since: number; limit: number },
): Promise<MessageRow[]> {
  return messagesSince(db, { bucket: bucketOf(conversationId), id: conversationId, ...window })
}

const lastMessages = prepared<Named & { reader: Id; afters: number[] }, MessageRow>(
  'messages_last',
  (db, p) => ({
    compile: () =>
      sql<MessageRow>`
      select newest.*
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[], ${p.afters}::integer[]) as wanted(bucket, id, after)
      cross join lateral (
        select ${columns} from messages m
        where m.bucket = wanted.bucket and m.conversation_id = wanted.id and m.sequence > wanted.after
          and ${notCleared(p.reader)}
        order by m.sequence desc limit 1
      ) newest
    `.compile(db),
  }),
)

/** Of each conversation the newest message that its reader finds. */
export async function findLastMessages(
  db: Db | Tx,
  reader: Id,
  wanted: readonly { id: Id; after: number }[],
): Promise<Map<Id, MessageRow>> {
  if (wanted.length === 0) return new Map()
  const { buckets, ids } = named(wanted.map(({ id }) => id))
  const rows = await lastMessages(db, { buckets, ids, reader, afters: wanted.map(({ after }) => after) })
  return new Map(rows.map((row) => [row.conversation_id, row]))
}

type Places = Named & { sequences: number[] }

function placed(places: readonly MessagePlace[]): Places {
  return {
    ...named(places.map(({ conversationId }) => conversationId)),
    sequences: places.map(({ sequence }) => sequence),
  }
}

const messagesAt = prepared<Places, MessageRow>('messages_at', (db, p) => ({
  compile: () =>
    sql<MessageRow>`
      select ${columns}
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[], ${p.sequences}::integer[]) as wanted(bucket, id, sequence)
      join messages m on m.bucket = wanted.bucket and m.conversation_id = wanted.id
        and m.sequence = wanted.sequence
    `.compile(db),
}))

export async function findMessagesAt(db: Db | Tx, places: readonly MessagePlace[]): Promise<MessageRow[]> {
  return places.length === 0 ? [] : await messagesAt(db, placed(places))
}

type ReactionRow = Pick<MessageReactionsTable, 'conversation_id' | 'sequence' | 'user_id' | 'emoji'>

const reactionsAt = prepared<Places, ReactionRow>('message_reactions_at', (db, p) => ({
  compile: () =>
    sql<ReactionRow>`
      select r.conversation_id, r.sequence, r.user_id, r.emoji
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[], ${p.sequences}::integer[]) as wanted(bucket, id, sequence)
      join message_reactions r on r.bucket = wanted.bucket and r.conversation_id = wanted.id
        and r.sequence = wanted.sequence
      order by r.created_at, r.user_id
    `.compile(db),
}))

export async function findReactionsAt(db: Db | Tx, places: readonly MessagePlace[]): Promise<ReactionRow[]> {
  return places.length === 0 ? [] : await reactionsAt(db, placed(places))
}

/** By its id alone: the id knows its bucket. */
export async function findMessage(db: Db | Tx, messageId: Id): Promise<MessageRow | undefined> {
  return await db
    .selectFrom('messages')
    .selectAll()
    .where('bucket', '=', bucketOf(messageId))
    .where('id', '=', messageId)
    .executeTakeFirst()
}

/** What this member finds in the conversation, taken back or not; notices are nothing that one does something with. */
export async function findMessageOf(
  db: Db | Tx,
  { conversation_id, user_id, after_sequence, cleared_version }: MemberRow,
  messageId: Id,
): Promise<MessageRow | undefined> {
  const message = await findMessage(db, messageId)
  if (message?.conversation_id !== conversation_id || message.notice !== null) return undefined
  if (message.sequence <= after_sequence) return undefined
  if (cleared_version > 0 && (await isCleared(db, user_id, message))) return undefined
  return message
}

export async function saveMessage(
  tx: Tx,
  { conversation_id, sequence }: MessageRow,
  changed: Partial<Pick<MessageRow, 'version' | 'text' | 'edited_at' | 'unsent_at'>> & {
    attachments?: string
  },
): Promise<void> {
  await tx
    .updateTable('messages')
    .set(changed)
    .where('bucket', '=', bucketOf(conversation_id))
    .where('conversation_id', '=', conversation_id)
    .where('sequence', '=', sequence)
    .execute()
}

export async function findByClientId(
  db: Db,
  of: { conversationId: Id; senderId: Id; clientId: string },
): Promise<MessageRow | undefined> {
  return await db
    .selectFrom('messages')
    .selectAll()
    .where('bucket', '=', bucketOf(of.conversationId))
    .where('conversation_id', '=', of.conversationId)
    .where('sender_id', '=', of.senderId)
    .where('client_id', '=', of.clientId)
    .executeTakeFirst()
}
