import type { Role } from '@heliograph/contract/accounts'
import { afterCommit, type Database, type Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import { findUser, updateUser } from './accounts-repository.ts'
import type { AccountState } from './accounts-tables.ts'
import type { AccountListing, AccountsApi, EndSight } from './accounts-types.ts'
import { lockCounts } from './counts-repository.ts'
import type { Sessions } from './sessions-service.ts'

type Admin = Pick<AccountsApi, 'listAccounts' | 'setState' | 'setRoles' | 'rolesOf' | 'setPassword'>

interface Deps {
  database: Database
  events: Events
  hub: Pick<LiveHub, 'closeAccount'>
  sessions: Sessions
  endSight: EndSight
}

/** What the operator does from the command line, and moderators by their decisions. */
export function createAdmin({ database, events, hub, sessions, endSight }: Deps): Admin {
  return {
    listAccounts: (after, limit) => listAccounts(database, after, limit),

    async setState(id: Id, state: AccountState, within?: Tx) {
      const isTakenAway = state !== 'active'
      async function change(tx: Tx): Promise<void> {
        if (isTakenAway) afterCommit(tx, () => hub.closeAccount(id))
        await lockCounts(tx, [id])
        const user = await findUser(tx, id)
        if (!user) throw fault('user.not_found')
        if (user.state === state) return
        await updateUser(tx, id, { state })
        if (isTakenAway) await endSight(tx, id)
        if (isTakenAway) await sessions.endAll(tx, id, null)
        const about = { bucket: bucketOf(id), subjectId: id }
        await events.emit(tx, 'accounts.state_changed', { ...about, data: { state } })
      }
      await (within ? change(within) : database.transaction(change))
    },

    async setRoles(id: Id, roles: Role[]) {
      await database.transaction(async (tx) => {
        if (!(await findUser(tx, id))) throw fault('user.not_found')
        await updateUser(tx, id, { roles })
        const about = { bucket: bucketOf(id), subjectId: id }
        await events.emit(tx, 'accounts.roles_changed', { ...about, data: { roles } })
      })
    },

    rolesOf: async (id, db = database.main) => (await findUser(db, id))?.roles ?? [],

    setPassword: (id, password) => sessions.setPassword(id, password),
  }
}

async function listAccounts(database: Database, after: Id | null, limit: number): Promise<AccountListing[]> {
  const rows = await database.main
    .selectFrom('users')
    .select(['id', 'username', 'email', 'email_verified_at', 'state', 'roles', 'created_at'])
    .$if(after !== null, (query) => query.where('id', '>', after))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    email: row.email,
    isEmailVerified: row.email_verified_at !== null,
    state: row.state,
    roles: row.roles,
    createdAt: row.created_at,
  }))
}
