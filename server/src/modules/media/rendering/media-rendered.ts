import type { Rendered } from '../media-changes-repository.ts'
import { folderOfPlaylist, originalKey, type RenditionKeys } from '../media-keys.ts'
import type { MediaRow, Moderation, PictureHashes } from '../media-tables.ts'
import { newToken } from '../media-token.ts'
import type { RenderResult, VideoResult, VoiceResult } from './media-pool.ts'

// What decoding processes made, in the words of rows and keys.

type Seen = RenderResult | VideoResult
export type Made = Seen | VoiceResult
/** Without a judgement, the one from before holds. */
export type Judged = Made & { moderation: Moderation | null }

/** There is something to look at. */
export function isSeen<M extends Made>(made: M): made is Extract<M, Seen> {
  return 'thumbhash' in made
}

export function keyOf(keys: RenditionKeys, { name, file }: Made['files'][number]): string {
  switch (name) {
    case 'thumbnail':
    case '64':
      return keys.thumbnail!
    case 'medium':
    case '150':
      return keys.medium!
    case 'large':
    case '320':
      return keys.large!
    case 'fallback':
      return keys.fallback!
    case 'voice':
      return keys.audio!
    case 'video':
      return keys.video!
    case 'master':
      return keys.hls!
    case 'hls':
      return folderOfPlaylist(keys.hls!) + file
  }
}

/** What the row says of it from then on. */
export function renderedOf(row: MediaRow, keys: RenditionKeys, result: Judged): Partial<Rendered> {
  if (!isSeen(result)) return heardOf(keys, result)
  return {
    format: result.format,
    source_width: result.sourceWidth,
    source_height: result.sourceHeight,
    width: result.width,
    height: result.height,
    thumbhash: Buffer.from(result.thumbhash, 'base64'),
    ...hashColumns(hashesOf(result)),
    exif: JSON.stringify(result.exif),
    color: result.color,
    sensitive: row.purpose === 'message' && result.moderation?.verdict === 'review',
    ...(result.moderation ? { moderation: JSON.stringify(result.moderation) } : {}),
    original_key: hasOriginal(row)
      ? (row.original_key ?? originalKey(row.id, newToken(), result.format))
      : null,
    thumbnail_key: keys.thumbnail,
    medium_key: keys.medium,
    large_key: keys.large,
    fallback_key: keys.fallback,
    ...('durationMs' in result ? playedOf(keys, result) : {}),
  }
}

/** Of a Story or a message nobody is handed out more than is shown. */
function hasOriginal({ purpose }: MediaRow): boolean {
  return purpose === 'media' || purpose === 'avatar'
}

/** By what it is judged. */
export function judgedAs(made: Seen) {
  return { hashes: hashesOf(made), classification: made.classification }
}

function hashesOf(made: Seen): PictureHashes & { shown: Buffer } {
  const shown = Buffer.from(made.perceptualHash, 'hex')
  return 'frameHashes' in made
    ? { shown, whole: null, frames: Buffer.from(made.frameHashes.join(''), 'hex') }
    : { shown, whole: Buffer.from(made.wholeHash, 'hex'), frames: null }
}

function hashColumns({ shown, whole, frames }: ReturnType<typeof hashesOf>) {
  return { perceptual_hash: shown, whole_hash: whole, frame_hashes: frames }
}

function playedOf(keys: RenditionKeys, { durationMs, hasAudio }: VideoResult): Partial<Rendered> {
  return { video_key: keys.video!, hls_key: keys.hls ?? null, duration_ms: durationMs, has_audio: hasAudio }
}

function heardOf(keys: RenditionKeys, { format, durationMs, waveform }: VoiceResult): Partial<Rendered> {
  return {
    format,
    audio_key: keys.audio!,
    duration_ms: durationMs,
    has_audio: true,
    waveform: Buffer.from(waveform),
  }
}
