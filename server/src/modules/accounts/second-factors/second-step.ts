import type {
  PasskeyAssertion,
  SecondFactorMethod,
  SecondFactorNeeded,
} from '@heliograph/contract/second-factors'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault, isFault } from '#platform/http/fault.ts'
import type { KnownPlace, RateLimits } from '#platform/http/rate-limits.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { takeBudget } from '../account-budgets.ts'
import { requireMaySignIn } from '../accounts-policy.ts'
import { findUser, lockPasswordHash } from '../accounts-repository.ts'
import type { Client } from '../client.ts'
import type { KnownDevices } from '../known-devices.ts'
import { createToken, readToken } from '../session-tokens.ts'
import type { Sessions, SignedInAs } from '../sessions-service.ts'
import { endSignInChallenge, insertSignInChallenge, takeSignInTry } from './challenges-repository.ts'
import type { FactorProofs, Shown } from './factor-proofs.ts'
import { type Factors, findFactors } from './factors-repository.ts'
import { describeRequest, type Site } from './passkey-answers.ts'
import type { PasskeyChallenges } from './passkey-challenges.ts'
import { findPasskeyOwner, listPasskeys } from './passkeys-repository.ts'

/** What sessions asks before one is started by a password, wherever that happens. */
export interface SecondStepGate {
  /** Null: nothing more is asked for. The factors are those that stood behind the lock of the account's credentials. */
  ask(tx: Tx, account: { userId: Id; factors: Factors }, site: Site): Promise<SecondFactorNeeded | null>
}

/** What goes with a password. */
export interface FactorCodes {
  totp?: string | undefined
  recoveryCode?: string | undefined
}

export interface SecondStepInput extends FactorCodes {
  challenge: string
  passkey?: PasskeyAssertion | undefined
}

export interface SecondStep {
  signIn(input: SecondStepInput, client: Client): Promise<SignedInAs>
  /** Without a password: the passkey says whose it is, and that this person is there. */
  signInByPasskey(passkey: PasskeyAssertion, client: Client): Promise<SignedInAs>
  /**
   * For what a password opens within a session. In the transaction that locked the account's credentials `spend` throws
   * `auth.factor_needed` where there is a factor and no code was given, and is false for a code that was spent before.
   */
  lookAtCodes(userId: Id, codes: FactorCodes, place: KnownPlace): Promise<{ spend(tx: Tx): Promise<boolean> }>
  /** Somebody has the password, and not what goes with it. */
  noteFailure(userId: Id): Promise<void>
}

const challengeMs = 5 * 60 * 1000
const tries = 5

interface GateDeps {
  clock: Clock
  challenges: PasskeyChallenges
}

export function createSecondStepGate({ clock, challenges }: GateDeps): SecondStepGate {
  return {
    async ask(tx, { userId, factors }, site) {
      const methods = methodsOf(factors)
      if (methods.length === 0) return null
      const { token: challenge, hash } = createToken(userId)
      const expiresAt = new Date(clock.now() + challengeMs)
      await insertSignInChallenge(tx, { userId, hash, tries, expiresAt })
      const needed = { challenge, methods }
      if (!methods.includes('passkey')) return needed
      const request = challenges.create({ for: 'second-step', challenge })
      return { ...needed, passkey: describeRequest(request, site, await listPasskeys(tx, userId)) }
    },
  }
}

function methodsOf({ totp, passkey }: Factors): SecondFactorMethod[] {
  if (!totp && !passkey) return []
  return [...(passkey ? ['passkey' as const] : []), ...(totp ? ['totp' as const] : []), 'recovery']
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  signInLimit: RateLimits['failedSignIn']
  sessions: Pick<Sessions, 'start'>
  devices: Pick<KnownDevices, 'find'>
  proofs: FactorProofs
}

export function createSecondStep({
  database,
  events,
  clock,
  signInLimit,
  sessions,
  devices,
  proofs,
}: Deps): SecondStep {
  /** The lock is the one that changes of password and factors take: what was ended meanwhile opens nothing. */
  async function startFor(tx: Tx, userId: Id, client: Client): Promise<SignedInAs> {
    const user = await findUser(tx, userId)
    if (!user) throw fault('auth.challenge_expired')
    requireMaySignIn(user.state, user)
    return sessions.start(tx, user, client)
  }

  /**
   * What neighbours on a network do is not counted against the owner at a place of theirs. A stranger's place is none that is
   * counted over all networks, as for names: anybody could use that up, and codes have a bound of their own.
   */
  async function placeOf(ownerId: Id | undefined, client: Client): Promise<KnownPlace | undefined> {
    return (ownerId !== undefined && (await devices.find(ownerId, client))) || undefined
  }

  function lookAtCode(
    userId: Id,
    { totp, recoveryCode }: FactorCodes,
    place: KnownPlace | null,
  ): Promise<Shown | null> {
    if (totp !== undefined) return proofs.totp(userId, totp, place)
    if (recoveryCode !== undefined) return proofs.recoveryCode(userId, recoveryCode)
    return Promise.resolve(null)
  }

  function look(
    userId: Id,
    input: SecondStepInput,
    { site, place }: { site: Site; place: KnownPlace | null },
  ): Promise<Shown | null> {
    const { challenge, passkey } = input
    if (passkey === undefined) return lookAtCode(userId, input, place)
    return proofs.passkey(passkey, { purpose: { for: 'second-step', challenge }, site, userId })
  }

  /** The owner learns with the first miss that somebody has their password; one mail an hour is enough for that. */
  async function noteFailure(userId: Id): Promise<void> {
    const about = { bucket: bucketOf(userId), subjectId: userId, data: {} }
    await database.transaction(async (tx) => {
      if (await takeBudget(tx, userId, 'failure_mails', new Date(clock.now())))
        await events.emit(tx, 'accounts.second_step_failed', about)
    })
  }

  /** Whoever comes so often that no code is looked at any more has missed too. */
  async function orNote<T>(userId: Id, looking: Promise<T>): Promise<T> {
    try {
      return await looking
    } catch (error) {
      if (isFault(error, 'rate.limited')) await noteFailure(userId)
      throw error
    }
  }

  return {
    async signIn(input, client) {
      const open = readToken(input.challenge)
      if (!open) throw fault('auth.challenge_expired')
      const { userId, hash } = open
      const place = await placeOf(userId, client)
      const attempt = await signInLimit.begin(client.address, `second step of ${userId}`, place)
      // Taken before anything is looked at, so that many at once are no way around.
      const triesLeft = await takeSignInTry(database.main, userId, hash, new Date(clock.now()))
      if (triesLeft === undefined) throw fault('auth.challenge_expired')
      const shown = await orNote(userId, look(userId, input, { site: client, place: place ?? null }))
      const started =
        shown &&
        (await database.transaction(
          async (tx) => {
            await lockPasswordHash(tx, userId)
            if (!(await shown.spend(tx))) return null
            if (!(await endSignInChallenge(tx, userId, hash))) throw fault('auth.challenge_expired')
            if (input.recoveryCode !== undefined) await announceRecovery(tx, userId)
            return startFor(tx, userId, client)
          },
          { by: userId },
        ))
      if (started) {
        await attempt.succeeded()
        return started
      }
      await noteFailure(userId)
      throw fault('auth.second_factor_wrong')
    },

    async signInByPasskey(passkey, client) {
      const ownerId = await findPasskeyOwner(database.main, passkey.id)
      const place = await placeOf(ownerId, client)
      const attempt = await signInLimit.begin(client.address, `passkey ${passkey.id}`, place)
      const shown = await proofs.passkey(passkey, { purpose: { for: 'sign-in' }, site: client })
      if (!shown) throw fault('auth.passkey_refused')
      const { userId } = shown
      const started = await database.transaction(
        async (tx) => {
          await lockPasswordHash(tx, userId)
          return (await shown.spend(tx)) ? startFor(tx, userId, client) : null
        },
        { by: userId },
      )
      if (!started) throw fault('auth.passkey_refused')
      await attempt.succeeded()
      return started
    },

    noteFailure,

    async lookAtCodes(userId, codes, place) {
      const isGiven = codes.totp !== undefined || codes.recoveryCode !== undefined
      const shown = await orNote(userId, lookAtCode(userId, codes, place))
      return {
        async spend(tx) {
          const methods = methodsOf(await findFactors(tx, userId))
          if (methods.length === 0) return true
          if (!isGiven) throw fault('auth.factor_needed', { members: { methods } })
          if (!(await shown?.spend(tx))) return false
          if (codes.recoveryCode !== undefined) await announceRecovery(tx, userId)
          return true
        },
      }
    },
  }

  async function announceRecovery(tx: Tx, userId: Id): Promise<void> {
    const about = { bucket: bucketOf(userId), subjectId: userId }
    await events.emit(tx, 'accounts.second_factor_changed', {
      ...about,
      data: { change: 'recovery_code_used' },
    })
  }
}
