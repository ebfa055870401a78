import type { AttachedMedia } from '@heliograph/contract/media'
import type { AccountsApi } from '#modules/accounts'
import type { Database } from '#platform/db/db.ts'
import type { MediaAddresses } from './delivery/media-addresses.ts'
import type { MediaApi } from './media-api.ts'
import { findMediaByIds } from './media-repository.ts'
import type { MediaRow } from './media-tables.ts'
import { failureOf } from './media-view.ts'

/** What Stories and messages show: private media, each with addresses of its own until a moment of its own. */
export function createAttached(deps: {
  database: Database
  accounts: AccountsApi
  addresses: MediaAddresses
  allowedInstead: MediaApi['allowedInstead']
}): MediaApi['presentAttached'] {
  const { database, accounts, addresses, allowedInstead } = deps
  return async (wishes, viewerId) => {
    const untilOf = new Map([...wishes].map(({ id, until }) => [id, until]))
    const rows = await findMediaByIds(database.main, [...untilOf.keys()])
    const owners = await accounts.findByIds(new Set(rows.map((row) => row.owner_id)))
    const presented = new Map<string, AttachedMedia>()
    for (const row of rows) {
      const owner = owners.get(row.owner_id)
      if (!owner) continue
      const url = (key: string | null) =>
        key === null ? null : addresses.signUntil(key, owner, untilOf.get(row.id) ?? null)
      const isOwner = viewerId === row.owner_id
      const failure = isOwner && row.processing_status === 'failed' ? failureOf(row.failure_code) : null
      const detail = failure && allowedInstead(row)
      presented.set(row.id, {
        ...present(row, url),
        ...(failure && { failure: { ...failure, ...(detail ? { detail } : {}) } }),
      })
    }
    return presented
  }
}

function present(row: MediaRow, url: (key: string | null) => string | null): AttachedMedia {
  const isReady = row.processing_status === 'ready'
  const shown = (key: string | null) => (isReady ? url(key) : null)
  const imageUrl = shown(row.large_key)
  const [videoUrl, audioUrl] = [shown(row.video_key), shown(row.audio_key)]
  return {
    id: row.id,
    type: row.media_type,
    status: row.processing_status,
    width: row.width ?? 0,
    height: row.height ?? 0,
    thumbhash: row.thumbhash?.toString('base64') ?? null,
    color: row.color,
    thumbnailUrl: shown(row.thumbnail_key),
    imageUrl,
    fallbackUrl: shown(row.fallback_key),
    ...(videoUrl !== null && { videoUrl, hasAudio: row.has_audio ?? false }),
    ...(videoUrl !== null && imageUrl !== null && { posterUrl: imageUrl }),
    ...(audioUrl !== null && { audioUrl }),
    ...(row.duration_ms !== null && { durationSeconds: row.duration_ms / 1000 }),
    ...(row.waveform !== null && { waveform: [...row.waveform] }),
    isSensitive: row.sensitive,
  }
}
