import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { straightenedFrame } from '@heliograph/contract/straighten'
import sharp from 'sharp'
import { dressJpeg, dressWebp } from '../../../../test/corpus/camera-files.ts'
import type { Crop } from './protocol.ts'
import { renderPhoto } from './render-photo.ts'

// However a camera was held, whatever is cut out and however far it is turned: each pixel of the result comes
// from where the three together say. The picture tells its own places: red grows to the right, green downwards.

const folder = mkdtempSync(join(tmpdir(), 'render-matrix-'))
after(() => rmSync(folder, { recursive: true }))

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const orientations = [1, 2, 3, 4, 5, 6, 7, 8] as const
const shapes: (readonly [number, number])[] = isLong
  ? [
      [300, 200],
      [200, 300],
    ]
  : [[300, 200]]
const crops: (Crop | undefined)[] = [
  undefined,
  { x: 0.1, y: 0.3, width: 0.5, height: 0.6 },
  ...(isLong
    ? [
        { x: 0, y: 0, width: 0.4, height: 0.4 },
        { x: 0.55, y: 0.5, width: 0.45, height: 0.5 },
      ]
    : []),
]
const angles = isLong ? [0, -25, -3.5, 0.5, 12, 25] : [0, -25, 7.5]
const writers = {
  jpeg: async (pixels: Buffer, orientation: number) =>
    dressJpeg(await sharp(pixels).jpeg({ quality: 98, chromaSubsampling: '4:4:4' }).toBuffer(), {
      orientation,
    }),
  webp: async (pixels: Buffer, orientation: number) =>
    dressWebp(await sharp(pixels).withIccProfile('srgb').webp({ lossless: true }).toBuffer(), {
      orientation,
    }),
}

/** What a file must hold for `orientation` to turn it into this. */
async function storedFor(upright: Buffer, orientation: number): Promise<Buffer> {
  const undo = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 }[orientation]!
  const turned = await sharp(upright).withMetadata({ orientation: undo }).png().toBuffer()
  return sharp(turned).autoOrient().png().toBuffer()
}

function slopes(width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    data[at * 3] = shade(((at % width) + 0.5) / width)
    data[at * 3 + 1] = shade((Math.floor(at / width) + 0.5) / height)
    data[at * 3 + 2] = 128
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

/** Away from the ends, where coders clip. */
function shade(share: number): number {
  return Math.round(20 + 200 * share)
}

async function render(master: Buffer, crop: Crop | undefined, straighten: number) {
  const outDir = mkdtempSync(join(folder, 'job-'))
  const masterPath = join(outDir, 'master')
  writeFileSync(masterPath, master)
  const edits = straighten === 0 ? {} : { edits: { straighten } }
  const cut = crop ? { crop } : {}
  const made = await renderPhoto({
    id: '1',
    kind: 'photo',
    purpose: 'media',
    masterPath,
    outDir,
    ...cut,
    ...edits,
  })
  const { file } = made.files.find(({ name }) => name === 'fallback')!
  return sharp(readFileSync(join(outDir, file)))
    .raw()
    .toBuffer({ resolveWithObject: true })
}

/** The largest difference at a grid of places, between what is found and what geometry says. */
function farthest(
  { data, info }: Awaited<ReturnType<typeof render>>,
  [width, height]: readonly [number, number],
  crop: Crop | undefined,
  degrees: number,
): number {
  const chosen = crop ?? { x: 0, y: 0, width: 1, height: 1 }
  const frame = straightenedFrame(
    { width, height },
    within(chosen.x * width, chosen.y * height, chosen.width * width, chosen.height * height),
    degrees,
  )
  const angle = (degrees * Math.PI) / 180
  let most = 0
  for (let i = 1; i < 12; i++)
    for (let j = 1; j < 12; j++) {
      const [x, y] = [(i / 12) * info.width, (j / 12) * info.height].map(Math.floor) as [number, number]
      const byX = ((x + 0.5) / info.width - 0.5) * frame.width
      const byY = ((y + 0.5) / info.height - 0.5) * frame.height
      // Content that turns clockwise is looked up where it was before, so anticlockwise.
      const fromX = frame.left + frame.width / 2 + byX * Math.cos(angle) + byY * Math.sin(angle)
      const fromY = frame.top + frame.height / 2 - byX * Math.sin(angle) + byY * Math.cos(angle)
      const at = (y * info.width + x) * info.channels
      most = Math.max(
        most,
        Math.abs(data[at]! - shade(fromX / width)),
        Math.abs(data[at + 1]! - shade(fromY / height)),
      )
    }
  return most
}

/** The centre part of the nearest ratio that posts have: 4:5 to 1.91:1. */
function within(left: number, top: number, width: number, height: number) {
  const shown = { width: Math.min(width, height * 1.91), height: Math.min(height, (width * 5) / 4) }
  return { left: left + (width - shown.width) / 2, top: top + (height - shown.height) / 2, ...shown }
}

for (const [format, write] of Object.entries(writers))
  describe(`every way of holding, cutting and turning a ${format}`, () => {
    for (const orientation of orientations)
      it(`never shows another part than was chosen, nor turns it the other way: orientation ${orientation}`, async () => {
        for (const shape of shapes) {
          const master = await write(await storedFor(await slopes(...shape), orientation), orientation)
          for (const crop of crops)
            for (const degrees of angles) {
              const most = farthest(await render(master, crop, degrees), shape, crop, degrees)
              const what = `${shape.join('×')} ${JSON.stringify(crop)} ${degrees}°`
              // Two pixels of rounding are four shades at most.
              assert.ok(most <= 6, `${what}: ${most} shades off`)
            }
        }
      })
  })
