import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageFrame, storyFrame } from '@heliograph/contract/limits'
import { type RawPicture, rawOf, sharpOf } from './decode-picture.ts'
import { fitWidth, scaled } from './picture-geometry.ts'
import type { RenderPurpose, RenditionName, WrittenFile } from './protocol.ts'

type Type = 'image/webp' | 'image/jpeg'

const kilobytes = 1000
const mediumWidth = 640
const thumbnailSide = 150
const firstQuality = 80
const worstQuality = 5
/** Below it blocks are seen before pixels are missed. */
export const leastQuality = 40
const nextSmaller = 0.8
/** Enough to tell what a picture shows. */
const smallWidth = 320

export interface Rendition {
  name: RenditionName
  raw: RawPicture
  type: Type
  maxBytes: number
  /** Worse than this it does not become to fit: it becomes smaller instead. */
  lowestQuality?: number
}

/** Each size from the smallest raw picture that is large enough: the master is decoded only once. */
export async function planRenditions(
  large: RawPicture,
  purpose: RenderPurpose,
): Promise<{ renditions: Rendition[]; smallest: RawPicture }> {
  if (purpose === 'avatar') {
    const [at64, at150] = [await square(large, 64), await square(large, 150)]
    const renditions: Rendition[] = [
      { name: '64', raw: at64, type: 'image/webp', maxBytes: 30 * kilobytes },
      { name: '150', raw: at150, type: 'image/webp', maxBytes: 30 * kilobytes },
      { name: '320', raw: large, type: 'image/webp', maxBytes: 100 * kilobytes },
    ]
    return { renditions, smallest: at150 }
  }
  if (purpose === 'story' || purpose === 'message') {
    const { maxBytes } = purpose === 'story' ? storyFrame : messageFrame
    const thumbnail = await square(large, thumbnailSide)
    const whole = { raw: large, maxBytes, lowestQuality: leastQuality }
    const renditions: Rendition[] = [
      { name: 'thumbnail', raw: thumbnail, type: 'image/webp', maxBytes: 30 * kilobytes },
      { ...whole, name: 'large', type: 'image/webp' },
      { ...whole, name: 'fallback', type: 'image/jpeg' },
    ]
    return { renditions, smallest: await resized(large, fitWidth(large, smallWidth)) }
  }
  const medium = await resized(large, fitWidth(large, mediumWidth))
  const thumbnail = await square(medium, thumbnailSide)
  const renditions: Rendition[] = [
    { name: 'thumbnail', raw: thumbnail, type: 'image/webp', maxBytes: 30 * kilobytes },
    { name: 'medium', raw: medium, type: 'image/webp', maxBytes: 200 * kilobytes },
    { name: 'large', raw: large, type: 'image/webp', maxBytes: 500 * kilobytes },
    { name: 'fallback', raw: large, type: 'image/jpeg', maxBytes: 500 * kilobytes },
  ]
  return { renditions, smallest: medium }
}

async function square(raw: RawPicture, side: number): Promise<RawPicture> {
  const fitting = Math.min(side, raw.width, raw.height)
  if (raw.width === fitting && raw.height === fitting) return raw
  return rawOf(sharpOf(raw).resize({ width: fitting, height: fitting, fit: 'cover' }))
}

export async function resized(raw: RawPicture, size: { width: number; height: number }): Promise<RawPicture> {
  if (raw.width === size.width && raw.height === size.height) return raw
  return rawOf(sharpOf(raw).resize({ ...size, fit: 'fill' }))
}

/** What does not fit at the lowest quality becomes smaller until it does. */
export async function writeWithin(outDir: string, rendition: Rendition): Promise<WrittenFile<RenditionName>> {
  const written = await writeRendition(outDir, rendition)
  if (rendition.lowestQuality === undefined || written.bytes <= rendition.maxBytes) return written
  const smaller = await resized(rendition.raw, scaled(rendition.raw, nextSmaller))
  return await writeWithin(outDir, { ...rendition, raw: smaller })
}

async function writeRendition(outDir: string, rendition: Rendition): Promise<WrittenFile<RenditionName>> {
  const { name, raw, type } = rendition
  const bytes = await encodeWithin(rendition)
  const file = `${name}.${type === 'image/webp' ? 'webp' : 'jpg'}`
  await writeWhole(outDir, file, bytes)
  return { name, file, width: raw.width, height: raw.height, bytes: bytes.length, type }
}

/** A file appears under its name only when it is complete. */
export async function writeWhole(outDir: string, file: string, bytes: Uint8Array): Promise<void> {
  const path = join(outDir, file)
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
}

/** Nearly every photograph fits at the first try; noise takes a few steps, each sized by the overshoot. */
async function encodeWithin({
  raw,
  type,
  maxBytes,
  lowestQuality = worstQuality,
}: Rendition): Promise<Buffer> {
  let quality = firstQuality
  for (;;) {
    const bytes = await encode(raw, type, quality)
    if (bytes.length <= maxBytes || quality <= lowestQuality) return bytes
    const step = Math.min(0.9, Math.max(0.4, maxBytes / bytes.length))
    quality = Math.max(lowestQuality, Math.floor(quality * step))
  }
}

function encode(raw: RawPicture, type: Type, quality: number): Promise<Buffer> {
  if (type === 'image/webp') return sharpOf(raw).webp({ quality, effort: 4 }).toBuffer()
  return sharpOf(raw).flatten({ background: '#fff' }).jpeg({ quality }).toBuffer()
}
