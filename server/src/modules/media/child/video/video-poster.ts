import type { RawPicture } from '../decode-picture.ts'
import { leastQuality, planRenditions, resized, writeWithin } from '../encode-renditions.ts'
import { mainColorOf } from '../main-color.ts'
import { boxOf, fitBox, type Size, scaled } from '../picture-geometry.ts'
import { perceptualHashOf, thumbhashOf } from '../picture-hashes.ts'
import type { FilmPurpose, PosterName, WrittenFile } from '../protocol.ts'
import type { Source, VideoEngine } from './video-engine.ts'

const looksPerSecond = 2
const mostLooks = 12
/** Mean of all samples, of 255: fades begin darker than this. */
const darkest = 20
const hashSide = 64
const samples = 8

/** Of posts, in every size: it is shown until the film runs, and beside many others. */
const maxBytes = 30_000

/** What has been made, largest rendition; upright and in plain colours, so easy to look at. */
export interface Film {
  source: Source
  size: Size
  seconds: number
}

export interface Poster {
  files: WrittenFile<PosterName>[]
  thumbhash: string
  color: string
  perceptualHash: string
}

/** The first picture of the film that is not black, in the sizes of a photograph of the same purpose. */
export async function makePoster(
  engine: VideoEngine,
  film: Film,
  { outDir, purpose }: { outDir: string; purpose: FilmPurpose },
): Promise<Poster> {
  const size = fitBox(film.size, boxOf(purpose))
  const picture = await firstSight(engine, film.source, size)
  const { renditions, smallest } = await planRenditions(picture, purpose)
  const files: WrittenFile<PosterName>[] = []
  for (const rendition of renditions) {
    const sized = purpose === 'media' ? { ...rendition, maxBytes } : rendition
    const written = await writeWithin(outDir, { ...sized, lowestQuality: leastQuality })
    files.push({ ...written, name: rendition.name as PosterName })
  }
  const tiny = await tinyOf(smallest)
  return {
    files,
    thumbhash: thumbhashOf(tiny),
    color: await mainColorOf(tiny),
    perceptualHash: perceptualHashOf(tiny),
  }
}

async function tinyOf(picture: RawPicture): Promise<RawPicture> {
  const scale = Math.min(1, hashSide / Math.max(picture.width, picture.height))
  return await resized(picture, scaled(picture, scale))
}

/** By what they are recognised. */
export async function hashesOf(frames: readonly RawPicture[]): Promise<string[]> {
  const hashes: string[] = []
  for (const frame of frames) hashes.push(perceptualHashOf(await tinyOf(frame)))
  return hashes
}

/** Pictures from all over the film, and small: enough to tell what it shows. */
export async function sampleFilm(
  engine: VideoEngine,
  { source, size, seconds }: Film,
): Promise<RawPicture[]> {
  const rate = (samples / Math.max(seconds, 0.1)).toFixed(6)
  const filters = `fps=fps=${rate}:start_time=0:round=up`
  const seen: RawPicture[] = []
  await engine.frames({ source, index: 0, decoder: 'h264', filters, ...size }, async (pixels) => {
    seen.push({ data: Buffer.from(pixels), channels: 3, ...size })
    return seen.length < samples ? 'more' : 'enough'
  })
  return seen.length > 0 ? seen : [await firstSight(engine, source, size)]
}

async function firstSight(engine: VideoEngine, source: Source, size: Size): Promise<RawPicture> {
  let best: { data: Buffer; light: number } | undefined
  let looks = 0
  const filters = `fps=fps=${looksPerSecond}:start_time=0:round=up,scale=${size.width}:${size.height}:flags=bicubic`
  await engine.frames({ source, index: 0, decoder: 'h264', filters, ...size }, async (pixels) => {
    const light = meanOf(pixels)
    looks += 1
    if (!best || light > best.light) best = { data: Buffer.from(pixels), light }
    return light >= darkest || looks >= mostLooks ? 'enough' : 'more'
  })
  if (!best) throw new Error('the film has no picture')
  return { data: best.data, channels: 3, ...size }
}

function meanOf(pixels: Buffer): number {
  let sum = 0
  for (const value of pixels) sum += value
  return sum / pixels.length
}
