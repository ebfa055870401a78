import { type ErrorCode, errorCodes, sentenceOf } from '@heliograph/contract/error-codes'
import { presentMetadata } from '@heliograph/contract/photo-metadata'
import type { MediaAddresses } from './delivery/media-addresses.ts'
import type { MediaApi, PresentedMedia } from './media-api.ts'
import type { MediaRow } from './media-tables.ts'

export function createPresent(addresses: MediaAddresses): MediaApi['present'] {
  return (row, { isPublic, owner, forOwner, exif }) => {
    const reach = isPublic ? 'open' : 'limited'
    const url = (key: string | null) => (key === null ? null : addresses.sign(key, owner, reach))
    const presented: PresentedMedia = {
      id: row.id,
      type: row.media_type === 'video' ? 'video' : 'photo',
      width: row.width ?? 0,
      height: row.height ?? 0,
      thumbhash: row.thumbhash?.toString('base64') ?? null,
      thumbnailUrl: url(row.thumbnail_key),
      mediumUrl: url(row.medium_key),
      largeUrl: url(row.large_key),
      fallbackUrl: url(row.fallback_key),
      ...(exif && { metadata: presentMetadata(exif, forOwner ? 'owner' : 'everybody') }),
    }
    const video = {
      ...(row.video_key && { videoUrl: addresses.sign(row.video_key, owner, reach) }),
      ...(row.hls_key && { hlsUrl: addresses.sign(row.hls_key, owner, reach) }),
      ...(row.duration_ms !== null && { durationSeconds: row.duration_ms / 1000 }),
      ...(row.has_audio !== null && { hasAudio: row.has_audio }),
      ...(row.captions_key && { captionsUrl: addresses.sign(row.captions_key, owner, reach) }),
    }
    if (row.media_type === 'video') Object.assign(presented, video)
    if (!forOwner) return presented
    const original = row.original_key && { originalUrl: addresses.sign(row.original_key, owner, 'limited') }
    const failure = row.processing_status === 'failed' && { failure: failureOf(row.failure_code) }
    return { ...presented, ...original, ...failure, crop: row.crop, filter: row.filter, edits: row.edits }
  }
}

export function failureOf(given: string | null): NonNullable<PresentedMedia['failure']> {
  const code = given !== null && given in errorCodes ? (given as ErrorCode) : 'media.failed'
  return { code, message: sentenceOf(code) }
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

/** Of a post whose videos are being prepared: the share of them that is done, from 0 to 1. */
export function progressOf(rows: Iterable<MediaRow>): number | undefined {
  let done = 0
  let count = 0
  for (const row of rows) {
    if (row.media_type !== 'video') continue
    count += 1
    done += row.processing_status === 'processing' ? (row.progress ?? 0) / 100 : 1
  }
  return count === 0 ? undefined : done / count
}
