import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { CloseFriends } from './close-friend-service.ts'
import type { Follows } from './follow-service.ts'
import { lockMute, type Muted, saveMute } from './mutes-repository.ts'
import { insertPair, type Pair, pairs, removePair } from './pair-rows.ts'

export interface Blocks {
  /** Follows, requests and close friendships end in both directions. */
  block(pair: Pair): Promise<void>
  unblock(pair: Pair): Promise<void>
  /** What is not named stays as it is. */
  mute(pair: Pair, what: Muted): Promise<void>
  unmute(pair: Pair): Promise<void>
}

/** Whether one has shown the other more than everybody sees, where this module does not look. */
export type HasShown = (tx: Tx, ownerId: Id, otherId: Id) => Promise<boolean>

interface Deps {
  /** Asked in the transaction of a block. */
  hasShown: readonly HasShown[]
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  accounts: AccountsApi
  follows: Follows
  closeFriends: CloseFriends
}

export function createBlocks({
  database,
  ids,
  events,
  clock,
  accounts,
  follows,
  closeFriends,
  hasShown,
}: Deps): Blocks {
  async function endMute(tx: Tx, { from, to }: Pair): Promise<void> {
    if (!(await removePair(tx, pairs.mutes, { from, to }))) return
    const data = { muterId: from, mutedId: to }
    await events.emit(tx, 'graph.unmuted', { bucket: bucketOf(to), subjectId: to, data })
  }

  /** What one saw of the other: a follow, a request, and standing on their list. True when that was more than others saw. */
  async function endBetween(tx: Tx, pair: Pair): Promise<boolean> {
    const isFollow = await follows.endFollow(tx, pair, 'block')
    await follows.endRequest(tx, pair, 'block')
    const isClose = await closeFriends.end(tx, { from: pair.to, to: pair.from })
    return isFollow || isClose
  }

  async function wasShown(tx: Tx, { from, to }: Pair): Promise<boolean> {
    for (const ask of hasShown) if (await ask(tx, from, to)) return true
    return false
  }

  return {
    block: ({ from, to }) =>
      database.transaction(
        async (tx) => {
          const locked = await accounts.lockAccounts(tx, [from, to])
          const blocker = locked.get(from)
          const blocked = locked.get(to)
          if (!blocker || !blocked) throw fault('user.not_found')
          const id = ids.next(bucketOf(from))
          if (!(await insertPair(tx, pairs.blocks, { from, to, id, now: new Date(clock.now()) }))) return
          const sawBlocked = await endBetween(tx, { from, to })
          await endBetween(tx, { from: to, to: from })
          if (blocker.isPrivate || blocker.sharesLimited || (await wasShown(tx, { from, to })))
            await accounts.endSight(tx, from)
          // Only where there was more to see: else strangers could cost a private account all its addresses, at will.
          if (
            (sawBlocked && (blocked.isPrivate || blocked.sharesLimited)) ||
            (await wasShown(tx, { from: to, to: from }))
          )
            await accounts.endSight(tx, to)
          const data = { blockerId: from, blockedId: to }
          await events.emit(tx, 'graph.blocked', { bucket: bucketOf(to), subjectId: to, data })
        },
        { by: from },
      ),

    unblock: ({ from, to }) =>
      database.transaction(
        async (tx) => {
          await accounts.lockAccounts(tx, [from, to])
          if (!(await removePair(tx, pairs.blocks, { from, to }))) return
          const data = { blockerId: from, blockedId: to }
          await events.emit(tx, 'graph.unblocked', { bucket: bucketOf(to), subjectId: to, data })
        },
        { by: from },
      ),

    mute: ({ from, to }, { posts, stories }) =>
      database.transaction(
        async (tx) => {
          const before = await lockMute(tx, { from, to })
          const wanted = {
            posts: posts ?? before?.posts ?? false,
            stories: stories ?? before?.stories ?? false,
          }
          if (!wanted.posts && !wanted.stories) return endMute(tx, { from, to })
          const id = ids.next(bucketOf(from))
          if (!(await saveMute(tx, { from, to, id, now: new Date(clock.now()), ...wanted }))) return
          const data = { muterId: from, mutedId: to }
          await events.emit(tx, 'graph.muted', { bucket: bucketOf(to), subjectId: to, data })
        },
        { by: from },
      ),

    unmute: (pair) => database.transaction((tx) => endMute(tx, pair), { by: pair.from }),
  }
}
