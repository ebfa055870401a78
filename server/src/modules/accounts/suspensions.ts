import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, type Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import { leavingAfterSuspensionMs } from './accounts-policy.ts'
import { findUser, updateUser } from './accounts-repository.ts'
import type { AccountState } from './accounts-tables.ts'
import type { EndSight } from './accounts-types.ts'
import { lockCounts } from './counts-repository.ts'
import type { Sessions } from './sessions-service.ts'

export interface Suspension {
  /** The suspended person reads it when they sign in; nobody else does but those who run the server. */
  reason: string
  /** Null: until somebody ends it. */
  until: Date | null
  /** Place in `roleRanks` of who made it, the operator's with the owners'; null: made before that was kept. */
  rank: number | null
}

export interface Suspensions {
  /** Again: changes reason and end. Ends all sessions and takes sight away. Throws `user.not_found` about a deleted one. */
  suspend(tx: Tx, id: Id, suspension: Suspension): Promise<void>
  /**
   * What the account was before it is again; false when it was not suspended. Whoever was about to leave has at least a week
   * from now on to come back.
   */
  unsuspend(tx: Tx, id: Id): Promise<boolean>
  /** Null: it is not suspended. */
  suspensionOf(id: Id, db?: Tx): Promise<Suspension | null>
  /** Those that should have ended, the oldest first. */
  listOver(now: Date, limit: number): Promise<Id[]>
  /** What a change of state brings with it; for this module. */
  setState(tx: Tx, id: Id, state: AccountState): Promise<void>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  hub: Pick<LiveHub, 'closeAccount'>
  sessions: Pick<Sessions, 'endAll'>
  endSight: EndSight
}

const none = { suspension_reason: null, suspended_until: null, suspended_rank: null, state_before: null }

export function createSuspensions(deps: Deps): Suspensions {
  const { database, events, clock, hub, sessions, endSight } = deps

  async function lock(tx: Tx, id: Id) {
    await lockCounts(tx, [id])
    const user = await findUser(tx, id)
    if (!user) throw fault('user.not_found')
    return user
  }

  async function announce(tx: Tx, id: Id, state: AccountState): Promise<void> {
    if (state !== 'active') {
      await endSight(tx, id)
      await sessions.endAll(tx, id, null)
    }
    await events.emit(tx, 'accounts.state_changed', { bucket: bucketOf(id), subjectId: id, data: { state } })
  }

  /** Whoever could not sign in is not gone with the end of that: they have some days to come back. */
  function leavingUntil(deleteAt: Date | null): Date | null {
    return deleteAt && new Date(Math.max(deleteAt.getTime(), clock.now() + leavingAfterSuspensionMs))
  }

  return {
    async suspend(tx, id, { reason, until, rank }) {
      afterCommit(tx, () => hub.closeAccount(id))
      const user = await lock(tx, id)
      // What is being erased would stay for as long as the suspension lasts.
      if (user.state === 'deleted') throw fault('user.not_found')
      const isNew = user.state !== 'suspended'
      await updateUser(tx, id, {
        state: 'suspended',
        suspension_reason: reason,
        suspended_until: until,
        suspended_rank: rank,
        ...(isNew ? { state_before: user.state } : {}),
      })
      if (isNew) await announce(tx, id, 'suspended')
    },

    async unsuspend(tx, id) {
      const user = await lock(tx, id)
      if (user.state !== 'suspended') return false
      const state = user.state_before ?? 'active'
      const deleteAt = state === 'deactivated' ? leavingUntil(user.delete_at) : null
      await updateUser(tx, id, { state, ...none, ...(deleteAt && { delete_at: deleteAt }) })
      await announce(tx, id, state)
      // Told once more: the day is another, and they may sign in again.
      if (deleteAt)
        await events.emit(tx, 'accounts.leaving', { bucket: bucketOf(id), subjectId: id, data: {} })
      return true
    },

    async suspensionOf(id, db) {
      const user = await findUser(db ?? database.main, id)
      if (user?.state !== 'suspended') return null
      const { suspension_reason: reason, suspended_until: until, suspended_rank: rank } = user
      return { reason: reason ?? '', until: until ?? null, rank: rank ?? null }
    },

    async listOver(now, limit) {
      const rows = await database.main
        .selectFrom('users')
        .select('id')
        .where('suspended_until', '<=', now)
        .where('state', '=', 'suspended')
        .orderBy('suspended_until')
        .limit(limit)
        .execute()
      return rows.map(({ id }) => id)
    },

    async setState(tx, id, state) {
      if (state !== 'active') afterCommit(tx, () => hub.closeAccount(id))
      const user = await lock(tx, id)
      if (user.state === state) return
      await updateUser(tx, id, { state, ...none })
      await announce(tx, id, state)
    },
  }
}
