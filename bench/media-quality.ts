// How large the renditions of twenty photographs are, and how like the original, beside plain JPEG of quality 80.
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { renditions } from '../contract/src/limits.ts'
import type { MediaPool } from '../server/src/modules/media/rendering/media-pool.ts'
import { mean } from './figures.ts'
import type { Master } from './media-masters.ts'
import { type Grey, similarity } from './media-similarity.ts'
import type { Report } from './scenario.ts'

interface Measured {
  bytes: Record<string, number>
  webp: { bytes: number; likeness: number }
  jpeg: { bytes: number; likeness: number }
}

export async function measureQuality(
  pool: MediaPool,
  cuts: readonly Master[],
  outDir: string,
): Promise<Omit<Report, 'summary'>> {
  const measured: Measured[] = []
  for (const cut of cuts) measured.push(await measureOne(pool, cut, outDir))
  const named = (['thumbnail', 'medium', 'large', 'fallback'] as const).map((name) => {
    const sizes = measured.map(({ bytes }) => bytes[name]!)
    const { maxBytes } = renditions[name]
    const within = sizes.filter((size) => size <= maxBytes).length
    const kilobytes = (size: number) => (size / 1000).toFixed(1)
    return {
      within,
      row: [
        name,
        kilobytes(mean(sizes)),
        kilobytes(Math.max(...sizes)),
        maxBytes / 1000,
        `${within} of ${sizes.length}`,
      ],
    }
  })
  const row = (name: string, of: (one: Measured) => { bytes: number; likeness: number }) => {
    const all = measured.map(of)
    const likenesses = all.map(({ likeness }) => likeness)
    return [
      name,
      (mean(all.map(({ bytes }) => bytes)) / 1000).toFixed(1),
      mean(likenesses).toFixed(4),
      Math.min(...likenesses).toFixed(4),
    ]
  }
  return {
    tables: [
      {
        title: `Kilobytes of the renditions of ${measured.length} photographs`,
        columns: ['rendition', 'mean', 'largest', 'cap', 'within it'],
        rows: named.map(({ row }) => row),
      },
      {
        title: 'Large rendition beside JPEG of quality 80, both from the same pixels',
        columns: ['as', 'KB, mean', 'SSIM, mean', 'SSIM, lowest'],
        rows: [row('WebP (large)', ({ webp }) => webp), row('JPEG, quality 80', ({ jpeg }) => jpeg)],
      },
    ],
    targets: [
      {
        text: 'every rendition within 30, 200, 500 and 500 KB',
        isMet: named.every(({ within }) => within === measured.length),
      },
    ],
  }
}

async function measureOne(pool: MediaPool, cut: Master, outDir: string): Promise<Measured> {
  const made = await pool.render({
    id: cut.name,
    kind: 'photo',
    purpose: 'media',
    masterPath: cut.path,
    outDir,
  })
  const size = { width: made.width, height: made.height }
  const pixels = await sharp(cut.path)
    .resize({ ...size, fit: 'cover' })
    .png()
    .toBuffer()
  const original = await greyOf(pixels)
  const jpeg = await sharp(pixels).jpeg({ quality: 80 }).toBuffer()
  const webp = await readFile(made.files.find(({ name }) => name === 'large')!.path)
  const shown = async (bytes: Buffer) => ({
    bytes: bytes.length,
    likeness: similarity(original, await greyOf(bytes)),
  })
  return {
    bytes: Object.fromEntries(made.files.map(({ name, bytes }) => [name, bytes])),
    webp: await shown(webp),
    jpeg: await shown(jpeg),
  }
}

async function greyOf(coded: Buffer): Promise<Grey> {
  const { data, info } = await sharp(coded).greyscale().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}
