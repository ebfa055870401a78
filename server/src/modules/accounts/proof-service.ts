import type { PasskeyAssertion } from '@heliograph/contract/second-factors'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import { findPasswordHash, findUser, lockPasswordHash } from './accounts-repository.ts'
import { inSession } from './known-devices.ts'
import { verifyPassword } from './passwords.ts'
import type { FactorProofs } from './second-factors/factor-proofs.ts'
import type { FactorCodes, SecondStep } from './second-factors/second-step.ts'
import type { Client, Sessions } from './sessions-service.ts'

/**
 * What is sensitive asks who is at the device, since a session lasts and a device is left lying about. Each gives the
 * token under which the session goes on: one that was taken from it before is worth nothing any more.
 */
export interface Proofs {
  /** Worth no more than when signing in: where the account has a second factor, a code goes with it. */
  byPassword(viewer: Viewer, shown: { password: string } & FactorCodes, address: string): Promise<string>
  /** In the person's hand and unlocked by them; codes of an app prove less, as an unlocked phone has both. */
  byPasskey(viewer: Viewer, passkey: PasskeyAssertion, client: Client): Promise<string>
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
    async byPasskey(viewer, passkey, client) {
      const attempt = await signInLimit.begin(client.address, `passkey ${passkey.id}`)
      const shown = await factorProofs.passkey(passkey, {
        purpose: { for: 'proof', sessionId: viewer.sessionId },
        site: client,
        userId: viewer.id,
      })
      const token =
        shown &&
        (await database.transaction(
          async (tx) => ((await shown.spend(tx)) ? sessions.renew(tx, viewer) : null),
          { by: viewer.id },
        ))
      if (token === null) throw fault('auth.passkey_refused')
      await attempt.succeeded()
      return token
    },

    async byPassword(viewer, { password, ...codes }, address) {
      const user = await findUser(database.main, viewer.id)
      if (!user) throw fault('auth.required')
      const attempt = await signInLimit.begin(address, user.username, inSession(viewer))
      const hash = await findPasswordHash(database.main, user.id)
      if (!(await verifyPassword(hash, password))) throw fault('auth.wrong_credentials')
      const code = await secondStep.lookAtCodes(user.id, codes)
      const token = await database.transaction(
        async (tx) => {
          // Changed meanwhile, the password that was shown proves nothing more.
          if ((await lockPasswordHash(tx, user.id)) !== hash) throw fault('auth.wrong_credentials')
          return (await code.spend(tx)) ? sessions.renew(tx, viewer) : null
        },
        { by: user.id },
      )
      if (token === null) {
        await secondStep.noteFailure(user.id)
        throw fault('auth.second_factor_wrong')
      }
      await attempt.succeeded()
      return token
    },
  }
}
