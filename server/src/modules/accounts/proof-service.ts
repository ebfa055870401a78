import type { PasskeyAssertion } from '@heliograph/contract/second-factors'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { findPasswordHash, findUser, lockPasswordHash } from './accounts-repository.ts'
import { inSession } from './known-devices.ts'
import { verifyPassword } from './passwords.ts'
import type { FactorProofs } from './second-factors/factor-proofs.ts'
import type { FactorCodes, SecondStep } from './second-factors/second-step.ts'
import { saveProof } from './sessions-repository.ts'
import type { Client } from './sessions-service.ts'

/** What is sensitive asks who is at the device, since a session lasts and a device is left lying about. */
export interface Proofs {
  /** Worth no more than when signing in: where the account has a second factor, a code goes with it. */
  byPassword(viewer: Viewer, shown: { password: string } & FactorCodes, address: string): Promise<void>
  /** In the person's hand and unlocked by them; codes of an app prove less, as an unlocked phone has both. */
  byPasskey(viewer: Viewer, passkey: PasskeyAssertion, client: Client): Promise<void>
  /** Whoever holds the session has shown who they are, in whatever way. */
  note(tx: Tx, viewer: Viewer): Promise<void>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  signInLimit: RateLimits['failedSignIn']
  factorProofs: Pick<FactorProofs, 'passkey'>
  secondStep: Pick<SecondStep, 'lookAtCodes' | 'noteFailure'>
}

export function createProofs(deps: Deps): Proofs {
  const { database, events, clock, signInLimit, factorProofs, secondStep } = deps
  const note: Proofs['note'] = async (tx, { id, sessionId }) => {
    await saveProof(tx, sessionId, new Date(clock.now()))
    await events.emit(tx, 'accounts.proved', { bucket: bucketOf(id), subjectId: id, data: { sessionId } })
  }

  return {
    note,

    async byPasskey(viewer, passkey, client) {
      const attempt = await signInLimit.begin(client.address, `passkey ${passkey.id}`)
      const shown = await factorProofs.passkey(passkey, {
        purpose: { for: 'proof', sessionId: viewer.sessionId },
        site: client,
        userId: viewer.id,
      })
      const isNoted =
        shown !== null &&
        (await database.transaction(
          async (tx) => {
            if (!(await shown.spend(tx))) return false
            await note(tx, viewer)
            return true
          },
          { by: viewer.id },
        ))
      if (!isNoted) throw fault('auth.passkey_refused')
      await attempt.succeeded()
    },

    async byPassword(viewer, { password, ...codes }, address) {
      const user = await findUser(database.main, viewer.id)
      if (!user) throw fault('auth.required')
      const attempt = await signInLimit.begin(address, user.username, inSession(viewer))
      const hash = await findPasswordHash(database.main, user.id)
      if (!(await verifyPassword(hash, password))) throw fault('auth.wrong_credentials')
      const code = await secondStep.lookAtCodes(user.id, codes)
      const isNoted = await database.transaction(
        async (tx) => {
          // Changed meanwhile, the password that was shown proves nothing more.
          if ((await lockPasswordHash(tx, user.id)) !== hash) throw fault('auth.wrong_credentials')
          if (!(await code.spend(tx))) return false
          await note(tx, viewer)
          return true
        },
        { by: user.id },
      )
      if (!isNoted) {
        await secondStep.noteFailure(user.id)
        throw fault('auth.second_factor_wrong')
      }
      await attempt.succeeded()
    },
  }
}
