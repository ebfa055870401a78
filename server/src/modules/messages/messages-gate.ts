import type { Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import {
  findMember,
  findMembers,
  findWithMembers,
  lockConversations,
  saveConversation,
} from './conversations-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import { isMember } from './messages-policy.ts'
import type { ConversationRow, MemberRow } from './messages-tables.ts'

/** A conversation as one of its members finds it. */
export interface Opened {
  conversation: ConversationRow
  /** Those who are in it; who has been in it the longest first. */
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
  /** For one who left this server: they may have left the conversation before. */
  clear<T>(personId: Id, conversationId: Id, work: (locked: Locked) => Promise<T>): Promise<T>
}

type Found = { [K in keyof Opened]: Opened[K] | undefined }

export function createMessagesGate({ database }: Pick<MessagesDeps, 'database'>): MessagesGate {
  function requireIn(found: Found): Opened {
    const { conversation, members, own } = found
    if (!conversation || !members || !own) throw fault('conversation.not_found')
    return { conversation, members, own }
  }

  function requireMember(found: Found): Opened {
    const opened = requireIn(found)
    if (!isMember(opened.own)) throw fault('conversation.not_found')
    return opened
  }

  const ownOf = (members: MemberRow[], id: Id) => members.find((member) => member.user_id === id)

  function change<T>(
    personId: Id,
    id: Id,
    { opened, work }: { opened(found: Found): Opened; work(locked: Locked): Promise<T> },
  ): Promise<T> {
    return database.transaction(
      async (tx) => {
        const conversation = (await lockConversations(tx, [id])).get(id)
        const members = (await findMembers(tx, [id])).get(id) ?? []
        const own = ownOf(members, personId) ?? (await findMember(tx, id, personId))
        const found = opened({ conversation, members, own })
        const before = found.conversation.counter
        const result = await work({
          ...found,
          tx,
          next: () => ++found.conversation.counter,
          memberIds: () => found.members.filter(isMember).map((member) => member.user_id),
        })
        if (found.conversation.counter !== before)
          await saveConversation(tx, found.conversation, { counter: found.conversation.counter })
        return result
      },
      { by: personId },
    )
  }

  return {
    async open(reader, id) {
      const { conversation, members } = await findWithMembers(database.main, id)
      return requireMember({ conversation, members, own: ownOf(members, reader.id) })
    },
    change: (reader, id, work) => change(reader.id, id, { opened: requireMember, work }),
    clear: (personId, id, work) => change(personId, id, { opened: requireIn, work }),
  }
}
