import { filters } from '@heliograph/contract/filters'
import { limits } from '@heliograph/contract/limits'
import { type Capabilities, mediaEndpoints } from '@heliograph/contract/media'
import type { AccountsApi } from '#modules/accounts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount } from '#platform/http/mount.ts'
import { photoFormats, photoLimits } from './child/protocol.ts'
import type { Avatars } from './media-avatars.ts'
import type { Quotas } from './media-quotas.ts'
import type { ReadUploadMetadata } from './media-upload-metadata.ts'
import type { Videos } from './media-videos.ts'

export interface MediaRoutesDeps {
  accounts: AccountsApi
  avatars: Avatars
  quotas: Quotas
  readUploadMetadata: ReadUploadMetadata
  videos: Pick<Videos, 'engine' | 'limits'>
  feedModes: readonly string[]
}

export function mountMedia(
  http: Http,
  { accounts, avatars, quotas, readUploadMetadata, videos, feedModes }: MediaRoutesDeps,
): void {
  mount(http, mediaEndpoints, {
    'GET /api/capabilities': async () =>
      answer(200, capabilities(feedModes, await videoCapabilities(videos))),
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

async function videoCapabilities({
  engine,
  limits: { maxBytes, maxSeconds, maxPixels },
}: MediaRoutesDeps['videos']): Promise<Capabilities['video']> {
  const facts = await engine()
  if (!facts) return undefined
  const { formats, videoCodecs, audioCodecs } = facts
  const captions = { maxBytes: limits.captionsBytes }
  return { formats, videoCodecs, audioCodecs, maxBytes, maxSeconds, maxPixels, captions }
}

function capabilities(feedModes: readonly string[], video: Capabilities['video']): Capabilities {
  const type = (format: string) => `image/${format}`
  return {
    photo: {
      formats: photoFormats.map(type),
      maxBytes: limits.photoBytes,
      maxPixels: Object.fromEntries(
        photoFormats.map((format) => [type(format), photoLimits.maxPixels[format]]),
      ),
    },
    ...(video && { video }),
    avatar: { maxBytes: limits.avatarBytes },
    filters: filters.map(({ id, name }) => ({ id, name })),
    maxMediaPerPost: limits.mediaPerPost,
    feedModes: [...feedModes],
  }
}
