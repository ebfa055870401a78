import { canSee, type SightOver } from '#modules/graph'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { ConversationRow, MemberRow, MessageRow } from './messages-tables.ts'

/** From then on a message stays as it is. */
export const editableMs = 15 * 60_000

export function isMember(member: MemberRow | undefined): member is MemberRow {
  return member?.is_member === true
}

/** What a reader is shown of somebody's words: whoever is in the conversation, unless a block parts the two. */
export function canSeeMessage(sight: SightOver, message: Pick<MessageRow, 'sender_id'>): boolean {
  return canSee(sight, { kind: 'message', authorId: message.sender_id })
}

/** Of these, whose words this reader is not shown. A block parts both. */
export function partedAmong(sight: SightOver, ids: readonly Id[]): Set<Id> {
  return new Set(ids.filter((id) => !canSeeMessage(sight, { sender_id: id })))
}

export function requireGroup({ kind }: ConversationRow): void {
  if (kind !== 'group') throw fault('conversation.not_group')
}

export function requireAdmin(own: MemberRow): void {
  if (!own.is_admin) throw fault('conversation.not_admin')
}

export function otherOf(members: readonly MemberRow[], readerId: Id): MemberRow | undefined {
  return members.find((member) => member.user_id !== readerId)
}

/** Of who is left, when the last admin has gone: who has been in it the longest. `members` stand in that order. */
export function nextAdmin(members: readonly MemberRow[]): MemberRow | undefined {
  const left = members.filter(isMember)
  return left.some((member) => member.is_admin) ? undefined : left[0]
}
