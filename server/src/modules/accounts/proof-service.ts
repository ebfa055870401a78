import type { PasskeyAssertion } from '@heliograph/contract/second-factors'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import { findPasswordHash, findUser, lockPasswordHash } from './accounts-repository.ts'
import type { Client } from './client.ts'
import { inSession } from './known-devices.ts'
import { verifyPassword } from './passwords.ts'
import type { FactorProofs } from './second-factors/factor-proofs.ts'
import type { FactorCodes, SecondStep } from './second-factors/second-step.ts'
import type { SessionHolder, Sessions } from './sessions-service.ts'

/**
 * What is sensitive asks who is at the device, since a session lasts and a device is left lying about. Each gives the
 * token under which the session goes on: one that was taken from it before is worth nothing any more. See `Sessions.renew`.
 */
export interface Proofs {
  /** Worth no more than when signing in: where the account has a second factor, a code goes with it. */
  byPassword(
    holder: SessionHolder,
    shown: { password: string } & FactorCodes,
    address: string,
  ): Promise<string | null>
  /** In the person's hand and unlocked by them; codes of an app prove less, as an unlocked phone has both. */
  byPasskey(holder: SessionHolder, passkey: PasskeyAssertion, client: Client): Promise<string | null>
}

interface Deps {
  database: Database
  sessions: Pick<Sessions, 'renew'>
  signInLimit: RateLimits['failedSignIn']
  factorProofs: Pick<FactorProofs, 'passkey'>
  secondStep: Pick<SecondStep, 'lookAtCodes' | 'noteFailure'>
}

export function createProofs(deps: Deps): Proofs {
  const { database, sessions, signInLimit, factorProofs, secondStep } = deps
  return {
    async byPasskey(holder, passkey, client) {
      const attempt = await signInLimit.begin(client.address, `passkey ${passkey.id}`, inSession(holder))
      const shown = await factorProofs.passkey(passkey, {
        purpose: { for: 'proof', sessionId: holder.sessionId },
        site: client,
        userId: holder.id,
      })
      const renewed =
        shown &&
        (await database.transaction(
          async (tx) => (await shown.spend(tx)) && { token: await sessions.renew(tx, holder) },
          { by: holder.id },
        ))
      if (!renewed) throw fault('auth.passkey_refused')
      await attempt.succeeded()
      return renewed.token
    },

    async byPassword(holder, { password, ...codes }, address) {
      const user = await findUser(database.main, holder.id)
      if (!user) throw fault('auth.required')
      const place = inSession(holder)
      const attempt = await signInLimit.begin(address, user.username, place)
      const hash = await findPasswordHash(database.main, user.id)
      if (!(await verifyPassword(hash, password))) throw fault('auth.wrong_credentials')
      const code = await secondStep.lookAtCodes(user.id, codes, place)
      const renewed = await database.transaction(
        async (tx) => {
          // Changed meanwhile, the password that was shown proves nothing more.
          if ((await lockPasswordHash(tx, user.id)) !== hash) throw fault('auth.wrong_credentials')
          return (await code.spend(tx)) && { token: await sessions.renew(tx, holder) }
        },
        { by: user.id },
      )
      if (!renewed) {
        await secondStep.noteFailure(user.id)
        throw fault('auth.second_factor_wrong')
      }
      await attempt.succeeded()
      return renewed.token
    },
  }
}
