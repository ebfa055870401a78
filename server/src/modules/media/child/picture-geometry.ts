import { messageFrame, storyFrame } from '@heliograph/contract/limits'
import type { FrameFit } from '@heliograph/contract/media'
import { boxAround, straightenedFrame } from '@heliograph/contract/straighten'
import type { Crop, RenderPurpose } from './protocol.ts'

export interface Size {
  width: number
  height: number
}

export interface Region extends Size {
  left: number
  top: number
}

/** Portrait 4:5 to landscape 1.91:1, so that a feed's column never jumps. */
export const ratioLimits = { min: 4 / 5, max: 1.91 }

/** Into what the largest rendition fits. */
const boxes: Record<RenderPurpose, Size> = {
  media: { width: 1080, height: Number.POSITIVE_INFINITY },
  avatar: { width: 320, height: 320 },
  story: storyFrame,
  message: messageFrame,
}

export function boxOf(purpose: RenderPurpose): Size {
  return boxes[purpose]
}

/** What was chosen to be shown of a picture. */
export interface Framing {
  purpose: RenderPurpose
  crop: Crop | undefined
  fit: FrameFit | undefined
}

function ratioOf({ purpose, fit }: Framing): { min: number; max: number } {
  if (purpose === 'media') return ratioLimits
  const ofFrame = purpose === 'avatar' ? 1 : storyFrame.width / storyFrame.height
  const fills = purpose === 'avatar' || (purpose === 'story' && fit === 'crop')
  return fills ? { min: ofFrame, max: ofFrame } : { min: 0, max: Number.POSITIVE_INFINITY }
}

/** Which pixels of the upright master are shown, and how large the largest rendition is. */
export function planRegion(upright: Size, framing: Framing): { region: Region; large: Size } {
  const { purpose, crop } = framing
  const chosen = crop ? regionOfCrop(upright, crop) : { left: 0, top: 0, ...upright }
  const region = withinRatio(chosen, ratioOf(framing))
  return { region, large: fitBox(region, boxes[purpose]) }
}

export interface TurnPlan {
  /** What is to be decoded: the box around the turned frame; and at what size. */
  region: Region
  decoded: Size
  large: Size
  /** The frame's middle and how long one of its pixels is, in decoded pixels. */
  middle: { x: number; y: number }
  step: { x: number; y: number }
}

/** The same for a picture that is straightened. */
export function planTurn(upright: Size, framing: Framing, degrees: number): TurnPlan {
  const frame = straightenedFrame(upright, planRegion(upright, framing).region, degrees)
  const large = fitBox(frame, boxes[framing.purpose])
  const box = boxAround(frame, degrees)
  const left = clamp(Math.floor(box.left), 0, upright.width - 1)
  const top = clamp(Math.floor(box.top), 0, upright.height - 1)
  const region = {
    left,
    top,
    width: clamp(Math.ceil(box.left + box.width), left + 1, upright.width) - left,
    height: clamp(Math.ceil(box.top + box.height), top + 1, upright.height) - top,
  }
  const decoded = scaled(region, scaleInto(frame, boxes[framing.purpose]))
  const [scaleX, scaleY] = [decoded.width / region.width, decoded.height / region.height]
  return {
    region,
    decoded,
    large,
    middle: {
      x: (frame.left + frame.width / 2 - left) * scaleX,
      y: (frame.top + frame.height / 2 - top) * scaleY,
    },
    step: { x: (frame.width / large.width) * scaleX, y: (frame.height / large.height) * scaleY },
  }
}

function regionOfCrop(upright: Size, crop: Crop): Region {
  const left = clamp(Math.round(crop.x * upright.width), 0, upright.width - 1)
  const top = clamp(Math.round(crop.y * upright.height), 0, upright.height - 1)
  return {
    left,
    top,
    width: clamp(Math.round(crop.width * upright.width), 1, upright.width - left),
    height: clamp(Math.round(crop.height * upright.height), 1, upright.height - top),
  }
}

/** The centre part of the nearest allowed ratio. */
function withinRatio(region: Region, limits: { min: number; max: number }): Region {
  const width = Math.max(1, Math.min(region.width, Math.round(region.height * limits.max)))
  const height = Math.max(1, Math.min(region.height, Math.round(region.width / limits.min)))
  return {
    left: region.left + Math.floor((region.width - width) / 2),
    top: region.top + Math.floor((region.height - height) / 2),
    width,
    height,
  }
}

export function scaled(size: Size, scale: number): Size {
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  }
}

/** Never enlarged. */
export function fitBox(size: Size, box: Size): Size {
  return scaled(size, scaleInto(size, box))
}

function scaleInto(size: Size, box: Size): number {
  return Math.min(1, box.width / size.width, box.height / size.height)
}

/** Never enlarged. */
export function fitWidth(size: Size, width: number): Size {
  return scaled(size, Math.min(1, width / size.width))
}

export function isSideways(orientation: number): boolean {
  return orientation >= 5
}

export function uprightSize(stored: Size, orientation: number): Size {
  return isSideways(orientation) ? { width: stored.height, height: stored.width } : stored
}

/** Where an upright region lies in the pixels as they are stored. EXIF orientations 1–8. */
export function storedRegion(region: Region, upright: Size, orientation: number): Region {
  const { left, top, width, height } = region
  const right = upright.width - left - width
  const bottom = upright.height - top - height
  const sideways = { width: height, height: width }
  switch (orientation) {
    case 2:
      return { left: right, top, width, height }
    case 3:
      return { left: right, top: bottom, width, height }
    case 4:
      return { left, top: bottom, width, height }
    case 5:
      return { left: top, top: left, ...sideways }
    case 6:
      return { left: top, top: right, ...sideways }
    case 7:
      return { left: bottom, top: right, ...sideways }
    case 8:
      return { left: bottom, top: left, ...sideways }
    default:
      return region
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
