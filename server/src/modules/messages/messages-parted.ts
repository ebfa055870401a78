import type { Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { findGone } from './conversations-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { Locked } from './messages-gate.ts'
import { canSeeMessage } from './messages-policy.ts'

/**
 * Of these, whose words this reader is not shown: a block parts the two, or their account is not there just now. Asked of the
 * primary: who follows events may run before what is kept in memory was dropped.
 */
export async function listParted(
  tx: Tx,
  { accounts, graph }: Pick<MessagesDeps, 'accounts' | 'graph'>,
  readerId: Id,
  ids: readonly Id[],
): Promise<Set<Id>> {
  const known = await accounts.findByIds(ids, tx)
  const sights = await graph.loadAudience(readerId, ids)
  return new Set(
    ids.filter((id) => {
      const sight = sights.get(id)
      return known.get(id)?.state !== 'active' || !sight || !canSeeMessage(sight, { sender_id: readerId })
    }),
  )
}

/** Of whom there may be words in a conversation: of a group also those who left it. */
export async function writersIn({
  tx,
  conversation,
  members,
}: Pick<Locked, 'tx' | 'conversation' | 'members'>): Promise<Id[]> {
  const present = members.map((member) => member.user_id)
  if (conversation.kind !== 'group') return present
  const gone = await findGone(tx, conversation.id, 0)
  return [...new Set([...present, ...gone.map((member) => member.user_id)])]
}
