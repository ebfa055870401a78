import { stripJpeg } from './strip-jpeg.ts'
import { stripPng } from './strip-png.ts'
import { stripWebp } from './strip-webp.ts'

export type LosslessFormat = 'jpeg' | 'png' | 'webp'

const strippers = { jpeg: stripJpeg, png: stripPng, webp: stripWebp }

/**
 * Removes everything that is not the picture itself: kept are the coded pixels, what their colours mean, and
 * the orientation (1–8), written anew. Allow-lists throughout, so a segment nobody has heard of goes too.
 * Throws MediaError `media.corrupt` when the structure cannot be followed to its end.
 */
export function stripMetadata(bytes: Buffer, format: LosslessFormat, orientation: number): Buffer {
  return strippers[format](bytes, orientation)
}
