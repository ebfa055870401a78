import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { notCleared } from './cleared-repository.ts'
import { findInbox, saveInbox } from './inbox-repository.ts'
import type { Locked } from './messages-gate.ts'
import type { FindParted } from './messages-parted.ts'
import { otherOf } from './messages-policy.ts'
import type { MemberRow } from './messages-tables.ts'
import { countUnread } from './messages-unread.ts'

type Place = Pick<Locked, 'tx' | 'conversation' | 'members'>

/**
 * What stands in a member's list once words in the conversation are gone, hidden, or shown again; `findParted`: of whom this
 * member is shown nothing. A request that holds nothing to answer is none as long as that is so. True: it was a request.
 */
export async function settleInbox(
  { tx, conversation, members }: Place,
  member: MemberRow,
  findParted: FindParted,
): Promise<boolean> {
  const unreadCount = await countUnread(
    tx,
    { conversation, own: member },
    { read: member.read_sequence, findParted },
  )
  const isRequest = conversation.kind === 'direct' && !member.is_accepted
  await saveInbox(tx, member.user_id, conversation.id, {
    unread_count: unreadCount,
    ...(isRequest && { is_hidden: await isEmpty({ tx, conversation, members }, member, findParted) }),
  })
  return isRequest
}

async function isEmpty(
  { tx, conversation, members }: Place,
  member: MemberRow,
  findParted: FindParted,
): Promise<boolean> {
  const other = otherOf(members, member.user_id)
  if (!other || (await findParted([other.user_id])).has(other.user_id)) return true
  if (await hasWords(tx, member)) return false
  const inbox = await findInbox(tx, member.user_id, conversation.id)
  return !inbox?.draft
}

async function hasWords(tx: Tx, member: MemberRow): Promise<boolean> {
  const found = await sql`
    select from messages m
    where m.bucket = ${member.bucket} and m.conversation_id = ${member.conversation_id}
      and m.sequence > ${member.after_sequence} and m.notice is null and m.unsent_at is null
      and ${notCleared(member.user_id)}
    limit 1
  `.execute(tx)
  return found.rows.length > 0
}
