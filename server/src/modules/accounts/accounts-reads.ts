import type { Database } from '#platform/db/db.ts'
import type { AccountsApi } from './accounts-api.ts'
import type { AccountsMemory } from './accounts-memory.ts'
import { findUsernameHolders, findUsers, toAccount } from './accounts-repository.ts'
import type { LockedAccount } from './accounts-types.ts'
import { createLockSubject } from './acting.ts'
import { lockCounts } from './counts-repository.ts'
import { findChoices } from './preferences-repository.ts'
import { findPresence } from './presence.ts'

type AccountsReads = Pick<
  AccountsApi,
  | 'findByIds'
  | 'peekByIds'
  | 'peekVersion'
  | 'changedSince'
  | 'findByUsernames'
  | 'preferencesOf'
  | 'keepsStoryArchive'
  | 'defaultAudienceOf'
  | 'presenceOf'
  | 'lockAccounts'
  | 'lockSubject'
>

/** What other modules ask about people: from memory, and from the rows within a transaction. */
export function createAccountsReads(deps: { database: Database; memory: AccountsMemory }): AccountsReads {
  const { main } = deps.database
  const { accounts } = deps.memory

  const findByIds: AccountsApi['findByIds'] = async (ids, db) =>
    db ? new Map((await findUsers(db, ids)).map((user) => [user.id, toAccount(user)])) : accounts.getMany(ids)

  const lockAccounts: AccountsApi['lockAccounts'] = async (tx, ids) => {
    const counts = await lockCounts(tx, ids)
    const locked = new Map<string, LockedAccount>()
    for (const [id, account] of await findByIds(counts.keys(), tx))
      locked.set(id, { ...account, followingCount: counts.get(id)?.following_count ?? 0 })
    return locked
  }

  return {
    findByIds,
    peekByIds: accounts.peekMany,
    peekVersion: accounts.peekVersion,
    changedSince: accounts.droppedSince,
    async findByUsernames(names) {
      const wanted = [...new Set([...names].map((name) => name.toLowerCase()))]
      const found = await findByIds(await findUsernameHolders(main, wanted))
      const active = [...found.values()].filter((account) => account.state === 'active')
      return new Map(active.map((account) => [account.username, account]))
    },
    preferencesOf: async (ids, db = main) =>
      new Map(
        (await findUsers(db, ids)).map(({ id, time_zone, language, personalisation }) => [
          id,
          { timeZone: time_zone, language, personalisation },
        ]),
      ),
    keepsStoryArchive: async (id) => (await findChoices(main, id)).keepStoryArchive,
    defaultAudienceOf: async (id) => (await findChoices(main, id)).defaultAudience,
    presenceOf: (ids) => findPresence(main, ids),
    lockAccounts,
    lockSubject: createLockSubject(lockAccounts),
  }
}
