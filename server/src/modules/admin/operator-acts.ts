import type { AccountsApi } from '#modules/accounts'
import type { Act, RecordAct } from '#modules/audit'
import type { Database, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'

/** What the operator alone can do, at the command line: what is told there would let whoever reads it in. */
export interface OperatorActs {
  /** Sets a new password once, within the hour. */
  newResetLink(id: Id, note: string): Promise<string>
  setPassword(id: Id, password: string): Promise<void>
  /** An account was made there, over the same API as everybody's. */
  noteCreated(id: Id): Promise<void>
  /** Everything that is private is in a copy of theirs. */
  noteExported(id: Id): Promise<void>
  /** Of a link that gives the highest rank; null once there is an owner. */
  newOwnerCode(): Promise<string | null>
  /** Mails that were kept hold links that open accounts. */
  noteMailRead(about: { subject: string; sentAt: string }): Promise<void>
  noteRetried(tasks: readonly string[]): Promise<void>
  noteEmailSeen(id: Id): Promise<void>
  /** Before it is done, as it takes long and may be stopped in the middle: what was begun stands there. */
  noteBegun(act: UpkeepAct, facts: Record<string, unknown>): Promise<void>
  /** One at a time, wherever it is asked for; `change` comes last, and what it throws takes the line of the log back. */
  changeKeys(act: 'keys.changed' | 'keys.forgotten', change: () => Promise<void>): Promise<void>
}

/** About objects, keys and accounts as a whole. */
export type UpkeepAct =
  | 'account.emails_listed'
  | 'storage.collected'
  | 'storage.moved'
  | 'storage.repaired'
  | 'media.rerendered'
  | 'edge.key_told'

interface Deps {
  database: Database
  accounts: Pick<AccountsApi, 'findByIds' | 'newOwnerCode' | 'newResetLink' | 'setPassword'>
  record: RecordAct
  lockInstance(tx: Tx): Promise<unknown>
}

export function createOperatorActs({ database, accounts, record, lockInstance }: Deps): OperatorActs {
  async function note(tx: Tx, id: Id, act: Pick<Act, 'act' | 'note' | 'after'>): Promise<void> {
    const account = (await accounts.findByIds([id], tx)).get(id)
    if (!account) throw fault('user.not_found')
    await record(tx, { actor: 'operator', subject: { id, username: account.username }, ...act })
  }

  return {
    newResetLink: (id, why) =>
      database.transaction(async (tx) => {
        await note(tx, id, {
          act: 'account.password_reset',
          note: why,
          after: { link: 'told to the operator' },
        })
        return await accounts.newResetLink(id, tx)
      }),
    setPassword: (id, password) =>
      accounts.setPassword(id, password, (tx) =>
        note(tx, id, { act: 'account.password_reset', after: { password: 'set by the operator' } }),
      ),
    noteCreated: (id) => database.transaction((tx) => note(tx, id, { act: 'account.created' })),
    noteExported: (id) => database.transaction((tx) => note(tx, id, { act: 'account.exported' })),
    newOwnerCode: () =>
      accounts.newOwnerCode((tx) => record(tx, { actor: 'operator', act: 'owner_link.made', subject: null })),
    noteMailRead: (about) =>
      database.transaction((tx) =>
        record(tx, { actor: 'operator', act: 'mail.read', subject: null, after: about }),
      ),
    noteRetried: (tasks) =>
      database.transaction((tx) =>
        record(tx, {
          actor: 'operator',
          act: 'jobs.retried',
          subject: null,
          after: { count: tasks.length, tasks: [...new Set(tasks)] },
        }),
      ),
    noteEmailSeen: (id) => database.transaction((tx) => note(tx, id, { act: 'account.email_seen' })),
    noteBegun: (act, facts) =>
      database.transaction((tx) => record(tx, { actor: 'operator', act, subject: null, after: facts })),
    changeKeys: (act, change) =>
      database.transaction(async (tx) => {
        await lockInstance(tx)
        await record(tx, { actor: 'operator', act, subject: null })
        await change()
      }),
  }
}
