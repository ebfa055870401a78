import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import { findUser, lockPasswordHash, type UserRow, updateUser } from './accounts-repository.ts'
import type { AccountsApi } from './accounts-types.ts'
import { lockCounts } from './counts-repository.ts'
import { releaseEmail } from './email-changes-repository.ts'

type Approvals = Pick<AccountsApi, 'approve' | 'refuse'>

interface Deps {
  database: Database
  events: Events
}

/** Where sign-ups are approved: who waits is to everybody else not there, and one who is refused never was. */
export function createApprovals({ database, events }: Deps): Approvals {
  async function requireWaiting(tx: Tx, id: Id): Promise<UserRow> {
    await lockPasswordHash(tx, id)
    await lockCounts(tx, [id])
    const user = await findUser(tx, id)
    if (user?.state !== 'waiting') throw fault('user.not_found')
    return user
  }

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
      async function change(tx: Tx): Promise<void> {
        const { username, email } = await requireWaiting(tx, id)
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
      }
      await (within ? change(within) : database.transaction(change))
    },
  }
}
