import type { SignInBody } from '@heliograph/contract/accounts'
import { normalizeUsername } from '@heliograph/contract/usernames'
import type { z } from 'zod'
import type { Database, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import type { Id } from '#platform/ids/ids.ts'
import { normalizeEmail, requireMaySignIn } from './accounts-policy.ts'
import {
  findEmailHolder,
  findPasswordHash,
  findUser,
  findUsernameHolders,
  lockPasswordHash,
  type UserRow,
} from './accounts-repository.ts'
import type { Client } from './client.ts'
import { type KnownDevices, nobody } from './known-devices.ts'
import { verifyPassword } from './passwords.ts'
import { type Factors, findFactors } from './second-factors/factors-repository.ts'
import type { SecondStepGate } from './second-factors/second-step.ts'
import type { Sessions, SignedInAs, Starting } from './sessions-service.ts'

type SignInInput = z.output<typeof SignInBody>

/** From a name and a password to a session. */
export interface PasswordSignIn {
  /** By current username, or by the address that is proved and in use. */
  findByLogin(login: string): Promise<UserRow | undefined>
  /**
   * The only way from a password that was right to a session: throws `auth.second_factor_needed` where a second step is
   * asked for, and `auth.wrong_credentials` when the password is no longer the one that was looked at.
   */
  startByPassword(account: { user: Starting; hash: string }, client: Client, once?: Once): Promise<SignedInAs>
  signIn(input: SignInInput, client: Client, once: Once): Promise<SignedInAs>
  /**
   * The same request again: the password is asked for anew, and a further session starts. Tokens are stored
   * hashed, so the first cannot be told once more, and whoever has it keeps it.
   */
  repeatSignIn(input: SignInInput, client: Client): Promise<SignedInAs>
}

interface Deps {
  database: Database
  sessions: Pick<Sessions, 'start'>
  signInLimit: RateLimits['failedSignIn']
  secondStep: SecondStepGate
  devices: Pick<KnownDevices, 'find'>
}

export function createPasswordSignIn(deps: Deps): PasswordSignIn {
  const { database, sessions, signInLimit, secondStep, devices } = deps

  /** Whose name or address it is, and whether it signs them in. */
  async function findHolder(login: string): Promise<{ id: Id; isTheirs(user: UserRow): boolean }> {
    const email = login.includes('@') ? normalizeEmail(login) : null
    const id =
      email === null
        ? (await findUsernameHolders(database.main, [normalizeUsername(login)]))[0]
        : await findEmailHolder(database.main, email)
    // An address that was given up stays claimed for a while, and signs nobody in.
    return { id: id ?? nobody, isTheirs: (user) => email === null || user.email === email }
  }

  async function findByLogin(login: string): Promise<UserRow | undefined> {
    const { id, isTheirs } = await findHolder(login)
    const user = await findUser(database.main, id)
    return user && isTheirs(user) ? user : undefined
  }

  /** The same work whether or not there is such an account; what can be asked at once goes over the wire together. */
  async function requireAccount(
    { login, password }: SignInInput,
    client: Client,
  ): Promise<{ user: UserRow; hash: string }> {
    const { id, isTheirs } = await findHolder(login)
    const [found, place, stored] = await Promise.all([
      findUser(database.main, id),
      devices.find(id, client),
      findPasswordHash(database.main, id),
    ])
    const user = found && isTheirs(found) ? found : null
    const attempt = await signInLimit.begin(client.address, login, user && place)
    const hash = user && stored
    if (!(await verifyPassword(hash, password)) || !user || !hash) throw fault('auth.wrong_credentials')
    await attempt.succeeded()
    requireMaySignIn(user.state, user)
    return { user, hash }
  }

  /**
   * A password that was changed since it was looked at opens no session that the change did not end. The factors are asked
   * for by a statement of their own behind the lock: whoever held it may have been adding one.
   */
  async function requireUnchanged(tx: Tx, userId: Id, hash: string): Promise<Factors> {
    const [stored, factors] = await Promise.all([lockPasswordHash(tx, userId), findFactors(tx, userId)])
    if (stored !== hash) throw fault('auth.wrong_credentials')
    return factors
  }

  const startByPassword: PasswordSignIn['startByPassword'] = async ({ user, hash }, client, once) => {
    const userId = user.id
    const entered = await database.transaction(
      async (tx) => {
        const factors = await requireUnchanged(tx, userId, hash)
        const needed = await secondStep.ask(tx, { userId, factors }, client)
        if (needed) return { needed }
        const started = await sessions.start(tx, user, client)
        await once?.record(tx, started.sessionId)
        return started
      },
      { by: userId },
    )
    if ('needed' in entered) throw fault('auth.second_factor_needed', { members: entered.needed })
    return entered
  }

  return {
    findByLogin,
    startByPassword,

    async signIn(input, client, once) {
      const { user, hash } = await requireAccount(input, client)
      return startByPassword({ user, hash }, client, once)
    },

    async repeatSignIn(input, client) {
      const { user, hash } = await requireAccount(input, client)
      return startByPassword({ user, hash }, client)
    },
  }
}
