import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { createGroupCommit, type Outcome } from '#platform/db/group-commit.ts'
import { prepared } from '#platform/db/prepared.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { type InboxStep, saveInbox, stepInbox } from './inbox-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import { isMember } from './messages-policy.ts'
import { findMembers, lockConversations, saveMember } from './messages-repository.ts'
import type { ConversationRow, MemberRow, MessageRow, StoredAttachment } from './messages-tables.ts'
import { repliedStoryOf } from './story-replies.ts'

/** An upload becomes part of the message with its commit, once. */
export type NewlyStored = StoredAttachment | { type: 'upload'; uploadId: Id }

/** A message on its way; everything that can be asked before its turn has been asked. */
export interface MessageWrite {
  id: Id
  conversationId: Id
  senderId: Id
  clientId: string
  digest: string
  text: string
  attachments: NewlyStored[]
  /** Sequence of what it answers. */
  replyTo: number | null
  at: Date
  /** Those in it from whom a block parts the sender: it is nothing unread for them. */
  partedIds: ReadonlySet<Id>
}

export interface Sent {
  message: MessageRow
  /** False: it was there already. */
  isNew: boolean
}

export type Send = (write: MessageWrite) => Promise<Sent>

type Deps = Pick<MessagesDeps, 'database' | 'events' | 'media'>

/** Commits of a process that run side by side: each serves all that wait for it. */
const lanes = 4

/**
 * Messages of many conversations are committed together, as likes are: one lock, one insert and one commit serve all that
 * wait. The conversations are locked in the order of their ids, and numbers are drawn behind the lock, so that what is
 * committed earlier has the smaller number.
 */
export function createSend(deps: Deps): Send {
  const group = createGroupCommit<MessageWrite, Sent>({
    groupOf: ({ conversationId }) => bucketOf(conversationId) % lanes,
    partOf: ({ conversationId }) => conversationId,
    // The same message from two devices at once: the second finds the first.
    keyOf: ({ conversationId, senderId, clientId }) => `${conversationId} ${senderId} ${clientId}`,
    commitsMax: lanes,
    commit: (writes) =>
      deps.database.transaction((tx) => commitMessages(deps, tx, writes), {
        by: writes.map(({ senderId }) => senderId),
      }),
  })
  return (write) => group.submit(write)
}

interface Room {
  conversation: ConversationRow
  members: MemberRow[]
  fresh: MessageRow[]
  accepted: MemberRow[]
  /** By sender. */
  parted: Map<Id, ReadonlySet<Id>>
}

async function commitMessages(deps: Deps, tx: Tx, writes: readonly MessageWrite[]): Promise<Outcome<Sent>[]> {
  const ids = [...new Set(writes.map(({ conversationId }) => conversationId))]
  const conversations = await lockConversations(tx, ids)
  const [members, known] = await Promise.all([findMembers(tx, ids), findSent(tx, writes)])
  const rooms = new Map<Id, Room>(
    [...conversations].map(([id, conversation]) => [
      id,
      { conversation, members: members.get(id) ?? [], fresh: [], accepted: [], parted: new Map() },
    ]),
  )
  const outcomes: Outcome<Sent>[] = []
  for (const write of writes)
    outcomes.push(await number(deps, tx, rooms.get(write.conversationId), known.get(keyOf(write)), write))
  const changed = [...rooms.values()].filter(({ fresh }) => fresh.length > 0)
  if (changed.length === 0) return outcomes
  // In this order, and in one go over the wire.
  await Promise.all([
    insertMessages(
      tx,
      changed.flatMap(({ fresh }) => fresh),
    ),
    saveCounters(tx, changed),
    stepInbox(tx, changed.flatMap(stepsOf)),
    ...changed.map((room) => saveAccepted(tx, room)),
    deps.events.emitAll(tx, changed.flatMap(eventsOf)),
  ])
  return outcomes
}

/** Its place in the conversation, or why it has none. */
async function number(
  deps: Deps,
  tx: Tx,
  room: Room | undefined,
  there: MessageRow | undefined,
  write: MessageWrite,
): Promise<Outcome<Sent>> {
  const own = room?.members.find((member) => member.user_id === write.senderId)
  if (!room || !isMember(own)) return { error: fault('conversation.not_found') }
  if (there)
    return there.digest === write.digest
      ? { value: { message: there, isNew: false } }
      : { error: fault('message.client_id_used') }
  if (!own.is_accepted) {
    own.is_accepted = true
    own.version = ++room.conversation.counter
    room.accepted.push(own)
  }
  const attachments = await claim(deps, tx, write)
  const sequence = ++room.conversation.counter
  const message: MessageRow = {
    bucket: bucketOf(write.conversationId),
    conversation_id: write.conversationId,
    sequence,
    version: sequence,
    id: write.id,
    sender_id: write.senderId,
    client_id: write.clientId,
    digest: write.digest,
    text: write.text,
    attachments,
    notice: null,
    reply_to: write.replyTo,
    created_at: write.at,
    edited_at: null,
    unsent_at: null,
  }
  room.fresh.push(message)
  room.parted.set(write.senderId, write.partedIds)
  return { value: { message, isNew: true } }
}

/** Throws what is wrong with an upload; those who were to be committed with it are then committed without it. */
async function claim({ media }: Deps, tx: Tx, write: MessageWrite): Promise<StoredAttachment[]> {
  const uploads = write.attachments.filter((one) => one.type === 'upload')
  const rows =
    uploads.length === 0
      ? []
      : await media.claimUploads(tx, {
          ownerId: write.senderId,
          purpose: ['message', 'voice'],
          items: uploads.map(({ uploadId }) => ({ uploadId })),
          postId: null,
          partOf: write.id,
        })
  const claimed = rows.values()
  return write.attachments.map((one) =>
    one.type === 'upload' ? { type: 'media', mediaId: claimed.next().value!.id } : one,
  )
}

function stepsOf({ conversation, members, fresh, parted }: Room): InboxStep[] {
  const activityId = fresh.at(-1)!.id
  return members.filter(isMember).map(({ user_id: userId }) => ({
    userId,
    conversationId: conversation.id,
    activityId,
    unread: fresh.filter(({ sender_id: by }) => by !== userId && !parted.get(by)?.has(userId)).length,
  }))
}

function eventsOf({ conversation, members, fresh, accepted }: Room) {
  const { id, bucket, kind } = conversation
  const present = members.filter(isMember)
  const memberIds = present.map((member) => member.user_id)
  const at = { bucket, subjectId: id }
  const requestedOf = present.filter((member) => !member.is_accepted).map((member) => member.user_id)
  return [
    ...accepted.map((member) => ({
      ...at,
      kind: 'conversations.changed' as const,
      data: { conversationId: id, memberIds, version: member.version, goneIds: [] },
    })),
    ...fresh.map((message) => ({
      ...at,
      kind: 'messages.sent' as const,
      data: {
        conversationId: id,
        memberIds,
        version: message.version,
        messageId: message.id,
        senderId: message.sender_id,
        kind,
        requestedOf,
        repliedStoryId: repliedStoryOf(message),
      },
    })),
  ]
}

/** Who writes has accepted. */
async function saveAccepted(tx: Tx, { conversation, accepted }: Room): Promise<void> {
  for (const member of accepted) {
    await saveMember(tx, member, { is_accepted: true, version: member.version })
    await saveInbox(tx, member.user_id, conversation.id, { folder: 'inbox' })
  }
}

const keyOf = (of: { conversationId: Id; senderId: Id; clientId: string }) =>
  `${of.conversationId} ${of.senderId} ${of.clientId}`

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

async function findSent(tx: Tx, writes: readonly MessageWrite[]): Promise<Map<string, MessageRow>> {
  const rows = await sentBefore(tx, {
    buckets: writes.map(({ conversationId }) => bucketOf(conversationId)),
    conversations: writes.map(({ conversationId }) => conversationId),
    senders: writes.map(({ senderId }) => senderId),
    clients: writes.map(({ clientId }) => clientId),
  })
  return new Map(
    rows.map((row) => [
      keyOf({ conversationId: row.conversation_id, senderId: row.sender_id, clientId: row.client_id }),
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

async function insertMessages(tx: Tx, rows: readonly MessageRow[]): Promise<void> {
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

async function saveCounters(tx: Tx, rooms: readonly Room[]): Promise<void> {
  await countersSaved(tx, {
    buckets: rooms.map(({ conversation }) => conversation.bucket),
    ids: rooms.map(({ conversation }) => conversation.id),
    counters: rooms.map(({ conversation }) => conversation.counter),
  })
}
