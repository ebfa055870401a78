import type { DraftPhoto } from './drafts.ts'
import { lookAtVideo } from './look-at-video.ts'
import type { MediaLimits } from './media-limits.ts'

export type Refusal = 'tooLarge' | 'videoTooLarge' | 'videoTooLong' | 'noVideos' | 'notPicture' | 'empty'

export interface Picked {
  photos: DraftPhoto[]
  refused: { name: string; why: Refusal }[]
  /** More were chosen than a post has room for. */
  cut: boolean
}

/** Endings that some browsers have no type for; the server looks at the content anyway. */
const pictureEnding = /\.(jpe?g|png|webp|avif|gif|hei[cf])$/i
const videoEnding = /\.(mp4|m4v|mov|webm|mkv)$/i

/** Opens files as photographs and videos, with their upright size; what cannot be one is named with the reason. */
export async function pickMedia(files: readonly File[], room: number, limits: MediaLimits): Promise<Picked> {
  const picked: Picked = { photos: [], refused: [], cut: false }
  for (const file of files) {
    const why = refusalOf(file, limits)
    if (why) {
      picked.refused.push({ name: file.name, why })
      continue
    }
    if (picked.photos.length === room) {
      picked.cut = true
      continue
    }
    const photo = isVideo(file) ? await openVideo(file) : await openPhoto(file)
    if ((photo.video?.seconds ?? 0) > (limits.video?.seconds ?? 0) + 1)
      picked.refused.push({ name: file.name, why: 'videoTooLong' })
    else picked.photos.push(photo)
  }
  return picked
}

export function isVideo(file: Pick<File, 'type' | 'name'>): boolean {
  return file.type.startsWith('video/') || (!file.type.startsWith('image/') && videoEnding.test(file.name))
}

export function refusalOf(
  file: Pick<File, 'type' | 'name' | 'size'>,
  limits: MediaLimits,
): Refusal | undefined {
  if (file.size === 0) return 'empty'
  if (isVideo(file)) {
    if (!limits.video) return 'noVideos'
    return file.size > limits.video.bytes ? 'videoTooLarge' : undefined
  }
  if (file.size > limits.photoBytes) return 'tooLarge'
  const looksRight = file.type.startsWith('image/')
    ? file.type !== 'image/svg+xml'
    : pictureEnding.test(file.name)
  return looksRight ? undefined : 'notPicture'
}

function newId(): string {
  return crypto.getRandomValues(new Uint32Array(2)).join('-')
}

/** What this browser cannot decode (HEIC in most) has no size: it is shared uncropped. */
async function openPhoto(file: File): Promise<DraftPhoto> {
  const size = await sizeOf(file)
  // A copy in memory of the browser: a file that is changed or moved meanwhile would break the upload.
  const bytes = new Blob([await file.arrayBuffer()], { type: file.type })
  return { id: newId(), file: bytes, ...size, crop: null, altText: '' }
}

/** The file stays where it is, as large as it may be: it is read piece by piece as it goes up. */
async function openVideo(file: File): Promise<DraftPhoto> {
  const { width, height, seconds, frame } = await lookAtVideo(file)
  const video = { name: file.name, seconds, frame }
  return { id: newId(), file, width, height, crop: null, altText: '', video }
}

async function sizeOf(file: Blob): Promise<{ width: number; height: number }> {
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    return { width: image.naturalWidth, height: image.naturalHeight }
  } catch {
    return { width: 0, height: 0 }
  } finally {
    URL.revokeObjectURL(url)
  }
}
