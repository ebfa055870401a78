import type { Coherence, Kept } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import { findUsers, toAccount } from './accounts-repository.ts'
import type { AccountRow, AccountSettings } from './accounts-types.ts'
import { findSessionByToken, type SessionWithState } from './sessions-repository.ts'

/** What is asked for by almost every request. Both are dropped by the events of this module. */
export interface AccountsMemory {
  accounts: Kept<Id, AccountRow>
  /** By `sessionKey`; a session that has expired meanwhile is still here. */
  sessions: Kept<string, SessionWithState>
}

/** About 700 bytes each. */
const keptAccounts = 50_000
/** About 400 bytes each. */
const keptSessions = 50_000

interface Deps {
  database: Database
  events: Events
  coherence: Pick<Coherence, 'createKept'>
  settings: Pick<AccountSettings, 'requireSecondFactor'>
}

export function createAccountsMemory({ database, events, coherence, settings }: Deps): AccountsMemory {
  const { main } = database
  const accounts = coherence.createKept<Id, AccountRow>({
    name: 'accounts',
    max: keptAccounts,
    // Many hold the same one.
    load: async (ids) =>
      new Map((await findUsers(main, ids)).map((user) => [user.id, Object.freeze(toAccount(user))])),
  })
  const sessions = coherence.createKept<string, SessionWithState>({
    name: 'sessions',
    max: keptSessions,
    groupOf: (key) => readKey(key).userId,
    async load(keys) {
      const found = new Map<string, SessionWithState>()
      await Promise.all(
        keys.map(async (key) => {
          const { userId, hash } = readKey(key)
          const session = await findSessionByToken(main, userId, hash, settings)
          if (session) found.set(key, session)
        }),
      )
      return found
    },
  })

  events.on('accounts.profile_changed', ({ subjectId }) => accounts.drop(subjectId))
  events.on('accounts.privacy_changed', ({ subjectId }) => accounts.drop(subjectId))
  events.on('accounts.sight_ended', ({ subjectId }) => accounts.drop(subjectId))
  events.on('accounts.state_changed', ({ subjectId }) => {
    accounts.drop(subjectId)
    sessions.dropGroup(subjectId)
  })
  for (const kind of [
    'accounts.sessions_ended',
    'accounts.proved',
    'accounts.roles_changed',
    'accounts.email_verified',
    'accounts.second_factor_changed',
  ] as const)
    events.on(kind, ({ subjectId }) => sessions.dropGroup(subjectId))

  return { accounts, sessions }
}

/** Whose it is, since all of an account's are dropped together, and the hash of its token. */
export function sessionKey(userId: Id, hash: Buffer): string {
  return `${userId} ${hash.toString('base64')}`
}

function readKey(key: string): { userId: Id; hash: Buffer } {
  const [userId = '', hash = ''] = key.split(' ')
  return { userId, hash: Buffer.from(hash, 'base64') }
}
