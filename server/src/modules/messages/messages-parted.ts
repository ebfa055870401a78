import type { Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import { canSeeMessage, partedAmong } from './messages-policy.ts'

/** Of these, whose words a reader is not shown. */
export type FindParted = (ids: readonly Id[]) => Promise<ReadonlySet<Id>>

export function partedFrom({ graph }: Pick<MessagesDeps, 'graph'>, reader: Reader): FindParted {
  return async (ids) => partedAmong(await graph.loadSight(reader, ids), ids)
}

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
