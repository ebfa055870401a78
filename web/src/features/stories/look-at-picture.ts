import { limits } from '@heliograph/contract/limits'
import { newIdempotencyKey } from '../../lib/api.ts'
import { me } from '../../lib/session.ts'
import { lookAtVideo } from '../share/look-at-video.ts'
import { mediaLimits } from '../share/media-limits.ts'
import { isVideo, type Refusal, refusalOf } from '../share/pick-media.ts'
import { mainColor } from './main-color.ts'
import type { StoryDraft } from './story-drafts.ts'

/** Wider than this a picture stands whole; taller ones are cut a little at most. */
const fillsFrom = 0.65

export interface PickedStories {
  drafts: StoryDraft[]
  refused: { name: string; why: Refusal }[]
  cut: boolean
}

/** Opens files as Stories in the making; what cannot be one is named with the reason. */
export async function pickStories(files: readonly File[], room: number): Promise<PickedStories> {
  const bounds = await mediaLimits()
  const picked: PickedStories = { drafts: [], refused: [], cut: false }
  for (const file of files) {
    const why = refusalOf(file, bounds)
    if (why) picked.refused.push({ name: file.name, why })
    else if (picked.drafts.length === room) picked.cut = true
    else {
      const opened = isVideo(file) ? await openFilm(file) : await openPicture(file)
      if (opened) picked.drafts.push(opened)
      else picked.refused.push({ name: file.name, why: 'videoTooLong' })
    }
  }
  return picked
}

/** Undefined: it is too long, or has no length at all. */
async function openFilm(file: File): Promise<StoryDraft | undefined> {
  const { width, height, seconds, frame } = await lookAtVideo(file)
  if (seconds !== null && (seconds > limits.storySeconds + 0.5 || seconds === 0)) return undefined
  return draftOf({ file, isVideo: true, width, height, frame, color: await colorOf(frame) })
}

/** A copy in memory of the browser: a file that is changed or moved meanwhile would break the upload. */
async function openPicture(file: File): Promise<StoryDraft> {
  const bytes = new Blob([await file.arrayBuffer()], { type: file.type })
  const bitmap = await createImageBitmap(bytes, { imageOrientation: 'from-image' }).catch(() => undefined)
  const { width = 0, height = 0 } = bitmap ?? {}
  const color = bitmap ? colorOfPicture(bitmap) : noColor
  bitmap?.close()
  return draftOf({ file: bytes, isVideo: false, width, height, frame: null, color })
}

export function draftOf(
  seen: Pick<StoryDraft, 'file' | 'isVideo' | 'width' | 'height' | 'frame' | 'color'>,
): StoryDraft {
  const ratio = seen.height > 0 ? seen.width / seen.height : 1
  return {
    ...seen,
    id: newIdempotencyKey(),
    ownerId: me.peek()?.id ?? '',
    fit: ratio < fillsFrom ? 'crop' : 'fit',
    overlays: [],
    altText: '',
    audience: 'followers',
  }
}

const noColor = '#232120'

async function colorOf(picture: Blob | null): Promise<string> {
  const bitmap = picture && (await createImageBitmap(picture).catch(() => undefined))
  if (!bitmap) return noColor
  const color = colorOfPicture(bitmap)
  bitmap.close()
  return color
}

/** As small as the server makes it for this (server/src/modules/media/child/render-photo.ts), so that both find the same. */
const sampledEdge = 64

export function colorOfPicture(picture: ImageBitmap | HTMLCanvasElement): string {
  const canvas = document.createElement('canvas')
  const scale = Math.min(1, sampledEdge / Math.max(picture.width, picture.height))
  const width = Math.max(1, Math.round(picture.width * scale))
  const height = Math.max(1, Math.round(picture.height * scale))
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')
  if (!context) return noColor
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, 0, 0, width, height)
  return mainColor(context.getImageData(0, 0, width, height).data)
}
