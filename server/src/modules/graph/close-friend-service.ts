import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { requireRoomForCloseFriend } from './graph-policy.ts'
import { countRows, insertPair, type Pair, pairs, removePair } from './pair-rows.ts'
import { canSee, loadSight } from './visibility.ts'

/** `from` keeps the list; `to` stands on it. */
export interface CloseFriends {
  /** Throws `close_friend.too_many`. */
  add(pair: Pair): Promise<void>
  remove(pair: Pair): Promise<void>
  /** Inside a transaction that holds both accounts' locks and sees to the addresses handed out before. */
  end(tx: Tx, pair: Pair): Promise<boolean>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  accounts: AccountsApi
}

export function createCloseFriends({ database, ids, events, clock, accounts }: Deps): CloseFriends {
  const about = ({ from, to }: Pair) => ({
    bucket: bucketOf(to),
    subjectId: to,
    data: { userId: from, friendId: to },
  })

  const end: CloseFriends['end'] = async (tx, pair) => {
    if (!(await removePair(tx, pairs.closeFriends, pair))) return false
    await events.emit(tx, 'graph.close_friend_removed', about(pair))
    return true
  }

  return {
    end,

    add: (pair) =>
      database.transaction(
        async (tx) => {
          const { from, to } = pair
          // A block that is made right now comes before or after.
          await accounts.lockAccounts(tx, [from, to])
          const sight = await loadSight(tx, { id: from }, [to])
          if (!canSee(sight, { kind: 'profile', authorId: to })) throw fault('user.not_found')
          if (sight.authors.get(to)?.blocking)
            throw fault('auth.forbidden', { detail: 'Unblock this account first.' })
          const id = ids.next(bucketOf(from))
          const listed = await countRows(tx, pairs.closeFriends.truth, from)
          if (!(await insertPair(tx, pairs.closeFriends, { from, to, id, now: new Date(clock.now()) })))
            return
          requireRoomForCloseFriend(listed)
          await events.emit(tx, 'graph.close_friend_added', about(pair))
        },
        { by: pair.from },
      ),

    remove: (pair) =>
      database.transaction(
        async (tx) => {
          const locked = await accounts.lockAccounts(tx, [pair.from, pair.to])
          if (!(await end(tx, pair))) return
          if (locked.get(pair.from)?.sharesLimited) await accounts.endSight(tx, pair.from)
        },
        { by: pair.from },
      ),
  }
}
