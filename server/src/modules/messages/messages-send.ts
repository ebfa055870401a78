import type { Tx } from '#platform/db/db.ts'
import { createGroupCommit, type Outcome } from '#platform/db/group-commit.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { findMembers, lockConversations, saveMember } from './conversations-repository.ts'
import { type InboxStep, saveInbox, stepInbox } from './inbox-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import { isMember } from './messages-policy.ts'
import type { MessageRights, WritingRight } from './messages-rights.ts'
import type { ConversationRow, MemberRow, MessageRow, StoredAttachment } from './messages-tables.ts'
import { findSent, insertMessages, type Sending, saveCounters, sendingKey } from './sent-repository.ts'
import { repliedStoryOf } from './story-replies.ts'

/** An upload becomes part of the message with its commit, once. */
export type NewlyStored = StoredAttachment | { type: 'upload'; uploadId: Id }

/** A message on its way; what it carries and answers was asked about before its turn. */
export interface MessageWrite extends Sending {
  id: Id
  digest: string
  text: string
  attachments: NewlyStored[]
  /** Sequence of what it answers. */
  replyTo: number | null
  at: Date
}

export interface Sent {
  message: MessageRow
  /** False: it was there already. */
  isNew: boolean
}

export type Send = (write: MessageWrite) => Promise<Sent>

type Deps = Pick<MessagesDeps, 'database' | 'events' | 'media'> & { rights: MessageRights }

/**
 * Commits of a process that run side by side: each serves all that wait for it. The next gathers while one is on its way to the
 * disk; with four, groups are half as large, and a message costs a quarter more of both CPUs (bench "live", 32 conversations).
 */
const lanes = 2

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
    keyOf: sendingKey,
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
  /** By sender: those from whom a block parts them, for whom it is nothing unread. */
  parted: Map<Id, ReadonlySet<Id>>
}

async function commitMessages(deps: Deps, tx: Tx, writes: readonly MessageWrite[]): Promise<Outcome<Sent>[]> {
  const ids = [...new Set(writes.map(({ conversationId }) => conversationId))]
  // Over the wire together, and answered in this order: what is behind the lock sees what its last holder saved.
  const [conversations, members, known] = await Promise.all([
    lockConversations(tx, ids),
    findMembers(tx, ids),
    findSent(tx, writes),
  ])
  const rooms = new Map<Id, Room>(
    [...conversations].map(([id, conversation]) => [
      id,
      { conversation, members: members.get(id) ?? [], fresh: [], accepted: [], parted: new Map() },
    ]),
  )
  const asked = await Promise.all(
    writes.map(async (write): Promise<Turn> => {
      const room = rooms.get(write.conversationId)
      const own = room?.members.find((member) => member.user_id === write.senderId)
      if (!room || !isMember(own)) return { write }
      // Mostly from memory, and beside each other where it is not.
      const right = await deps.rights.find({ id: write.senderId }, room)
      return { write, there: known.get(sendingKey(write)), standing: { room, own, right } }
    }),
  )
  const outcomes: Outcome<Sent>[] = []
  for (const turn of asked) outcomes.push(await number(deps, tx, turn))
  const changed = [...rooms.values()].filter(({ fresh }) => fresh.length > 0)
  if (changed.length === 0) return outcomes
  // In this order, and in one go over the wire.
  await Promise.all([
    insertMessages(
      tx,
      changed.flatMap(({ fresh }) => fresh),
    ),
    saveCounters(
      tx,
      changed.map(({ conversation }) => conversation),
    ),
    stepInbox(tx, changed.flatMap(stepsOf)),
    ...changed.map((room) => saveAccepted(tx, room)),
    deps.events.emitAll(tx, changed.flatMap(eventsOf)),
  ])
  return outcomes
}

interface Turn {
  write: MessageWrite
  /** What was sent before under the same id. */
  there?: MessageRow | undefined
  /** Left out: the sender is not in it. */
  standing?: { room: Room; own: MemberRow; right: WritingRight }
}

/** Its place in the conversation, or why it has none. */
async function number(deps: Deps, tx: Tx, { write, there, standing }: Turn): Promise<Outcome<Sent>> {
  if (!standing) return { error: fault('conversation.not_found') }
  const { room, own, right } = standing
  if (there)
    return there.digest === write.digest
      ? { value: { message: there, isNew: false } }
      : { error: fault('message.client_id_used') }
  if (!right.mayWrite) return { error: fault('message.not_allowed') }
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
  room.parted.set(write.senderId, right.partedIds)
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
