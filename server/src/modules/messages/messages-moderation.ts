import { createHash } from 'node:crypto'
import type { ReportedMessage } from '@heliograph/contract/moderation'
import type { Db, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { findMember, findMembers, lockConversations, saveConversation } from './conversations-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import { canSeeMessage, isMember } from './messages-policy.ts'
import { hydrateAttachments, mediaIn, presentAttachment } from './messages-present.ts'
import { findMessage, findMessageOf } from './messages-repository.ts'
import type { MessageRow } from './messages-tables.ts'
import { takeBack } from './messages-take-back.ts'
import { deleteCopies, findCopies, isReported, saveCopy } from './reported-repository.ts'

/**
 * What moderators may ask of messages: of what was reported the reporter's copy and nothing else. Who is a moderator is not
 * decided here.
 */
export interface MessagesModeration {
  /** Who wrote what the reporter sees; throws `message.not_found`. */
  requireVisible(reporter: { id: Id }, messageId: Id): Promise<{ authorId: Id }>
  /** Kept with the report, in its transaction: what becomes of the message later changes nothing about it. */
  keepCopy(tx: Tx, reporter: { id: Id }, messageId: Id): Promise<void>
  presentReported(reader: { id: Id } | null, messageIds: readonly Id[]): Promise<Map<Id, ReportedMessage>>
  /** Of what is shown, in short. */
  versionsOf(messageIds: readonly Id[], db?: Db | Tx): Promise<Map<Id, string>>
  /** Undefined: it is gone already. `mediaIds`: what it carried. */
  removeMessage(
    tx: Tx,
    messageId: Id,
  ): Promise<{ before: Record<string, unknown>; mediaIds: Id[] } | undefined>
  /** Copies that nobody needs any more. How many there were. */
  forgetOld(): Promise<number>
}

type Deps = Pick<
  MessagesDeps,
  'database' | 'events' | 'clock' | 'accounts' | 'graph' | 'media' | 'posts' | 'stories' | 'jobs'
>

const keptMs = 90 * 86_400_000
const batch = 200

export function createMessagesModeration(deps: Deps): MessagesModeration {
  const { database, clock, graph, media, jobs } = deps

  async function requireSeen(db: Db | Tx, reporter: { id: Id }, messageId: Id): Promise<MessageRow> {
    const conversationId = (await findMessage(db, messageId))?.conversation_id
    const own = conversationId && (await findMember(db, conversationId, reporter.id))
    const message = own && isMember(own) ? await findMessageOf(db, own, messageId) : undefined
    if (!message || message.unsent_at !== null) throw fault('message.not_found')
    return message
  }

  const moderation: MessagesModeration = {
    async requireVisible(reporter, messageId) {
      const message = await requireSeen(database.main, reporter, messageId)
      const sight = await graph.loadSight(reporter, [message.sender_id])
      if (!canSeeMessage(sight, message)) throw fault('message.not_found')
      return { authorId: message.sender_id }
    },

    async keepCopy(tx, reporter, messageId) {
      const message = await requireSeen(tx, reporter, messageId)
      const { text, attachments, created_at, edited_at } = message
      await saveCopy(tx, {
        messageId,
        reporterId: reporter.id,
        senderId: message.sender_id,
        copy: {
          text,
          attachments,
          createdAt: created_at.toISOString(),
          editedAt: edited_at?.toISOString() ?? null,
        },
        now: new Date(clock.now()),
      })
    },

    async presentReported(reader, messageIds) {
      const copies = await findCopies(database.main, messageIds)
      const rows = [...copies.values()]
      const facts = await hydrateAttachments(
        deps,
        reader,
        rows.flatMap(({ copy }) => copy.attachments),
      )
      return new Map(
        rows.map(({ message_id: id, copy }) => [
          id,
          {
            id,
            text: copy.text,
            attachments: copy.attachments.map((one) => presentAttachment(facts, one, false)),
            createdAt: copy.createdAt,
            editedAt: copy.editedAt,
          },
        ]),
      )
    },

    async versionsOf(messageIds, db = database.main) {
      const copies = await findCopies(db, messageIds)
      return new Map([...copies].map(([id, { copy }]) => [id, digestOf(copy)]))
    },

    async removeMessage(tx, messageId) {
      const message = await findMessage(tx, messageId)
      const id = message?.conversation_id
      const conversation = id && (await lockConversations(tx, [id])).get(id)
      const now = conversation && (await findMessage(tx, messageId))
      if (!now || now.unsent_at !== null) return undefined
      const members = (await findMembers(tx, [conversation.id])).get(conversation.id) ?? []
      const locked = {
        tx,
        conversation,
        members,
        next: () => ++conversation.counter,
        memberIds: () => members.filter(isMember).map((member) => member.user_id),
      }
      await takeBack(deps, locked, now, now.sender_id)
      await saveConversation(tx, conversation, { counter: conversation.counter })
      return { before: { text: now.text }, mediaIds: mediaIn(now) }
    },

    async forgetOld() {
      const before = new Date(clock.now() - keptMs)
      for (let forgotten = 0; ; ) {
        const some = await database.transaction(async (tx) => {
          const rows = await deleteCopies(tx, before, batch)
          for (const { message_id, copy } of rows) await releaseLeft(tx, message_id, mediaIn(copy))
          return rows.length
        })
        forgotten += some
        if (some < batch) return forgotten
      }
    },
  }

  /** Kept for moderators alone: the message itself was taken back. */
  async function releaseLeft(tx: Tx, messageId: Id, mediaIds: readonly Id[]): Promise<void> {
    if (mediaIds.length === 0 || (await isReported(tx, messageId))) return
    const message = await findMessage(tx, messageId)
    if (!message || message.unsent_at !== null) await media.release(tx, mediaIds)
  }

  jobs.every('messages.forget_reported', '41 3 * * *', async () => void (await moderation.forgetOld()), {
    lane: 'bulk',
  })
  return moderation
}

function digestOf(copy: unknown): string {
  return createHash('sha256').update(JSON.stringify(copy)).digest('base64url').slice(0, 22)
}
