import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import {
  findConversations,
  findMembers,
  lockConversations,
  saveConversation,
} from './conversations-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import { isMember } from './messages-policy.ts'
import { findMessage, saveMessage } from './messages-repository.ts'
import type { MessageRow } from './messages-tables.ts'

type Deps = Pick<MessagesDeps, 'database' | 'events'>

/**
 * What a message carries is prepared after it was sent: when it is ready, or cannot be, the message has changed, and whoever asks
 * for what is new finds it again.
 */
export function followPreparedMedia({ database, events }: Deps): void {
  events.follow('messages.media', ['media.ready', 'media.failed'], async (batch) => {
    for (const { data } of batch) {
      const { purpose, partOf } = data
      if ((purpose !== 'message' && purpose !== 'voice') || !partOf) continue
      const message = await findMessage(database.main, partOf)
      if (message) await database.transaction((tx) => tellPrepared(tx, message))
      else if ((await findConversations(database.main, [partOf])).has(partOf))
        await database.transaction((tx) => tellPicture(tx, partOf))
    }
  })

  async function lock(tx: Tx, id: Id) {
    const conversation = (await lockConversations(tx, [id])).get(id)!
    const members = (await findMembers(tx, [id])).get(id) ?? []
    const version = conversation.counter + 1
    await saveConversation(tx, conversation, { counter: version })
    const memberIds = members.filter(isMember).map((member) => member.user_id)
    return { version, memberIds, at: { bucket: bucketOf(id), subjectId: id } }
  }

  async function tellPrepared(tx: Tx, message: MessageRow): Promise<void> {
    const { conversation_id: conversationId, sender_id: senderId } = message
    const { version, memberIds, at } = await lock(tx, conversationId)
    await saveMessage(tx, message, { version })
    await events.emit(tx, 'messages.changed', {
      ...at,
      data: {
        ...{ conversationId, memberIds, version, senderId },
        messageId: message.id,
        what: 'prepared',
        userId: senderId,
      },
    })
  }

  async function tellPicture(tx: Tx, conversationId: Id): Promise<void> {
    const { version, memberIds, at } = await lock(tx, conversationId)
    await events.emit(tx, 'conversations.changed', {
      ...at,
      data: { conversationId, memberIds, version, goneIds: [] },
    })
  }
}
