import { fault } from '#platform/http/fault.ts'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import { insertCleared } from './cleared-repository.ts'
import { emitOwn } from './conversations-own.ts'
import { saveMember } from './conversations-repository.ts'
import { findInbox, saveInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { partedFrom } from './messages-parted.ts'
import { findLastMessages, findMessage } from './messages-repository.ts'
import type { MessageRow } from './messages-tables.ts'
import { countUnread } from './messages-unread.ts'
import { repliedStoryOf } from './story-replies.ts'

export type ClearMessage = (reader: Reader, conversationId: Id, messageId: Id) => Promise<void>

type Deps = Pick<MessagesDeps, 'events' | 'graph'> & { gate: MessagesGate }

/**
 * Deletes a message for oneself; the others keep theirs. No number is drawn for it, which would tell them that something was
 * done: the one that the conversation has is written beside it, and whoever asks for what is after that one or an earlier is told.
 * Also of what was taken back, or is of somebody whom a block hides: the place that it has in the list goes. Again changes nothing.
 */
export function createClearMessage({ events, graph, gate }: Deps): ClearMessage {
  async function requireThere({ tx, own }: Locked, messageId: Id): Promise<MessageRow> {
    const message = await findMessage(tx, messageId)
    if (message?.conversation_id !== own.conversation_id || message.notice !== null)
      throw fault('message.not_found')
    if (message.sequence <= own.after_sequence) throw fault('message.not_found')
    return message
  }

  /** What stands in the person's list: how many are not read, and which was the last. */
  async function follow(locked: Locked, message: MessageRow): Promise<void> {
    const { tx, conversation, own } = locked
    const findParted = partedFrom({ graph }, { id: own.user_id })
    const unreadCount = await countUnread(tx, locked, { read: own.read_sequence, findParted })
    const wanted = { id: conversation.id, after: own.after_sequence }
    const last = (await findLastMessages(tx, own.user_id, [wanted])).get(conversation.id)
    const inbox = last ? undefined : await findInbox(tx, own.user_id, conversation.id)
    await saveInbox(tx, own.user_id, conversation.id, {
      unread_count: unreadCount,
      // What was begun would be nowhere to go on with.
      ...(!last && !inbox?.draft && { is_hidden: true }),
      ...(last && compareIds(last.id, message.id) < 0 && { activity_id: last.id }),
    })
  }

  return (reader, conversationId, messageId) =>
    gate.change(reader, conversationId, async (locked) => {
      const { tx, conversation, own } = locked
      const message = await requireThere(locked, messageId)
      if (!(await insertCleared(tx, reader.id, message, conversation.counter))) return
      await saveMember(tx, own, { cleared_version: conversation.counter })
      await follow(locked, message)
      await emitOwn({ events }, locked, { hadStoryReplies: repliedStoryOf(message) !== null })
    })
}
