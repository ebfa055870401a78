import { type Edits, editOf } from '@heliograph/contract/edits'
import { renditions } from '@heliograph/contract/limits'
import type { Crop } from '@heliograph/contract/posts'
import { type Frame, straightenedFrame } from '@heliograph/contract/straighten'
import { centered, clampRatio, cropOf } from '../share/crop-geometry.ts'
import type { OpenedPicture } from './opened-picture.ts'

interface Cut {
  crop: Crop | null
  edits: Edits | null
}

/** Width over height of what is shown. */
export function ratioOf({ width, height }: OpenedPicture, crop: Crop | null): number {
  return clampRatio(crop ? (crop.width * width) / (crop.height * height) : width / height)
}

/**
 * Draws what is cut out of a picture, straightened, at most so wide; never enlarged, as the server does it.
 * Square: only the middle of it, for a thumbnail.
 */
export function drawFrame(
  canvas: HTMLCanvasElement,
  picture: OpenedPicture,
  { crop, edits }: Cut,
  { width: most, square = false }: { width: number; square?: boolean },
): void {
  const { image } = picture
  const degrees = editOf(edits, 'straighten')
  const frame = straightenedFrame(image, frameOf(picture, crop, square), degrees)
  const fullWidth = frame.width * (picture.width / image.width)
  const width = Math.max(1, Math.round(Math.min(most, renditions.large.width, fullWidth)))
  canvas.width = width
  canvas.height = Math.max(1, Math.round((width * frame.height) / frame.width))
  const context = canvas.getContext('2d')
  if (!context) return
  context.imageSmoothingQuality = 'high'
  if (degrees === 0) {
    context.drawImage(
      image,
      frame.left,
      frame.top,
      frame.width,
      frame.height,
      0,
      0,
      canvas.width,
      canvas.height,
    )
    return
  }
  context.translate(canvas.width / 2, canvas.height / 2)
  context.scale(canvas.width / frame.width, canvas.height / frame.height)
  context.rotate((degrees * Math.PI) / 180)
  context.translate(-frame.left - frame.width / 2, -frame.top - frame.height / 2)
  context.drawImage(image, 0, 0)
}

function frameOf(picture: OpenedPicture, crop: Crop | null, square: boolean): Frame {
  const { image } = picture
  const { x, y, width, height } = crop ?? cropOf(image, ratioOf(picture, null), centered)
  const frame = {
    left: x * image.width,
    top: y * image.height,
    width: width * image.width,
    height: height * image.height,
  }
  if (!square) return frame
  const side = Math.min(frame.width, frame.height)
  return {
    left: frame.left + (frame.width - side) / 2,
    top: frame.top + (frame.height - side) / 2,
    width: side,
    height: side,
  }
}
