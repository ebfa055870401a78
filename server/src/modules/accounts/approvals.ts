import type { RecordAct } from '#modules/audit'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault, isFault } from '#platform/http/fault.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import type { AccountsApi } from './accounts-api.ts'
import { findUser, lockPasswordHash, type UserRow, updateUser } from './accounts-repository.ts'
import type { AccountSettings } from './accounts-types.ts'
import { lockCounts } from './counts-repository.ts'
import { releaseEmail } from './email-changes-repository.ts'

type Approvals = Pick<AccountsApi, 'approve' | 'refuse' | 'refuseOld'>

interface Deps {
  database: Database
  events: Events
  clock: Clock
  record: RecordAct
  settings: AccountSettings
}

const dayMs = 24 * 60 * 60 * 1000
const batch = 100

/** Where sign-ups are approved: who waits is to everybody else not there, and one who is refused never was. */
export function createApprovals({ database, events, clock, record, settings }: Deps): Approvals {
  async function requireWaiting(tx: Tx, id: Id): Promise<UserRow> {
    await lockPasswordHash(tx, id)
    await lockCounts(tx, [id])
    const user = await findUser(tx, id)
    if (user?.state !== 'waiting') throw fault('user.not_found')
    return user
  }

  async function takeAway(tx: Tx, id: Id): Promise<UserRow> {
    const user = await requireWaiting(tx, id)
    const { username, email } = user
    const about = { bucket: bucketOf(id), subjectId: id }
    await releaseEmail(tx, email, id)
    await tx
      .deleteFrom('username_claims')
      .where('bucket', '=', bucketOfName(username))
      .where('username', '=', username)
      .where('user_id', '=', id)
      .execute()
    for (const table of ['one_time_codes', 'invited', 'credentials', 'user_counts'] as const)
      await tx.deleteFrom(table).where('bucket', '=', about.bucket).where('user_id', '=', id).execute()
    await tx.deleteFrom('users').where('bucket', '=', about.bucket).where('id', '=', id).execute()
    await events.emit(tx, 'accounts.state_changed', { ...about, data: { state: 'deleted' } })
    return user
  }

  /** False: somebody has let them in, or turned them away, meanwhile. */
  async function refuseUnlessDecided(id: Id): Promise<boolean> {
    try {
      await database.transaction(async (tx) => {
        const { username } = await takeAway(tx, id)
        await record(tx, { actor: 'server', act: 'sign_up.refused', subject: { id, username } })
      })
      return true
    } catch (error) {
      if (isFault(error, 'user.not_found')) return false
      throw error
    }
  }

  const listWaiting = (before: Date) =>
    database.main
      .selectFrom('users')
      .select('id')
      .where('state', '=', 'waiting')
      .where('created_at', '<=', before)
      .orderBy('id')
      .limit(batch)
      .execute()

  return {
    async approve(id, within) {
      async function change(tx: Tx): Promise<void> {
        await requireWaiting(tx, id)
        await updateUser(tx, id, { state: 'active' })
        const about = { bucket: bucketOf(id), subjectId: id }
        await events.emit(tx, 'accounts.state_changed', { ...about, data: { state: 'active' } })
        await events.emit(tx, 'accounts.approved', { ...about, data: {} })
      }
      await (within ? change(within) : database.transaction(change))
    },

    async refuse(id, within) {
      const change = async (tx: Tx) => void (await takeAway(tx, id))
      await (within ? change(within) : database.transaction(change))
    },

    async refuseOld() {
      const { waitingDays } = settings
      if (waitingDays === null) return 0
      let gone = 0
      for (;;) {
        const found = await listWaiting(new Date(clock.now() - waitingDays * dayMs))
        for (const { id } of found) if (await refuseUnlessDecided(id)) gone++
        if (found.length < batch) return gone
      }
    },
  }
}
