import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import type { Viewer } from '#platform/http/viewer.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { takeBudget } from './account-budgets.ts'
import { requireStrongPassword } from './accounts-policy.ts'
import {
  findPasswordHash,
  findUser,
  lockPasswordHash,
  savePasswordHash,
  type UserRow,
} from './accounts-repository.ts'
import type { Client } from './client.ts'
import { inSession, type KnownDevices } from './known-devices.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { findFactors } from './second-factors/factors-repository.ts'
import { requireOpenSession } from './sessions-repository.ts'
import type { SessionHolder, Sessions } from './sessions-service.ts'

/** Another password, and the end of what the one of before opened. */
export interface PasswordChanges {
  /**
   * Gives the token under which this session goes on; see `Sessions.renew`. Where the account has a second factor the password
   * alone is not enough, here as little as when signing in: the session must have a proof, and gets none by this.
   */
  changePassword(
    holder: SessionHolder & Pick<Viewer, 'hasProof'>,
    passwords: { current: string; next: string },
    client: Client,
  ): Promise<string | null>
  /** All sessions end. `within` is part of the same transaction. */
  setPassword(userId: Id, password: string, within?: (tx: Tx) => Promise<void>): Promise<void>
  /** By whoever reads the owner's mail: where they are is known from now on. Gives what a browser is to keep. */
  resetPassword(
    userId: Id,
    password: string,
    client: Client,
    within: (tx: Tx) => Promise<void>,
  ): Promise<string | null>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  sessions: Pick<Sessions, 'renew' | 'endAll' | 'closeLive'>
  signInLimit: RateLimits['failedSignIn']
  devices: Pick<KnownDevices, 'forget' | 'note'>
  codes: Pick<OneTimeCodes, 'withdraw'>
}

interface Replacing {
  /** In whose place, and from which session, which stays; null: whoever may, whatever it was. */
  shown: { holder: SessionHolder; hash: string; client: Client } | null
  within?: ((tx: Tx) => Promise<void>) | undefined
  /** After everything was forgotten. */
  afterwards?: (tx: Tx) => Promise<void>
}

export function createPasswordChanges(deps: Deps): PasswordChanges {
  const { database, events, clock, sessions, signInLimit, devices, codes } = deps

  async function replacePassword(
    user: UserRow,
    password: string,
    { shown, within, afterwards }: Replacing,
  ): Promise<void> {
    requireStrongPassword(password, { username: user.username, email: user.email })
    const hash = await hashPassword(password)
    const ended = await database.transaction(
      async (tx) => {
        const present = await lockPasswordHash(tx, user.id)
        // What was reset meanwhile is not taken back by whoever knew the password of before.
        if (shown && present !== shown.hash) throw fault('auth.wrong_credentials')
        if (shown) await requireOpenSession(tx, shown.holder)
        await within?.(tx)
        await codes.withdraw(tx, user.id, ['reset'])
        const now = new Date(clock.now())
        await savePasswordHash(tx, { userId: user.id, hash, now })
        const about = { bucket: bucketOf(user.id), subjectId: user.id, data: {} }
        if (await takeBudget(tx, user.id, 'password_mails', now))
          await events.emit(tx, 'accounts.password_changed', about)
        const endedNow = await sessions.endAll(tx, user.id, shown?.holder.sessionId ?? null)
        await devices.forget(tx, user.id, shown?.client ?? null)
        await afterwards?.(tx)
        return endedNow
      },
      { by: user.id },
    )
    sessions.closeLive(ended)
  }

  return {
    async changePassword(holder, { current, next }, client) {
      const user = await findUser(database.main, holder.id)
      if (!user) throw fault('auth.required')
      const attempt = await signInLimit.begin(client.address, user.username, inSession(holder))
      const hash = await findPasswordHash(database.main, user.id)
      if (!(await verifyPassword(hash, current)) || !hash) throw fault('auth.wrong_credentials')
      await attempt.succeeded()
      if (next === current) throw fault('account.password_weak', { detail: 'It is the one that you have.' })
      let token: string | null = null
      let hasFactor = false
      const within = async (tx: Tx) => {
        const { totp, passkey } = await findFactors(tx, user.id)
        hasFactor = totp || passkey
        if (hasFactor && !holder.hasProof) throw fault('auth.proof_needed')
      }
      const afterwards = async (tx: Tx) => {
        token = await sessions.renew(tx, holder, { proves: !hasFactor })
      }
      await replacePassword(user, next, { shown: { holder, hash, client }, within, afterwards })
      return token
    },

    async resetPassword(userId, password, client, within) {
      const user = await findUser(database.main, userId)
      if (!user) throw fault('user.not_found')
      let kept: string | null = null
      const afterwards = async (tx: Tx) => {
        kept = (await devices.note(tx, userId, client)).deviceToken
      }
      await replacePassword(user, password, { shown: null, within, afterwards })
      return kept
    },

    async setPassword(userId, password, within) {
      const user = await findUser(database.main, userId)
      if (!user) throw fault('user.not_found')
      await replacePassword(user, password, { shown: null, within })
    },
  }
}
