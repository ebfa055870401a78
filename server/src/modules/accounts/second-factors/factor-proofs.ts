import type { PasskeyAssertion } from '@heliograph/contract/second-factors'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { KnownPlace } from '#platform/http/rate-limits.ts'
import type { Id } from '#platform/ids/ids.ts'
import { giveKnownTriesBack, takeKnownTry } from '../account-budgets.ts'
import {
  findRecoverySalt,
  findTotp,
  type TotpRow,
  takeTotpTry,
  useRecoveryCode,
  useTotpStep,
} from './factors-repository.ts'
import { challengeIn, checkAssertion, type Site } from './passkey-answers.ts'
import type { PasskeyChallenges, PasskeyPurpose } from './passkey-challenges.ts'
import { findPasskey, notePasskeyUse } from './passkeys-repository.ts'
import { hashRecoveryCode } from './recovery-codes.ts'
import type { SealedSecrets } from './sealed-secrets.ts'
import { totpStepOf } from './totp-codes.ts'

/**
 * Something shown that is right as such. `spend` takes it in the transaction that it opens the way for, and is false
 * when it was spent before: of two requests with one code exactly one gets through.
 */
export interface Shown {
  userId: Id
  spend(tx: Tx): Promise<boolean>
}

/** Looks at codes and passkeys. Null: not right, whatever the reason. */
export interface FactorProofs {
  /** `place`: where its owner is known to be; null is anywhere else. */
  totp(userId: Id, code: string, place: KnownPlace | null): Promise<Shown | null>
  /** A code of a secret that is not confirmed yet. */
  firstTotp(userId: Id, code: string): Promise<{ begun: TotpRow; step: number } | null>
  recoveryCode(userId: Id, code: string): Promise<Shown | null>
  passkey(
    answer: PasskeyAssertion,
    asked: { purpose: PasskeyPurpose; site: Site; userId?: Id },
  ): Promise<Shown | null>
}

/**
 * Over all addresses, since whoever tries through codes knows the password and may have many. Guessing one of the three
 * codes that are good takes years at this rate. Where the owner is known to be is counted apart: strangers who use these up keep
 * nobody from their own devices and sessions, and passkeys and recovery codes work everywhere.
 */
const totpTries = { windowMs: 60 * 60 * 1000, max: 10 }

interface Deps {
  database: Database
  clock: Clock
  sealed: SealedSecrets
  challenges: PasskeyChallenges
}

export function createFactorProofs({ database, clock, sealed, challenges }: Deps): FactorProofs {
  const { main } = database
  const now = () => new Date(clock.now())

  /** With `secrets.json` the key is gone: other factors go on working, and the operator can take this one away. */
  function openSecret({ user_id, sealed_secret }: TotpRow): Buffer {
    try {
      return sealed.open(user_id, sealed_secret)
    } catch (cause) {
      throw fault('totp.unreadable', { cause })
    }
  }

  async function lookAt(
    userId: Id,
    found: TotpRow,
    { code, place }: { code: string; place: KnownPlace | null },
  ): Promise<number | null> {
    const isTaken = place
      ? await takeKnownTry(main, userId, place, now())
      : await takeTotpTry(main, userId, { ...totpTries, now: now() })
    if (!isTaken)
      throw fault('rate.limited', { headers: { 'retry-after': String(totpTries.windowMs / 1000) } })
    return totpStepOf(openSecret(found), code, clock.now())
  }

  return {
    async totp(userId, code, place) {
      const found = await findTotp(main, userId)
      if (!found || found.confirmed_at === null) return null
      const step = await lookAt(userId, found, { code, place })
      if (step === null) return null
      return {
        userId,
        async spend(tx) {
          if (!(await useTotpStep(tx, found, step))) return false
          if (place) await giveKnownTriesBack(tx, userId, place)
          return true
        },
      }
    },

    async firstTotp(userId, code) {
      const begun = await findTotp(main, userId)
      if (!begun || begun.confirmed_at !== null) throw fault('totp.not_begun')
      const step = await lookAt(userId, begun, { code, place: null })
      return step === null ? null : { begun, step }
    },

    async recoveryCode(userId, code) {
      const salt = await findRecoverySalt(main, userId)
      if (!salt) return null
      const hash = await hashRecoveryCode(code, salt)
      return { userId, spend: (tx) => useRecoveryCode(tx, userId, hash, now()) }
    },

    async passkey(answer, { purpose, site, userId }) {
      const passkey = await findPasskey(main, answer.id, userId)
      if (!passkey) return null
      const checked = await checkAssertion(answer, passkey, {
        site,
        isOpen: (challenge) => challenges.isOpen(challenge, purpose),
        // Behind a password it is enough to have it; alone it must know who holds it.
        needsPerson: purpose.for !== 'second-step',
      })
      if (!checked) return null
      return {
        userId: passkey.user_id,
        spend: async (tx) =>
          (await challenges.use(tx, challengeIn(answer.clientDataJSON))) &&
          (await notePasskeyUse(tx, passkey, { ...checked, now: now() })),
      }
    },
  }
}
