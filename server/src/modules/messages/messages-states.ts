import { sql } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'
import { emitOwn } from './conversations-own.ts'
import { settleInbox } from './inbox-settle.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { listParted } from './messages-parted.ts'
import { isMember } from './messages-policy.ts'

type Deps = Pick<MessagesDeps, 'database' | 'events' | 'jobs' | 'accounts' | 'graph'> & { gate: MessagesGate }

/** Whose conversations are counted anew, behind which of them. */
type From = { userId: Id; after: Id }

/** Conversations of one job: what a server that is stopped has done of more is not done again. */
const batch = 100

/**
 * Of somebody whose account is suspended, switched off or left, nothing is unread for the others as long as that lasts; once they
 * are back it is again.
 */
export function followStates(deps: Deps): void {
  const { database, events, jobs, gate } = deps

  const listConversations = async ({ userId, after }: From): Promise<Id[]> => {
    const rows = await database.main
      .selectFrom('conversation_members')
      .select('conversation_id')
      .where('user_id', '=', userId)
      .where('conversation_id', '>', after)
      .orderBy('conversation_id')
      .limit(batch)
      .execute()
    return rows.map((row) => row.conversation_id)
  }

  async function countAnew(locked: Locked, userId: Id): Promise<void> {
    const { tx, members } = locked
    const others = members.filter((member) => isMember(member) && member.user_id !== userId)
    const marks = others.map((member) => Math.max(member.read_sequence, member.after_sequence))
    const isDirect = locked.conversation.kind === 'direct'
    const newest = await findNewest(locked, userId, isDirect ? 0 : Math.min(...marks))
    for (const [index, member] of others.entries()) {
      // A request that was read is one still.
      const from = isDirect && !member.is_accepted ? member.after_sequence : marks[index]!
      if (newest <= from) continue
      await settleInbox(locked, member, (ids) => listParted(tx, deps, member.user_id, ids))
      await emitOwn({ events }, { tx, own: member })
    }
  }

  jobs.define<From>('messages.count_anew', {
    lane: 'bulk',
    maxAttempts: 20,
    async run({ userId, after }, { signal }) {
      const found = await listConversations({ userId, after })
      for (const id of found) {
        signal.throwIfAborted()
        await gate.clear(userId, id, (locked) => countAnew(locked, userId))
      }
      if (found.length === batch) await jobs.enqueue('messages.count_anew', { userId, after: found.at(-1)! })
    },
  })
  events.react('accounts.state_changed', 'messages.count_anew', ({ subjectId }) => ({
    userId: subjectId,
    after: '0',
  }))
}

/** Number of the last that they wrote behind this one; 0: none. */
async function findNewest({ tx, conversation }: Locked, senderId: Id, after: number): Promise<number> {
  const found = await sql<{ sequence: number }>`
    select sequence from messages
    where bucket = ${conversation.bucket} and conversation_id = ${conversation.id} and sequence > ${after}
      and sender_id = ${senderId} and notice is null and unsent_at is null
    order by sequence desc limit 1
  `.execute(tx)
  return found.rows[0]?.sequence ?? 0
}
