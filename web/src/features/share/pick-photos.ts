import { limits } from '@heliograph/contract/limits'
import type { DraftPhoto } from './drafts.ts'

export type Refusal = 'tooLarge' | 'notPicture' | 'empty'

export interface Picked {
  photos: DraftPhoto[]
  refused: { name: string; why: Refusal }[]
  /** More were chosen than a post has room for. */
  cut: boolean
}

/** Endings of pictures that some browsers have no type for; the server looks at the content anyway. */
const pictureEnding = /\.(jpe?g|png|webp|avif|gif|hei[cf])$/i

/** Opens files as photographs, with their upright size; those that cannot be one are named with the reason. */
export async function pickPhotos(files: readonly File[], room: number): Promise<Picked> {
  const picked: Picked = { photos: [], refused: [], cut: false }
  for (const file of files) {
    const why = refusalOf(file)
    if (why) picked.refused.push({ name: file.name, why })
    else if (picked.photos.length === room) picked.cut = true
    else picked.photos.push(await openPhoto(file))
  }
  return picked
}

function refusalOf(file: File): Refusal | undefined {
  if (file.size === 0) return 'empty'
  if (file.size > limits.photoBytes) return 'tooLarge'
  const looksRight = file.type.startsWith('image/')
    ? file.type !== 'image/svg+xml'
    : pictureEnding.test(file.name)
  return looksRight ? undefined : 'notPicture'
}

/** What this browser cannot decode (HEIC in most) has no size: it is shared uncropped. */
async function openPhoto(file: File): Promise<DraftPhoto> {
  const size = await sizeOf(file)
  // A copy in memory of the browser: a file that is changed or moved meanwhile would break the upload.
  const bytes = new Blob([await file.arrayBuffer()], { type: file.type })
  return {
    id: crypto.getRandomValues(new Uint32Array(2)).join('-'),
    file: bytes,
    ...size,
    crop: null,
    altText: '',
  }
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
