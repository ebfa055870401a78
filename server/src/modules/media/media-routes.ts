import { mediaEndpoints } from '@heliograph/contract/media'
import type { AccountsApi } from '#modules/accounts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount } from '#platform/http/mount.ts'
import type { Avatars } from './media-avatars.ts'
import type { Quotas } from './storage/media-quotas.ts'
import type { ReadUploadMetadata } from './uploads/media-upload-metadata.ts'

export interface MediaRoutesDeps {
  accounts: AccountsApi
  avatars: Avatars
  quotas: Quotas
  readUploadMetadata: ReadUploadMetadata
}

export function mountMedia(
  http: Http,
  { accounts, avatars, quotas, readUploadMetadata }: MediaRoutesDeps,
): void {
  mount(http, mediaEndpoints, {
    'GET /api/me/storage': async ({ viewer }) => answer(200, await quotas.of(viewer.id)),
    'GET /api/uploads/:id/metadata': async ({ viewer, params, query: { language }, request }) => {
      const asker = { language, acceptLanguage: request.headers['accept-language'] }
      return answer(200, await readUploadMetadata(viewer, params.id, asker))
    },
    'PUT /api/me/avatar': async ({ viewer, body }) => {
      await avatars.choose(viewer.id, body.uploadId)
      return answer(200, await accounts.presentMe(viewer.id))
    },
    'DELETE /api/me/avatar': async ({ viewer }) => {
      await avatars.remove(viewer.id)
      return answer(200, await accounts.presentMe(viewer.id))
    },
  })
}
