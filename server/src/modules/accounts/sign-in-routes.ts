import { signInEndpoints } from '@heliograph/contract/sign-in'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent } from '#platform/http/mount.ts'
import type { Emails } from './email-service.ts'
import type { Proofs } from './proof-service.ts'
import type { Resets } from './reset-service.ts'
import { deviceCookies, surroundingsOf } from './session-cookies.ts'
import { type ClientOf, cookieSeconds, createRenewed, createTokenOf } from './signed-in.ts'
import type { TakingBack } from './taking-back.ts'

interface Deps {
  proofs: Proofs
  emails: Emails
  resets: Resets
  takingBack: Pick<TakingBack, 'undo'>
  clientOf: ClientOf
  publicUrl: string
}

export function mountSignIn(http: Http, deps: Deps): void {
  const { proofs, emails, resets, takingBack, clientOf, publicUrl } = deps
  const [renewed, tokenOf] = [createRenewed(publicUrl), createTokenOf(publicUrl)]
  mount(http, signInEndpoints, {
    'POST /api/me/proof': async ({ viewer, body, request, reply }) => {
      const { passkey, password = '', ...codes } = body
      const holder = { ...viewer, token: tokenOf(request) }
      const token = passkey
        ? await proofs.byPasskey(holder, passkey, clientOf(request))
        : await proofs.byPassword(holder, { password, ...codes }, request.ip)
      return renewed(token, { request, reply })
    },
    'PUT /api/me/email': async ({ viewer, body }) => {
      await emails.change(viewer, body.email)
      return noContent()
    },
    'POST /api/email-undos': async ({ body }) => answer(200, await takingBack.undo(body.code)),
    'POST /api/password-resets': async ({ body }) => {
      await resets.ask(body.login)
      return answer(202, undefined)
    },
    'POST /api/password-resets/use': async ({ body, request, reply }) => {
      const device = await resets.use(body.code, body.newPassword, clientOf(request))
      if (device !== null)
        reply.header('set-cookie', deviceCookies(device, cookieSeconds, surroundingsOf(request, publicUrl)))
      return noContent()
    },
  })
}
