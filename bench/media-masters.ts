import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { dressJpeg } from '../server/test/corpus/camera-files.ts'
import { noise } from '../server/test/corpus/drawn-pictures.ts'
import { photographs } from './photographs.ts'

const [width, height] = [4032, 3024]

export interface Master {
  name: string
  path: string
  megabytes: number
  /** EXIF orientation: 6 is a phone held upright. */
  orientation: 1 | 6
}

/**
 * Twelve-megapixel files as phones write them: real photographs enlarged, with a sensor's grain over them (so
 * that the bytes per pixel are those of a camera), EXIF with place and maker note, every other one upright.
 */
export async function makeMasters(folder: string, count: number): Promise<Master[]> {
  const grain = await noise(width, height).linear(0.28, 92).png({ compressionLevel: 0 }).toBuffer()
  const masters: Master[] = []
  for (const [index, { name, path }] of photographs.slice(0, count).entries()) {
    const orientation = index % 2 === 0 ? 6 : 1
    const upright = orientation === 6 ? { width: height, height: width } : { width, height }
    const enlarged = await sharp(await readFile(path))
      .resize({ ...upright, fit: 'cover' })
      .png({ compressionLevel: 0 })
      .toBuffer()
    const stored = orientation === 6 ? await sharp(enlarged).rotate(270).toBuffer() : enlarged
    const jpeg = await sharp(stored)
      .composite([{ input: grain, blend: 'soft-light' }])
      .jpeg({ quality: 92 })
      .toBuffer()
    const dressed = dressJpeg(jpeg, { orientation })
    const file = join(folder, `${name}.jpg`)
    await writeFile(file, dressed)
    masters.push({ name, path: file, megabytes: dressed.length / 1e6, orientation })
  }
  return masters
}

/** Four parts of each photograph, with grain, upright, of two megapixels: twenty pictures for bytes and likeness. */
export async function makeCuts(folder: string, count: number): Promise<Master[]> {
  const size = { width: 1600, height: 1200 }
  const grain = await noise(size.width, size.height).linear(0.28, 92).png({ compressionLevel: 0 }).toBuffer()
  const cuts: Master[] = []
  for (const { name, path } of photographs) {
    const photograph = sharp(await readFile(path))
    const whole = await photograph.metadata()
    const [width, height] = [Math.floor(whole.width * 0.75), Math.floor(whole.height * 0.75)]
    for (const corner of [0, 1, 2, 3]) {
      if (cuts.length === count) return cuts
      const left = (corner % 2) * (whole.width - width)
      const top = Math.floor(corner / 2) * (whole.height - height)
      const part = await photograph
        .clone()
        .extract({ left, top, width, height })
        .resize({ ...size, fit: 'cover' })
        .png({ compressionLevel: 0 })
        .toBuffer()
      const jpeg = await sharp(part)
        .composite([{ input: grain, blend: 'soft-light' }])
        .jpeg({ quality: 92 })
        .toBuffer()
      const file = join(folder, `${name}-${corner}.jpg`)
      await writeFile(file, jpeg)
      cuts.push({ name: `${name}-${corner}`, path: file, megabytes: jpeg.length / 1e6, orientation: 1 })
    }
  }
  return cuts
}
