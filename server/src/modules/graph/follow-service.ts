import type { Relationship } from '@heliograph/contract/accounts'
import type { AccountsApi, LockedAccount } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import type { CloseFriends } from './close-friend-service.ts'
import { requireRoomForFollow } from './graph-policy.ts'
import { countRows, insertPair, type Pair, pairs, removePair } from './pair-rows.ts'
import { loadRelationships, noRelationship } from './relations.ts'
import { canSee, loadSight } from './visibility.ts'

type EndedBy = 'follower' | 'followed' | 'block'

export interface Follows {
  follow(pair: Pair): Promise<void>
  /** Takes a request back as well. */
  unfollow(pair: Pair): Promise<void>
  /** They are no close friend any more either. */
  removeFollower(pair: Pair): Promise<void>
  /** Throws `follow_request.not_found`. */
  accept(pair: Pair): Promise<void>
  /** For an account that went public: false when the request is gone or the account is private again. */
  acceptIfPublic(pair: Pair): Promise<boolean>
  refuse(pair: Pair): Promise<void>
  /** Inside a transaction that holds both accounts' locks. */
  endFollow(tx: Tx, pair: Pair, by: EndedBy): Promise<boolean>
  endRequest(tx: Tx, pair: Pair, by: EndedBy): Promise<boolean>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  accounts: AccountsApi
  closeFriends: CloseFriends
}

/**
 * Every change of a pair holds the locks of both accounts, drawn in one order: a block and a follow that meet
 * happen one after the other, and the later one sees the earlier.
 */
export function createFollows(deps: Deps): Follows {
  const { database, ids, events, clock, accounts, closeFriends } = deps

  async function lockPair(tx: Tx, { from, to }: Pair): Promise<[LockedAccount, LockedAccount]> {
    const locked = await accounts.lockAccounts(tx, [from, to])
    const follower = locked.get(from)
    const followed = locked.get(to)
    if (!follower || !followed) throw fault('user.not_found')
    return [follower, followed]
  }

  async function requireMayFollow(tx: Tx, { from, to }: Pair): Promise<Relationship> {
    const sight = await loadSight(tx, { id: from }, [to])
    if (!canSee(sight, { kind: 'profile', authorId: to })) throw fault('user.not_found')
    const relationship = (await loadRelationships(tx, from, [to])).get(to) ?? noRelationship(false)
    if (relationship.blocking) throw fault('auth.forbidden', { detail: 'Unblock this account first.' })
    return relationship
  }

  async function establish(tx: Tx, { from, to }: Pair, wasRequest: boolean): Promise<void> {
    const id = ids.next(bucketOf(from))
    const mirrorId = ids.next(bucketOf(to))
    const pair = { from, to, id, mirrorId, now: new Date(clock.now()) }
    if (!(await insertPair(tx, pairs.follows, pair))) return
    await accounts.addCounts(tx, from, { following: 1 })
    await accounts.addCounts(tx, to, { followers: 1 })
    await events.emit(tx, 'graph.followed', {
      bucket: bucketOf(to),
      subjectId: to,
      data: { followerId: from, followedId: to, wasRequest },
    })
  }

  async function request(tx: Tx, { from, to }: Pair): Promise<void> {
    const mirrorId = ids.next(bucketOf(to))
    const pair = { from, to, mirrorId, now: new Date(clock.now()) }
    if (!(await insertPair(tx, pairs.requests, pair))) return
    await events.emit(tx, 'graph.requested', {
      bucket: bucketOf(to),
      subjectId: to,
      data: { followerId: from, followedId: to },
    })
  }

  const endFollow: Follows['endFollow'] = async (tx, { from, to }, by) => {
    if (!(await removePair(tx, pairs.follows, { from, to }))) return false
    await accounts.addCounts(tx, from, { following: -1 })
    await accounts.addCounts(tx, to, { followers: -1 })
    await events.emit(tx, 'graph.unfollowed', {
      bucket: bucketOf(to),
      subjectId: to,
      data: { followerId: from, followedId: to, by },
    })
    return true
  }

  const endRequest: Follows['endRequest'] = async (tx, { from, to }, by) => {
    if (!(await removePair(tx, pairs.requests, { from, to }))) return false
    await events.emit(tx, 'graph.request_ended', {
      bucket: bucketOf(to),
      subjectId: to,
      data: { followerId: from, followedId: to, by },
    })
    return true
  }

  async function acceptLocked(tx: Tx, pair: Pair, follower: LockedAccount): Promise<boolean> {
    if (!(await removePair(tx, pairs.requests, pair))) return false
    requireRoomForFollow(follower.followingCount, 0)
    await establish(tx, pair, true)
    return true
  }

  return {
    endFollow,
    endRequest,

    follow: (pair) =>
      database.transaction(
        async (tx) => {
          const [follower, followed] = await lockPair(tx, pair)
          const { following } = await requireMayFollow(tx, pair)
          if (following === 'yes' || (following === 'requested' && followed.isPrivate)) return
          requireRoomForFollow(follower.followingCount, await countRows(tx, pairs.requests.truth, pair.from))
          if (followed.isPrivate) return request(tx, pair)
          await establish(tx, pair, await removePair(tx, pairs.requests, pair))
        },
        { by: pair.from },
      ),

    unfollow: (pair) =>
      database.transaction(
        async (tx) => {
          await lockPair(tx, pair)
          await endFollow(tx, pair, 'follower')
          await endRequest(tx, pair, 'follower')
        },
        { by: pair.from },
      ),

    removeFollower: (pair) =>
      database.transaction(
        async (tx) => {
          const [, followed] = await lockPair(tx, pair)
          const isRemoved = await endFollow(tx, pair, 'followed')
          if (!isRemoved) return
          await closeFriends.end(tx, { from: pair.to, to: pair.from })
          if (followed.isPrivate || followed.sharesLimited) await accounts.endSight(tx, followed.id)
        },
        { by: pair.to },
      ),

    accept: (pair) =>
      database.transaction(
        async (tx) => {
          const [follower] = await lockPair(tx, pair)
          if (!(await acceptLocked(tx, pair, follower))) throw fault('follow_request.not_found')
        },
        { by: pair.to },
      ),

    acceptIfPublic: (pair) =>
      database.transaction(async (tx) => {
        const [follower, followed] = await lockPair(tx, pair)
        return !followed.isPrivate && acceptLocked(tx, pair, follower)
      }),

    refuse: (pair) =>
      database.transaction(
        async (tx) => {
          await lockPair(tx, pair)
          if (!(await endRequest(tx, pair, 'followed'))) throw fault('follow_request.not_found')
        },
        { by: pair.to },
      ),
  }
}
