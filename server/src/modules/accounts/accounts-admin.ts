import type { Role } from '@heliograph/contract/accounts'
import { sql } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { AccountsApi } from './accounts-api.ts'
import type { DirectoryFilter } from './accounts-directory.ts'
import { findUser, updateUser } from './accounts-repository.ts'
import type { AccountState } from './accounts-tables.ts'
import type { AccountListing } from './accounts-types.ts'
import type { PasswordChanges } from './password-changes.ts'
import type { Suspensions } from './suspensions.ts'

type Admin = Pick<AccountsApi, 'listAccounts' | 'setState' | 'setRoles' | 'rolesOf' | 'setPassword'>

interface Deps {
  database: Database
  events: Events
  passwords: Pick<PasswordChanges, 'setPassword'>
  suspensions: Suspensions
}

/** What the operator does from the command line, and moderators by their decisions. */
export function createAdmin({ database, events, passwords, suspensions }: Deps): Admin {
  return {
    listAccounts: (after, limit, filter = {}) => listAccounts(database, after, limit, filter),

    async setState(id: Id, state: AccountState, within?: Tx) {
      const change = (tx: Tx) => suspensions.setState(tx, id, state)
      await (within ? change(within) : database.transaction(change))
    },

    async setRoles(id: Id, roles: Role[], within?: Tx) {
      async function change(tx: Tx): Promise<void> {
        if (!(await findUser(tx, id))) throw fault('user.not_found')
        await updateUser(tx, id, { roles })
        const about = { bucket: bucketOf(id), subjectId: id }
        await events.emit(tx, 'accounts.roles_changed', { ...about, data: { roles } })
      }
      await (within ? change(within) : database.transaction(change))
    },

    rolesOf: async (id, db = database.main) => (await findUser(db, id))?.roles ?? [],

    setPassword: passwords.setPassword,
  }
}

async function listAccounts(
  database: Database,
  after: Id | null,
  limit: number,
  { state, role }: DirectoryFilter,
): Promise<AccountListing[]> {
  const rows = await database.main
    .selectFrom('users')
    .select(['id', 'username', 'email', 'email_verified_at', 'state', 'roles', 'created_at'])
    .$if(after !== null, (query) => query.where('id', '>', after))
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'active'))
    .$if(role !== undefined, (query) => query.where(sql<boolean>`${role ?? ''} = any(roles)`))
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
