import { storyFrame } from '@heliograph/contract/limits'
import type { Post } from '@heliograph/contract/posts'
import { placeholderOf } from '../../ui/placeholder.ts'
import { colorOfPicture, draftOf } from './look-at-picture.ts'
import type { StoryDraft } from './story-drafts.ts'

const size = { width: storyFrame.width, height: storyFrame.height }
const paper = '#f4f1ec'

/** A ground for a shared post: its own blurred colours, filling the frame. Of one that is not for everybody, not even those. */
export async function groundFor({ media: [first], audience }: Post): Promise<StoryDraft> {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, size)
  const context = canvas.getContext('2d')
  const blurred = audience === 'public' ? await blurOf(first?.thumbhash ?? null) : undefined
  if (context) {
    context.fillStyle = paper
    context.fillRect(0, 0, size.width, size.height)
    if (blurred) {
      const scale = Math.max(size.width / blurred.width, size.height / blurred.height) * 1.2
      const [width, height] = [blurred.width * scale, blurred.height * scale]
      context.drawImage(blurred, (size.width - width) / 2, (size.height - height) / 2, width, height)
    }
  }
  const file = await new Promise<Blob>((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', 0.9),
  )
  return {
    ...draftOf({ ...size, file, isVideo: false, frame: null, color: colorOfPicture(canvas) }),
    fit: 'crop',
  }
}

async function blurOf(thumbhash: string | null): Promise<HTMLImageElement | undefined> {
  const address = placeholderOf(thumbhash)?.slice('url('.length, -1)
  if (!address) return undefined
  const image = new Image()
  image.src = address
  return await image.decode().then(
    () => image,
    () => undefined,
  )
}
