import type { Id } from '#platform/ids/ids.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import { canSeeMessage, otherOf, partedAmong } from './messages-policy.ts'
import type { ConversationRow, MemberRow } from './messages-tables.ts'

export interface WritingRight {
  mayWrite: boolean
  /** Those in it from whom a block parts the writer: what is written is nothing unread for them. */
  partedIds: ReadonlySet<Id>
}

export interface MessageRights {
  /** Whether somebody who is in it may write there, now. */
  find(writer: Reader, room: Room): Promise<WritingRight>
}

interface Room {
  conversation: Pick<ConversationRow, 'kind'>
  members: readonly MemberRow[]
}

/** Who has accepted goes on taking messages whatever they set since; a block ends it for both, and in groups parts only the two. */
export function createMessageRights({ graph }: Pick<MessagesDeps, 'graph'>): MessageRights {
  const nobody: ReadonlySet<Id> = new Set()

  async function mayWriteTo(writer: Reader, other: MemberRow): Promise<boolean> {
    const sight = await graph.loadSight(writer, [other.user_id])
    if (!canSeeMessage(sight, { sender_id: other.user_id })) return false
    return (
      other.is_accepted || (await graph.allowing('messages', writer.id, [other.user_id])).has(other.user_id)
    )
  }

  return {
    async find(writer, { conversation, members }) {
      if (conversation.kind === 'group') {
        const ids = members.map((member) => member.user_id)
        return { mayWrite: true, partedIds: partedAmong(await graph.loadSight(writer, ids), ids) }
      }
      const other = otherOf(members, writer.id)
      return { mayWrite: other !== undefined && (await mayWriteTo(writer, other)), partedIds: nobody }
    },
  }
}
