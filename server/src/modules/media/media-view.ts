import { presentMetadata } from '@heliograph/contract/photo-metadata'
import type { MediaAddresses } from './media-addresses.ts'
import type { MediaApi, PresentedMedia } from './media-api.ts'
import type { MediaRow } from './media-tables.ts'

export function createPresent(addresses: MediaAddresses): MediaApi['present'] {
  return (row, { isPublic, owner, forOwner, exif }) => {
    const reach = isPublic ? 'open' : 'limited'
    const url = (key: string | null) => (key === null ? null : addresses.sign(key, owner, reach))
    const presented: PresentedMedia = {
      id: row.id,
      type: row.media_type,
      width: row.width ?? 0,
      height: row.height ?? 0,
      thumbhash: row.thumbhash?.toString('base64') ?? null,
      thumbnailUrl: url(row.thumbnail_key),
      mediumUrl: url(row.medium_key),
      largeUrl: url(row.large_key),
      fallbackUrl: url(row.fallback_key),
      ...(exif && { metadata: presentMetadata(exif, forOwner ? 'owner' : 'everybody') }),
    }
    if (!forOwner) return presented
    const original = row.original_key && { originalUrl: addresses.sign(row.original_key, owner, 'limited') }
    return { ...presented, ...original, crop: row.crop, filter: row.filter, edits: row.edits }
  }
}

export function stateOf(rows: Iterable<MediaRow>): ReturnType<MediaApi['stateOf']> {
  let status: 'processing' | 'ready' = 'ready'
  for (const row of rows) {
    if (row.processing_status === 'failed')
      return { status: 'failed', code: row.failure_code ?? 'media.failed' }
    if (row.processing_status === 'processing') status = 'processing'
  }
  return { status }
}
