import { isBlank } from '@heliograph/contract/text'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { acceptWithin } from './conversations-own.ts'
import { changeAnswers } from './messages-answers.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { emitChanged } from './messages-notices.ts'
import { canSeeMessage, editableMs } from './messages-policy.ts'
import { findMessageOf, saveMessage } from './messages-repository.ts'
import type { MessageRow, MessagesEvents } from './messages-tables.ts'
import { takeBack } from './messages-take-back.ts'

/** What becomes of a message once it is there. Each change has a number of its own. */
export interface MessageChanges {
  edit(writer: Reader, conversationId: Id, messageId: Id, text: string): Promise<MessageRow>
  /** Again changes nothing. */
  unsend(writer: Reader, conversationId: Id, messageId: Id): Promise<void>
  react(reader: Reader, conversationId: Id, messageId: Id, emoji: string): Promise<MessageRow>
  takeReactionBack(reader: Reader, conversationId: Id, messageId: Id): Promise<MessageRow>
}

/** Of an edited message, those whose quote is told anew at once. */
const answersOfEdit = 100

type Deps = Pick<MessagesDeps, 'database' | 'ids' | 'events' | 'clock' | 'graph' | 'media'> & {
  gate: MessagesGate
}

export function createMessageChanges(deps: Deps): MessageChanges {
  const { events, clock, graph, gate } = deps

  /** What the reader finds in the conversation; throws `message.not_found`. */
  async function requireSeen(reader: Reader, locked: Locked, messageId: Id): Promise<MessageRow> {
    const { tx, own } = locked
    const message = await findMessageOf(tx, own, messageId)
    if (!message) throw fault('message.not_found')
    const sight = await graph.loadSight(reader, [message.sender_id])
    if (!canSeeMessage(sight, message)) throw fault('message.not_found')
    return message
  }

  async function requireOwn(writer: Reader, locked: Locked, messageId: Id): Promise<MessageRow> {
    const message = await requireSeen(writer, locked, messageId)
    if (message.sender_id !== writer.id) throw fault('message.not_found')
    return message
  }

  async function changed(
    locked: Locked,
    message: MessageRow,
    { what, userId }: Pick<MessagesEvents['messages.changed'], 'what' | 'userId'>,
  ): Promise<void> {
    const { conversation, tx, memberIds } = locked
    await events.emit(tx, 'messages.changed', {
      bucket: conversation.bucket,
      subjectId: conversation.id,
      data: {
        conversationId: conversation.id,
        memberIds: memberIds(),
        version: conversation.counter,
        messageId: message.id,
        senderId: message.sender_id,
        what,
        userId,
      },
    })
  }

  const reactionOf = ({ id }: Reader, message: MessageRow) => ({
    bucket: message.bucket,
    conversation_id: message.conversation_id,
    sequence: message.sequence,
    user_id: id,
  })

  return {
    edit: (writer, conversationId, messageId, text) =>
      gate.change(writer, conversationId, async (locked) => {
        const message = await requireOwn(writer, locked, messageId)
        if (message.unsent_at !== null) throw fault('message.unsent')
        if (message.text === text) return message
        if (clock.now() - message.created_at.getTime() > editableMs) throw fault('message.too_late')
        if (isBlank(text) && message.attachments.length === 0) throw fault('message.empty')
        const edited = { text, edited_at: new Date(clock.now()), version: locked.next() }
        await saveMessage(locked.tx, message, edited)
        await changeAnswers(locked, message, { upTo: answersOfEdit })
        const after = { ...message, ...edited }
        await changed(locked, after, { what: 'edited', userId: writer.id })
        return after
      }),

    unsend: (writer, conversationId, messageId) =>
      gate.change(writer, conversationId, async (locked) => {
        const message = await requireOwn(writer, locked, messageId)
        if (message.unsent_at === null) await takeBack(deps, locked, message, writer.id)
      }),

    react: (reader, conversationId, messageId, emoji) =>
      gate.change(reader, conversationId, async (locked) => {
        const { tx } = locked
        const message = await requireSeen(reader, locked, messageId)
        if (message.unsent_at !== null) throw fault('message.unsent')
        if (await acceptWithin(locked)) await emitChanged(deps, locked)
        const saved = await tx
          .insertInto('message_reactions')
          .values({ ...reactionOf(reader, message), emoji, created_at: new Date(clock.now()) })
          .onConflict((conflict) =>
            conflict
              .columns(['bucket', 'conversation_id', 'sequence', 'user_id'])
              .doUpdateSet({ emoji })
              .where('message_reactions.emoji', '<>', emoji),
          )
          .returning('user_id')
          .executeTakeFirst()
        if (!saved) return message
        const after = { ...message, version: locked.next() }
        await saveMessage(tx, message, { version: after.version })
        await changed(locked, after, { what: 'reacted', userId: reader.id })
        return after
      }),

    takeReactionBack: (reader, conversationId, messageId) =>
      gate.change(reader, conversationId, async (locked) => {
        const { tx } = locked
        const message = await requireSeen(reader, locked, messageId)
        const of = reactionOf(reader, message)
        const { numDeletedRows } = await tx
          .deleteFrom('message_reactions')
          .where('bucket', '=', of.bucket)
          .where('conversation_id', '=', of.conversation_id)
          .where('sequence', '=', of.sequence)
          .where('user_id', '=', of.user_id)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return message
        const after = { ...message, version: locked.next() }
        await saveMessage(tx, message, { version: after.version })
        await changed(locked, after, { what: 'unreacted', userId: reader.id })
        return after
      }),
  }
}
