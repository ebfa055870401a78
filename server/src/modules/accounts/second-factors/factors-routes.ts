import { secondFactorsEndpoints } from '@heliograph/contract/second-factors'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent } from '#platform/http/mount.ts'
import type { ClientOf, SignedInAnswer } from '../signed-in.ts'
import { describeRequest } from './passkey-answers.ts'
import type { PasskeyChallenges } from './passkey-challenges.ts'
import type { SecondFactors } from './second-factors-service.ts'
import type { SecondStep } from './second-step.ts'

interface Deps {
  factors: SecondFactors
  secondStep: SecondStep
  challenges: PasskeyChallenges
  clientOf: ClientOf
  signedIn: SignedInAnswer
}

export function mountSecondFactors(http: Http, deps: Deps): void {
  const { factors, secondStep, challenges, clientOf, signedIn } = deps
  mount(http, secondFactorsEndpoints, {
    'POST /api/sessions/second-factor': async (context) =>
      signedIn(
        await secondStep.signIn(context.body, clientOf(context.request)),
        context.body.cookie,
        context,
      ),
    'POST /api/passkey-challenges': ({ request }) =>
      answer(201, describeRequest(challenges.create({ for: 'sign-in' }), clientOf(request), undefined)),
    'POST /api/sessions/passkey': async (context) =>
      signedIn(
        await secondStep.signInByPasskey(context.body.passkey, clientOf(context.request)),
        context.body.cookie,
        context,
      ),
    'GET /api/me/second-factors': async ({ viewer }) => answer(200, await factors.list(viewer.id)),
    'POST /api/me/proof-challenges': async ({ viewer, request }) =>
      answer(201, { passkey: await factors.beginProof(viewer, clientOf(request)) }),
    'POST /api/me/passkey-challenges': async ({ viewer, request }) =>
      answer(201, await factors.beginPasskey(viewer, clientOf(request))),
    'POST /api/me/passkeys': async ({ viewer, body, request }) =>
      answer(201, await factors.addPasskey(viewer, body, clientOf(request))),
    'PATCH /api/me/passkeys/:id': async ({ viewer, params, body }) =>
      answer(200, await factors.renamePasskey(viewer.id, params.id, body.name)),
    'DELETE /api/me/passkeys/:id': async ({ viewer, params }) => {
      await factors.removePasskey(viewer, params.id)
      return noContent()
    },
    'POST /api/me/totp': async ({ viewer }) => answer(201, await factors.beginTotp(viewer)),
    'PUT /api/me/totp': async ({ viewer, body }) =>
      answer(200, { recoveryCodes: await factors.confirmTotp(viewer, body.code) }),
    'DELETE /api/me/totp': async ({ viewer }) => {
      await factors.removeTotp(viewer)
      return noContent()
    },
    'POST /api/me/recovery-codes': async ({ viewer }) =>
      answer(201, { recoveryCodes: await factors.renewRecoveryCodes(viewer) }),
  })
}
