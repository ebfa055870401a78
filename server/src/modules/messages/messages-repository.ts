import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import type { ConversationRow, MemberRow, MessageReactionsTable, MessageRow } from './messages-tables.ts'

interface Named {
  buckets: number[]
  ids: Id[]
}

function named(ids: readonly Id[]): Named {
  return { buckets: ids.map(bucketOf), ids: [...ids] }
}

const conversationsByIds = prepared<Named, ConversationRow>('conversations_of', (db, p) => ({
  compile: () =>
    sql<ConversationRow>`
      select c.* from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join conversations c on c.bucket = wanted.bucket and c.id = wanted.id
    `.compile(db),
}))

export async function findConversations(db: Db | Tx, ids: readonly Id[]): Promise<Map<Id, ConversationRow>> {
  if (ids.length === 0) return new Map()
  return new Map((await conversationsByIds(db, named(ids))).map((row) => [row.id, row]))
}

/** In the order of their ids, so that whoever changes several never waits in a circle. */
const conversationsLocked = prepared<Named, ConversationRow>('conversations_lock', (db, p) => ({
  compile: () =>
    sql<ConversationRow>`
      select * from conversations
      where (bucket, id) in (select * from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]))
      order by id for update
    `.compile(db),
}))

export async function lockConversations(tx: Tx, ids: readonly Id[]): Promise<Map<Id, ConversationRow>> {
  return new Map((await conversationsLocked(tx, named(ids))).map((row) => [row.id, row]))
}

const membersByConversations = prepared<Named, MemberRow>('conversation_members_of', (db, p) => ({
  compile: () =>
    sql<MemberRow>`
      select m.* from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join conversation_members m on m.bucket = wanted.bucket and m.conversation_id = wanted.id
    `.compile(db),
}))

/** With those who are not in it any more; who has been in it the longest first. */
export async function findMembers(db: Db | Tx, ids: readonly Id[]): Promise<Map<Id, MemberRow[]>> {
  if (ids.length === 0) return new Map()
  const rows = await membersByConversations(db, named(ids))
  return Map.groupBy(rows.sort(byJoining), (row) => row.conversation_id)
}

type WithMember = MemberRow & Omit<ConversationRow, 'id'>

const conversationWithMembers = prepared<{ bucket: number; id: Id }, WithMember>(
  'conversation_with_members',
  (db, p) => ({
    compile: () =>
      sql<WithMember>`
        select c.kind, c.name, c.picture_media_id, c.created_by, c.counter, c.created_at, m.*
        from conversations c
        join conversation_members m on m.bucket = c.bucket and m.conversation_id = c.id
        where c.bucket = ${p.bucket} and c.id = ${p.id}
      `.compile(db),
  }),
)

/** At one moment: no change of a member that has a smaller number than the conversation's is missing. */
export async function findWithMembers(
  db: Db,
  id: Id,
): Promise<{ conversation: ConversationRow | undefined; members: MemberRow[] }> {
  const members = await conversationWithMembers(db, { bucket: bucketOf(id), id })
  const [first] = members
  if (!first) return { conversation: undefined, members }
  const { bucket, kind, name, picture_media_id, created_by, counter, created_at } = first
  const conversation = { bucket, id, kind, name, picture_media_id, created_by, counter, created_at }
  return { conversation, members: members.sort(byJoining) }
}

function byJoining(a: MemberRow, b: MemberRow): number {
  return compareIds(a.joined_id, b.joined_id)
}

export async function saveConversation(
  tx: Tx,
  { id }: ConversationRow,
  columns: Partial<Pick<ConversationRow, 'counter' | 'name' | 'picture_media_id'>>,
): Promise<void> {
  await tx
    .updateTable('conversations')
    .set(columns)
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
}

export async function saveMember(
  tx: Tx,
  { conversation_id, user_id }: MemberRow,
  columns: Partial<MemberRow>,
): Promise<void> {
  await tx
    .updateTable('conversation_members')
    .set(columns)
    .where('bucket', '=', bucketOf(conversation_id))
    .where('conversation_id', '=', conversation_id)
    .where('user_id', '=', user_id)
    .execute()
}

const columns = sql.raw(
  'm.bucket, m.conversation_id, m.sequence, m.version, m.id, m.sender_id, m.client_id, m.digest, m.text, m.attachments, m.notice, m.reply_to, m.created_at, m.edited_at, m.unsent_at',
)

interface Window {
  bucket: number
  id: Id
  /** Seen is what comes after. */
  after: number
  limit: number
}

const messagesBefore = prepared<Window & { before: number }, MessageRow>('messages_before', (db, p) => ({
  compile: () =>
    sql<MessageRow>`
      select ${columns} from messages m
      where m.bucket = ${p.bucket} and m.conversation_id = ${p.id}
        and m.sequence > ${p.after} and m.sequence < ${p.before}
      order by m.sequence desc limit ${p.limit}
    `.compile(db),
}))

/** The newest in front of `before`, newest first. */
export function findMessagesBefore(
  db: Db,
  conversationId: Id,
  window: { after: number; before: number; limit: number },
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
        order by m.sequence limit ${p.limit})
        union all
        (select ${columns} from messages m
        where m.bucket = ${p.bucket} and m.conversation_id = ${p.id}
          and m.version > ${p.since} and m.sequence > ${p.after} and m.version > m.sequence
        order by m.version limit ${p.limit})
      ) as changed
      order by version limit ${p.limit}
    `.compile(db),
}))

/** What came or changed after this version, in that order. */
export function findMessagesSince(
  db: Db,
  conversationId: Id,
  window: { after: number; since: number; limit: number },
): Promise<MessageRow[]> {
  return messagesSince(db, { bucket: bucketOf(conversationId), id: conversationId, ...window })
}

const lastMessages = prepared<Named & { afters: number[] }, MessageRow>('messages_last', (db, p) => ({
  compile: () =>
    sql<MessageRow>`
      select newest.*
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[], ${p.afters}::integer[]) as wanted(bucket, id, after)
      cross join lateral (
        select ${columns} from messages m
        where m.bucket = wanted.bucket and m.conversation_id = wanted.id and m.sequence > wanted.after
        order by m.sequence desc limit 1
      ) newest
    `.compile(db),
}))

/** Of each conversation the newest message behind what its reader has deleted. */
export async function findLastMessages(
  db: Db,
  wanted: readonly { id: Id; after: number }[],
): Promise<Map<Id, MessageRow>> {
  if (wanted.length === 0) return new Map()
  const { buckets, ids } = named(wanted.map(({ id }) => id))
  const rows = await lastMessages(db, { buckets, ids, afters: wanted.map(({ after }) => after) })
  return new Map(rows.map((row) => [row.conversation_id, row]))
}

export interface MessagePlace {
  conversationId: Id
  sequence: number
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
