import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { requireBudget } from './account-budgets.ts'
import { leavingMs } from './accounts-policy.ts'
import { findUser, updateUser } from './accounts-repository.ts'
import { lockCounts } from './counts-repository.ts'
import { requireOpenSession } from './sessions-repository.ts'
import type { Suspensions } from './suspensions.ts'

/** Somebody deletes their account: hidden at once, theirs again when they sign in within 30 days, gone after. */
export interface Leaving {
  /** By its owner. Ends all sessions; gives when everything will be gone. */
  leave(viewer: Viewer): Promise<Date>
  /** The same within an act; only of one that is active and has no role. */
  begin(tx: Tx, id: Id): Promise<Date>
  /** False: it was not about to go. */
  takeBack(tx: Tx, id: Id): Promise<boolean>
  /** Null: it stays. */
  leavingAt(id: Id, db?: Tx): Promise<Date | null>
  /** Without waiting, whatever state it is in; what is left to do is a job's. */
  end(tx: Tx, id: Id): Promise<void>
  /** All whose time is over; how many. Throws in the end when some failed: none waits for another. */
  endDue(signal: AbortSignal): Promise<number>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  setState: Suspensions['setState']
}

const batch = 100

export function createLeaving({ database, events, clock, setState }: Deps): Leaving {
  const about = (id: Id) => ({ bucket: bucketOf(id), subjectId: id })

  async function begin(tx: Tx, id: Id): Promise<Date> {
    await lockCounts(tx, [id])
    const user = await findUser(tx, id)
    if (user?.state !== 'active') throw fault('user.not_found')
    // Somebody has to look after the server, and nobody who does is thrown out by a stolen session.
    if (user.roles.length > 0) throw fault('account.has_role')
    const deleteAt = new Date(clock.now() + leavingMs)
    await setState(tx, id, 'deactivated')
    await updateUser(tx, id, { delete_at: deleteAt })
    await events.emit(tx, 'accounts.leaving', { ...about(id), data: {} })
    return deleteAt
  }

  async function end(tx: Tx, id: Id): Promise<void> {
    await setState(tx, id, 'deleted')
    await updateUser(tx, id, { delete_at: null })
  }

  /** Whoever is suspended meanwhile does not go before that has ended: nobody gets rid of it by leaving. */
  async function endIfDue(id: Id): Promise<boolean> {
    return database.transaction(async (tx) => {
      await lockCounts(tx, [id])
      const user = await findUser(tx, id)
      const isDue = user?.state === 'deactivated' && user.delete_at && user.delete_at.getTime() <= clock.now()
      if (isDue) await end(tx, id)
      return Boolean(isDue)
    })
  }

  const listDue = (after: Id) =>
    database.main
      .selectFrom('users')
      .select('id')
      .where('delete_at', '<=', new Date(clock.now()))
      .where('state', '=', 'deactivated')
      .where('id', '>', after)
      .orderBy('id')
      .limit(batch)
      .execute()

  return {
    begin,
    end,

    leave: (viewer) =>
      database.transaction(
        async (tx) => {
          await requireOpenSession(tx, viewer)
          // Coming back and leaving again is told twice each time.
          await requireBudget(tx, viewer.id, 'leavings', new Date(clock.now()))
          return begin(tx, viewer.id)
        },
        { by: viewer.id },
      ),

    async takeBack(tx, id) {
      await lockCounts(tx, [id])
      const user = await findUser(tx, id)
      if (user?.state !== 'deactivated' || user.delete_at === null) return false
      await setState(tx, id, 'active')
      await updateUser(tx, id, { delete_at: null })
      await events.emit(tx, 'accounts.stayed', { ...about(id), data: {} })
      return true
    },

    leavingAt: async (id, db) => (await findUser(db ?? database.main, id))?.delete_at ?? null,

    async endDue(signal) {
      let ended = 0
      const failures: unknown[] = []
      // Those that fail stay where they are: each page begins behind the one of before.
      for (let after = '0', isMore = true; isMore; ) {
        const found = await listDue(after)
        for (const { id } of found) {
          signal.throwIfAborted()
          try {
            if (await endIfDue(id)) ended++
          } catch (error) {
            failures.push(error)
          }
        }
        after = found.at(-1)?.id ?? after
        isMore = found.length === batch
      }
      if (failures.length > 0)
        throw new AggregateError(failures, 'Accounts that should be gone are still there')
      return ended
    },
  }
}
