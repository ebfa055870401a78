import { sql } from 'kysely'
import type { EraseOf } from '#modules/accounts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { deleteCleared } from './cleared-repository.ts'
import { saveMember } from './conversations-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { emitChanged, emitEnded } from './messages-notices.ts'
import { isMember, nextAdmin, otherOf } from './messages-policy.ts'
import type { MemberRow, MessageRow } from './messages-tables.ts'
import { takeBack } from './messages-take-back.ts'

type Deps = Pick<MessagesDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph' | 'media'> & {
  gate: Pick<MessagesGate, 'clear'>
}

const batch = 100
/** Each is counted anew for all who have not read it, and nobody writes in the conversation meanwhile. */
const messagesAtOnce = 20

/**
 * Of somebody who left: what they wrote is taken back everywhere, as they could have done, and groups go on without them. What
 * the other one wrote to them stays with that one; a conversation that both have left is gone.
 */
export function createEraseMessages(deps: Deps): EraseOf {
  const { database, accounts, gate } = deps

  const listConversations = (id: Id, after: Id) =>
    database.main
      .selectFrom('conversation_members')
      .select('conversation_id')
      .where('user_id', '=', id)
      .where('conversation_id', '>', after)
      .orderBy('conversation_id')
      .limit(batch)
      .execute()

  /** How many were found: fewer than asked for are the last. */
  async function takeBackSome(locked: Locked, id: Id): Promise<number> {
    const { conversation, tx } = locked
    const { rows } = await sql<MessageRow>`
      select * from messages
      where bucket = ${conversation.bucket} and conversation_id = ${conversation.id} and sender_id = ${id}
        and unsent_at is null and notice is null
      order by sequence limit ${messagesAtOnce}
    `.execute(tx)
    for (const message of rows) await takeBack(deps, locked, message, id)
    return rows.length
  }

  async function takeOut(locked: Locked, member: MemberRow): Promise<void> {
    member.is_member = false
    member.is_admin = false
    member.version = locked.next()
    await saveMember(locked.tx, member, { is_member: false, is_admin: false, version: member.version })
  }

  async function leave(locked: Locked): Promise<void> {
    const { tx, conversation, members, own } = locked
    await deleteCleared(tx, conversation.id, own.user_id)
    await tx
      .deleteFrom('message_reactions')
      .where('bucket', '=', conversation.bucket)
      .where('conversation_id', '=', conversation.id)
      .where('user_id', '=', own.user_id)
      .execute()
    if (!isMember(own)) return
    if (conversation.kind === 'direct') {
      // Whoever is left keeps it, with nobody at the other end.
      const other = otherOf(members, own.user_id)
      const state = other && (await accounts.findByIds([other.user_id], tx)).get(other.user_id)?.state
      if (state !== undefined && state !== 'deleted') return
      if (isMember(other)) await takeOut(locked, other)
    }
    await takeOut(locked, own)
    const heir = conversation.kind === 'group' ? nextAdmin(members) : undefined
    if (heir) {
      heir.is_admin = true
      heir.version = locked.next()
      await saveMember(tx, heir, { is_admin: true, version: heir.version })
    }
    await emitChanged(deps, locked, [own.user_id])
    if (locked.memberIds().length === 0) await emitEnded(deps, locked)
  }

  return async (id, signal) => {
    for (let after: Id = '0'; ; ) {
      const found = await listConversations(id, after)
      for (const { conversation_id: conversationId } of found) {
        signal.throwIfAborted()
        const clear = (work: (locked: Locked) => Promise<number>) => gate.clear(id, conversationId, work)
        while ((await clear((locked) => takeBackSome(locked, id))) === messagesAtOnce) signal.throwIfAborted()
        await clear(async (locked) => {
          await leave(locked)
          return 0
        })
      }
      after = found.at(-1)?.conversation_id ?? after
      if (found.length < batch) break
    }
    await database.main
      .deleteFrom('inbox')
      .where('bucket', '=', bucketOf(id))
      .where('user_id', '=', id)
      .execute()
  }
}
