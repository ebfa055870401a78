import { aspectRatio } from '@heliograph/contract/limits'
import type { Crop } from '@heliograph/contract/posts'

export interface Sized {
  width: number
  height: number
}

/** What the person looks at while cropping: the middle of the frame on the picture, and how close. */
export interface View {
  /** 0–1 of the picture. */
  centerX: number
  centerY: number
  /** 1: the frame is just filled. */
  zoom: number
}

export const centered: View = { centerX: 0.5, centerY: 0.5, zoom: 1 }
export const maxZoom = 4

/** The ratio that the server would choose by itself. */
export function clampRatio(ratio: number): number {
  return Math.min(aspectRatio.max, Math.max(aspectRatio.min, ratio))
}

/** Too tall or too wide to be shown whole. */
export function isCutToFit({ width, height }: Sized): boolean {
  return Math.abs(clampRatio(width / height) - width / height) > 1e-3
}

/** Part of the picture inside a frame of this ratio; never outside the picture. */
export function cropOf(picture: Sized, frameRatio: number, view: View): Crop {
  const pictureRatio = picture.width / picture.height
  const zoom = Math.min(maxZoom, Math.max(1, view.zoom))
  const width = Math.min(1, frameRatio / pictureRatio) / zoom
  const height = Math.min(1, pictureRatio / frameRatio) / zoom
  return {
    x: between(view.centerX - width / 2, 0, 1 - width),
    y: between(view.centerY - height / 2, 0, 1 - height),
    width,
    height,
  }
}

/** The view that shows a crop again. */
export function viewOf(picture: Sized, crop: Crop): View {
  const ratio = (crop.width * picture.width) / (crop.height * picture.height)
  const full = cropOf(picture, ratio, centered)
  return {
    centerX: crop.x + crop.width / 2,
    centerY: crop.y + crop.height / 2,
    zoom: full.width / crop.width,
  }
}

/** Shape in which a photograph is shown, with its crop or by the rule. */
export function shownCropRatio({ width, height, crop }: Sized & { crop: Crop | null }): number {
  return clampRatio(crop ? (crop.width * width) / (crop.height * height) : width / height)
}

/** Styles that lay the picture under a frame so that the crop fills it. Percentages of the frame. */
export function layout(crop: Crop): { width: string; height: string; left: string; top: string } {
  return {
    width: `${100 / crop.width}%`,
    height: `${100 / crop.height}%`,
    left: `${(-crop.x * 100) / crop.width}%`,
    top: `${(-crop.y * 100) / crop.height}%`,
  }
}

function between(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high))
}
