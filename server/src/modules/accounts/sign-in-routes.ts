import { signInEndpoints } from '@heliograph/contract/sign-in'
import type { Http } from '#platform/http/http.ts'
import { mount, noContent } from '#platform/http/mount.ts'
import type { Proofs } from './proof-service.ts'

interface Deps {
  proofs: Proofs
}

export function mountSignIn(http: Http, { proofs }: Deps): void {
  mount(http, signInEndpoints, {
    'POST /api/me/proof': async ({ viewer, body, request }) => {
      await proofs.byPassword(viewer, body.password, request.ip)
      return noContent()
    },
  })
}
