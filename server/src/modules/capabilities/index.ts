import { capabilitiesEndpoints } from '@heliograph/contract/capabilities'
import { feedModes } from '@heliograph/contract/feed-modes'
import type { MediaApi } from '#modules/media'
import type { Http } from '#platform/http/http.ts'
import { answer, mount } from '#platform/http/mount.ts'

interface Deps {
  media: Pick<MediaApi, 'capabilities'>
}

/** What this server can take and do, as each module tells it. */
export function createCapabilities({ media }: Deps): { routes(http: Http): void } {
  return {
    routes(http) {
      mount(http, capabilitiesEndpoints, {
        'GET /api/capabilities': async () =>
          answer(200, { ...(await media.capabilities()), feedModes: [...feedModes] }),
      })
    },
  }
}
