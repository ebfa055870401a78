import type { Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import { isMember } from './messages-policy.ts'
import { findMembers, findWithMembers, lockConversations, saveConversation } from './messages-repository.ts'
import type { ConversationRow, MemberRow } from './messages-tables.ts'

/** A conversation as one of its members finds it. */
export interface Opened {
  conversation: ConversationRow
  /** With those who are gone; who has been in it the longest first. */
  members: MemberRow[]
  own: MemberRow
}

/** A conversation that is locked; numbers are drawn from it. */
export interface Locked extends Opened {
  tx: Tx
  /** The number of the next change. */
  next(): number
  /** Of those who are in it now. */
  memberIds(): Id[]
}

export interface MessagesGate {
  /** What one is not in is not there: throws `conversation.not_found`. Never from a replica. */
  open(reader: Reader, conversationId: Id): Promise<Opened>
  /** For whatever changes something: one after the other in each conversation, so that numbers stand as they are committed. */
  change<T>(reader: Reader, conversationId: Id, work: (locked: Locked) => Promise<T>): Promise<T>
}

export function createMessagesGate({ database }: Pick<MessagesDeps, 'database'>): MessagesGate {
  function opened(
    reader: Reader,
    conversation: ConversationRow | undefined,
    members: MemberRow[] | undefined,
  ): Opened {
    const own = members?.find((member) => member.user_id === reader.id)
    if (!conversation || !members || !isMember(own)) throw fault('conversation.not_found')
    return { conversation, members, own }
  }

  return {
    async open(reader, id) {
      const { conversation, members } = await findWithMembers(database.main, id)
      return opened(reader, conversation, members)
    },
    change: (reader, id, work) =>
      database.transaction(
        async (tx) => {
          const locked = (await lockConversations(tx, [id])).get(id)
          const found = opened(reader, locked, (await findMembers(tx, [id])).get(id))
          const { conversation, members } = found
          const before = conversation.counter
          const result = await work({
            ...found,
            tx,
            next: () => ++conversation.counter,
            memberIds: () => members.filter(isMember).map((member) => member.user_id),
          })
          if (conversation.counter !== before)
            await saveConversation(tx, conversation, { counter: conversation.counter })
          return result
        },
        { by: reader.id },
      ),
  }
}
