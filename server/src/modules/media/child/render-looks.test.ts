import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type Color, colorLookOf } from '@heliograph/contract/color-look'
import { type Edits, filterIds } from '@heliograph/contract/edits'
import sharp from 'sharp'
import { photographs } from '../../../../../bench/photographs.ts'
import { dressJpeg } from '../../../../test/corpus/camera-files.ts'
import {
  cornersOf,
  isNear,
  quadrantColours,
  quadrants,
  type Rgb,
} from '../../../../test/corpus/drawn-pictures.ts'
import type { Crop } from './protocol.ts'
import { renderPhoto } from './render-photo.ts'

const folder = mkdtempSync(join(tmpdir(), 'render-looks-'))
after(() => rmSync(folder, { recursive: true }))

const photograph = readFileSync(photographs[3]!.path)

interface Wishes {
  crop?: Crop
  filter?: string
  edits?: Edits
}

async function render(master: Buffer, wishes: Wishes = {}) {
  const outDir = mkdtempSync(join(folder, 'job-'))
  const masterPath = join(outDir, 'master')
  writeFileSync(masterPath, master)
  const result = await renderPhoto({
    id: '1',
    kind: 'photo',
    purpose: 'media',
    masterPath,
    outDir,
    ...wishes,
  })
  const named = (name: string) =>
    readFileSync(join(outDir, result.files.find((file) => file.name === name)!.file))
  return { ...result, large: named('large'), fallback: named('fallback'), thumbnail: named('thumbnail') }
}

async function pixelsOf(coded: Buffer, size?: { width: number; height: number }): Promise<Buffer> {
  const picture = sharp(coded).removeAlpha().toColourspace('srgb')
  return await (size ? picture.resize({ ...size, fit: 'fill' }) : picture).raw().toBuffer()
}

function meanDifference(a: Buffer, b: Buffer): number {
  assert.equal(a.length, b.length)
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length
}

/** What a look makes of one colour, as bytes. */
function lookedAt(
  color: Rgb,
  { filter = null, edits = null }: { filter?: string | null; edits?: Edits | null },
): Rgb {
  const shares: Color = [color[0] / 255, color[1] / 255, color[2] / 255]
  colorLookOf(filter, edits)?.(shares)
  const [red, green, blue] = shares.map((share) => Math.round(share * 255))
  return [red!, green!, blue!]
}

describe('a filter', () => {
  it('does to every rendition what its data say', async () => {
    const master = await quadrants(1200, 1200).png().toBuffer()
    for (const filter of filterIds) {
      // The vignette is its own matter: the middles of the quarters lie where it has hardly begun.
      const { large, fallback, thumbnail } = await render(master, { filter })
      for (const coded of [large, fallback, thumbnail]) {
        const found = await cornersOf(coded)
        for (const [corner, color] of Object.entries(quadrantColours)) {
          const expected = lookedAt(color, { filter })
          assert.ok(
            isNear(found[corner as keyof typeof found], expected, 14),
            `${filter} ${corner}: ${found[corner as keyof typeof found]} for ${expected}`,
          )
        }
      }
    }
  })

  it('that is not known, or of no strength, changes no byte', async () => {
    const plain = await render(photograph)
    for (const wishes of [
      { filter: 'of-another-day' },
      { filter: 'noon', edits: { strength: 0 } },
      { edits: {} },
    ]) {
      const { large, thumbhash } = await render(photograph, wishes)
      assert.ok(large.equals(plain.large), JSON.stringify(wishes))
      assert.equal(thumbhash, plain.thumbhash)
    }
  })

  it('shows in the placeholder too, and leaves the size alone', async () => {
    const plain = await render(photograph)
    const blue = await render(photograph, { filter: 'cyanotype' })
    assert.notEqual(blue.thumbhash, plain.thumbhash)
    assert.deepEqual([blue.width, blue.height], [plain.width, plain.height])
  })

  it('takes grey, transparent and 16-bit pictures as it takes any', async () => {
    const grey = quadrants(400, 400).greyscale()
    const masters = {
      grey: await grey.clone().toColourspace('b-w').png().toBuffer(),
      greyJpeg: await grey.clone().jpeg().toBuffer(),
      greyWithAlpha: await grey.clone().toColourspace('b-w').ensureAlpha(0.5).png().toBuffer(),
      transparent: await quadrants(400, 400).ensureAlpha(0.5).png().toBuffer(),
      deep: await quadrants(400, 400).toColourspace('rgb16').png().toBuffer(),
    }
    for (const [what, master] of Object.entries(masters)) {
      const { large } = await render(master, { filter: 'calotype', edits: { sharpen: 40, straighten: 4 } })
      const { channels, depth } = await sharp(large).metadata()
      assert.deepEqual([depth, channels], ['uchar', /Alpha|transparent/.test(what) ? 4 : 3], what)
      const { data, info } = await sharp(large).raw().toBuffer({ resolveWithObject: true })
      const [red, , blue] = data.subarray(0, 3)
      assert.ok(red! > blue!, `${what} became brown`)
      if (info.channels === 4) assert.ok(Math.abs(data[3]! - 128) <= 2, `${what} stays half transparent`)
    }
  })
})

describe('adjustments', () => {
  it('act on the cut picture: the vignette lies in its corners, not in those of the master', async () => {
    const white = await sharp({ create: { width: 1000, height: 1000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    const crop = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 }
    const { large } = await render(white, { crop, edits: { vignette: 100 } })
    const pixels = await pixelsOf(large)
    const at = (x: number, y: number) => pixels[(y * 500 + x) * 3]!
    assert.ok(at(2, 2) < 110 && at(497, 497) < 110)
    assert.ok(at(250, 250) > 252)
  })

  it('sharpen makes a photograph crisper and keeps its lightness', async () => {
    const plain = await pixelsOf((await render(photograph)).fallback)
    const sharper = await pixelsOf((await render(photograph, { edits: { sharpen: 100 } })).fallback)
    const detail = (pixels: Buffer) => {
      let sum = 0
      for (let at = 3; at < pixels.length; at++) sum += Math.abs(pixels[at]! - pixels[at - 3]!)
      return sum
    }
    const light = (pixels: Buffer) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length
    assert.ok(detail(sharper) > 1.2 * detail(plain))
    assert.ok(Math.abs(light(sharper) - light(plain)) < 2)
  })
})

describe('straightening', () => {
  it('leaves no empty corner, whatever is cut out of what', async () => {
    const crops: (Crop | undefined)[] = [
      undefined,
      { x: 0, y: 0, width: 0.3, height: 0.3 },
      { x: 0.7, y: 0.4, width: 0.3, height: 0.6 },
    ]
    for (const [width, height] of [
      [900, 600],
      [500, 1400],
    ] as const) {
      const white = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
        .png()
        .toBuffer()
      for (const crop of crops) {
        for (const straighten of [-25, -3.5, 10, 25]) {
          const { large } = await render(white, { crop, edits: { straighten } })
          assert.ok(
            (await pixelsOf(large)).every((value) => value > 250),
            `${width}×${height} ${straighten}`,
          )
        }
      }
    }
  })

  it('turns a crooked picture upright again', async () => {
    const size = { width: 1000, height: 1000 }
    const upright = await sharp(photograph)
      .resize({ ...size, fit: 'fill' })
      .blur(2)
      .png()
      .toBuffer()
    const crooked = await sharp(upright).rotate(-8, { background: '#888' }).png().toBuffer()
    const { width, height } = await sharp(crooked).metadata()
    // The middle half of the upright picture, by its place in the crooked one.
    const crop = {
      x: (width - 500) / 2 / width,
      y: (height - 500) / 2 / height,
      width: 500 / width,
      height: 500 / height,
    }
    const { fallback } = await render(crooked, { crop, edits: { straighten: 8 } })
    const expected = await sharp(upright)
      .extract({ left: 250, top: 250, width: 500, height: 500 })
      .png()
      .toBuffer()
    const found = await pixelsOf(fallback, { width: 500, height: 500 })
    assert.ok(meanDifference(found, await pixelsOf(expected)) < 4)
  })

  it('means the same for every way a camera was held', async () => {
    const crop = { x: 0.1, y: 0.3, width: 0.5, height: 0.4 }
    const wishes = { crop, edits: { straighten: 7 }, filter: 'golden' }
    const picture = await sharp(photograph)
      .resize({ width: 1600, height: 1200, fit: 'fill' })
      .png()
      .toBuffer()
    const expected = await pixelsOf((await render(picture, wishes)).fallback)
    const undo = { 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 }
    for (const [orientation, inverse] of Object.entries(undo)) {
      const tagged = await sharp(picture).withMetadata({ orientation: inverse }).png().toBuffer()
      const stored = await sharp(tagged).autoOrient().jpeg({ quality: 95 }).toBuffer()
      const { fallback } = await render(dressJpeg(stored, { orientation: Number(orientation) }), wishes)
      const difference = meanDifference(await pixelsOf(fallback), expected)
      assert.ok(difference < 3, `orientation ${orientation}: ${difference}`)
    }
  })
})
