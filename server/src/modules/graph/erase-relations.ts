import type { AccountsApi, EraseOf } from '#modules/accounts'
import type { Database, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { CloseFriends } from './close-friend-service.ts'
import type { Follows } from './follow-service.ts'
import { listOthers, type MirroredKind, type Pair, pairs, removePair } from './pair-rows.ts'

interface Deps {
  database: Database
  accounts: Pick<AccountsApi, 'lockAccounts'>
  follows: Pick<Follows, 'endFollow' | 'endRequest'>
  closeFriends: Pick<CloseFriends, 'end'>
}

const batch = 100

/** Of somebody who left: what stood between them and others, on both sides, and lists of theirs that others are not told of. */
export function createEraseRelations({ database, accounts, follows, closeFriends }: Deps): EraseOf {
  const endings: [MirroredKind, (tx: Tx, pair: Pair) => Promise<unknown>][] = [
    [pairs.follows, (tx, pair) => follows.endFollow(tx, pair, 'follower')],
    [pairs.requests, (tx, pair) => follows.endRequest(tx, pair, 'follower')],
    [pairs.closeFriends, closeFriends.end],
    [pairs.storyHidden, (tx, pair) => removePair(tx, pairs.storyHidden, pair)],
    [pairs.blocks, (tx, pair) => removePair(tx, pairs.blocks, pair)],
  ]

  /** Each pair in a transaction of its own, so that nobody waits long for one who had many. */
  async function endAll(
    id: Id,
    signal: AbortSignal,
    [kind, end]: (typeof endings)[number],
    side: keyof MirroredKind,
  ) {
    for (;;) {
      const others = await listOthers(database.main, kind[side], id, batch)
      for (const other of others) {
        signal.throwIfAborted()
        const pair = side === 'truth' ? { from: id, to: other } : { from: other, to: id }
        await database.transaction(async (tx) => {
          await accounts.lockAccounts(tx, [id, other])
          // Where one side alone is left of it, that goes too.
          if (!(await end(tx, pair))) await removePair(tx, kind, pair)
        })
      }
      if (others.length < batch) return
    }
  }

  return async (id, signal) => {
    for (const ending of endings)
      for (const side of ['truth', 'mirror'] as const) await endAll(id, signal, ending, side)
    await database.transaction(async (tx) => {
      const at = bucketOf(id)
      await tx.deleteFrom('favourites').where('bucket', '=', at).where('user_id', '=', id).execute()
      await tx.deleteFrom('restricts').where('bucket', '=', at).where('restricter_id', '=', id).execute()
      await tx.deleteFrom('mutes').where('bucket', '=', at).where('muter_id', '=', id).execute()
      await tx.deleteFrom('suggestions_refused').where('bucket', '=', at).where('user_id', '=', id).execute()
      await tx.deleteFrom('interaction_settings').where('bucket', '=', at).where('user_id', '=', id).execute()
    })
  }
}
