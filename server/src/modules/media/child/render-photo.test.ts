import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import sharp from 'sharp'
import { photographs } from '../../../../../bench/photographs.ts'
import { gifSaying, jpegSaying, pngBomb, svgWithScript, textFile } from '../../../../test/corpus/bombs.ts'
import { dressJpeg, dressPng, dressWebp } from '../../../../test/corpus/camera-files.ts'
import { cameraTiff, foundMarks, marks } from '../../../../test/corpus/camera-metadata.ts'
import {
  type Corner,
  cornersOf,
  isNear,
  noise,
  quadrantColours,
  quadrants,
  type Rgb,
} from '../../../../test/corpus/drawn-pictures.ts'
import { buildHeic, type HeicDress, takeCodedPicture } from '../../../../test/corpus/heic-builder.ts'
import { ultraHdr } from '../../../../test/corpus/ultra-hdr.ts'
import { MediaError } from './media-error.ts'
import type { Crop, RenderPurpose } from './protocol.ts'
import { renderPhoto } from './render-photo.ts'

const folder = mkdtempSync(join(tmpdir(), 'render-photo-'))
after(() => rmSync(folder, { recursive: true }))

const corpus = (name: string) =>
  readFileSync(new URL(`../../../../test/corpus/files/${name}`, import.meta.url))
const photograph = readFileSync(photographs[1]!.path)

async function render(master: Buffer, options: { purpose?: RenderPurpose; crop?: Crop } = {}) {
  const outDir = mkdtempSync(join(folder, 'job-'))
  // The name lies on purpose: content decides.
  const masterPath = join(outDir, 'master.txt')
  writeFileSync(masterPath, master)
  const { purpose = 'media', crop } = options
  const result = await renderPhoto({ id: '1', kind: 'photo', purpose, masterPath, outDir, crop })
  const files = result.files.map((file) => ({ ...file, content: readFileSync(join(outDir, file.file)) }))
  const named = (name: string) => files.find((file) => file.name === name)!.content
  return { ...result, files, named, large: () => named(purpose === 'media' ? 'large' : '320') }
}

async function codeOf(master: Buffer): Promise<string> {
  try {
    await render(master)
    return 'rendered'
  } catch (error) {
    return MediaError.from(error).code
  }
}

async function assertCorners(
  coded: Buffer,
  expected: Record<Corner, Rgb> = quadrantColours,
  tolerance = 24,
): Promise<void> {
  const found = await cornersOf(coded)
  for (const corner of Object.keys(expected) as Corner[]) {
    assert.ok(isNear(found[corner], expected[corner], tolerance), `${corner}: ${found[corner]}`)
  }
}

/** The pixels as a camera stores them when it was held so that `orientation` turns them upright. */
async function storedFor(orientation: number, width: number, height: number): Promise<Buffer> {
  const upright = await quadrants(width, height).png().toBuffer()
  const undo = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 }[orientation]!
  const turned = await sharp(upright).withMetadata({ orientation: undo }).png().toBuffer()
  return sharp(turned).autoOrient().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
}

describe('renderPhoto', () => {
  it('makes four renditions, upright, within the caps, without a word of metadata', async () => {
    const large = await sharp(photograph).resize(3000, 2100).jpeg({ quality: 90 }).toBuffer()
    const result = await render(dressJpeg(large, { trailers: ['gainMap', 'film'] }))
    const sizes = result.files.map(({ name, width, height, type }) => [name, width, height, type])
    assert.deepEqual(sizes, [
      ['thumbnail', 150, 150, 'image/webp'],
      ['medium', 640, 448, 'image/webp'],
      ['large', 1080, 756, 'image/webp'],
      ['fallback', 1080, 756, 'image/jpeg'],
    ])
    assert.deepEqual(
      [result.sourceWidth, result.sourceHeight, result.width, result.height],
      [3000, 2100, 1080, 756],
    )
    for (const { content, bytes, width, height, type } of result.files) {
      const found = await sharp(content).metadata()
      assert.deepEqual([found.width, found.height, found.mediaType], [width, height, type])
      assert.deepEqual(
        [found.exif, found.icc, found.xmp, found.orientation],
        [undefined, undefined, undefined, undefined],
      )
      assert.deepEqual(foundMarks(content), [])
      assert.equal(content.length, bytes)
    }
    assert.equal(result.exif.cameraMake, marks.make)
    assert.ok(Math.abs(result.exif.gps!.latitude - 52.516275) < 1e-6)
    assert.match(result.perceptualHash, /^[0-9a-f]{16}$/)
    assert.ok(Buffer.from(result.thumbhash, 'base64').length >= 5)
  })

  it('makes three square avatars', async () => {
    const result = await render(photograph, { purpose: 'avatar' })
    assert.deepEqual(
      result.files.map(({ name, width, height }) => [name, width, height]),
      [
        ['64', 64, 64],
        ['150', 150, 150],
        ['320', 320, 320],
      ],
    )
  })

  it('stays within the caps on noise, the dearest picture there is', async () => {
    const result = await render(await noise(1080, 1350).jpeg({ quality: 100 }).toBuffer())
    const caps: Record<string, number> = { thumbnail: 30, medium: 200, large: 500, fallback: 500 }
    for (const { name, bytes } of result.files) assert.ok(bytes <= caps[name]! * 1024, `${name}: ${bytes}`)
  })

  for (const { name, path } of photographs) {
    it(`keeps the likeness of a real photograph: ${name}`, async () => {
      const result = await render(readFileSync(path), { crop: { x: 0, y: 0, width: 1, height: 1 } })
      const { width, height } = result
      const whole = sharp(readFileSync(path)).resize({ width, height, fit: 'cover' }).removeAlpha().raw()
      const [expected, found] = [await whole.toBuffer(), await sharp(result.large()).raw().toBuffer()]
      let squares = 0
      for (let at = 0; at < found.length; at++) squares += (found[at]! - expected[at]!) ** 2
      const decibels = 10 * Math.log10(255 ** 2 / (squares / found.length))
      assert.ok(decibels > 30, `${decibels.toFixed(1)} dB`)
    })
  }

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`turns EXIF orientation ${orientation} upright, whole and cropped`, async () => {
      const master = dressJpeg(await storedFor(orientation, 1600, 1200), { orientation })
      const whole = await render(master)
      assert.deepEqual(
        [whole.sourceWidth, whole.sourceHeight, whole.width, whole.height],
        [1600, 1200, 1080, 810],
      )
      await assertCorners(whole.large())
      const right = await render(master, { crop: { x: 0.5, y: 0, width: 0.5, height: 0.8 } })
      assert.deepEqual([right.width, right.height], [800, 960])
      const { topRight, bottomRight } = quadrantColours
      const expected = { topLeft: topRight, topRight, bottomLeft: bottomRight, bottomRight }
      await assertCorners(right.large(), expected)
    })
  }

  it('turns PNG and WebP upright by their EXIF too', async () => {
    const stored = await storedFor(6, 800, 640)
    const png = dressPng(await sharp(stored).png().toBuffer(), { orientation: 6 })
    const webp = dressWebp(await sharp(stored).withIccProfile('srgb').webp().toBuffer(), { orientation: 6 })
    for (const master of [png, webp]) {
      const result = await render(master)
      assert.deepEqual([result.sourceWidth, result.sourceHeight], [800, 640])
      await assertCorners(result.large())
      assert.equal(result.exif.cameraModel, 'Camera One')
    }
  })
})

describe('formats', () => {
  const drawn = () => quadrants(400, 320)
  const kinds: [what: string, format: string, make: () => Promise<Buffer>][] = [
    ['progressive JPEG', 'jpeg', () => drawn().jpeg({ progressive: true }).toBuffer()],
    ['CMYK JPEG', 'jpeg', () => drawn().toColourspace('cmyk').jpeg().toBuffer()],
    ['palette PNG', 'png', () => drawn().png({ palette: true }).toBuffer()],
    ['interlaced PNG', 'png', () => drawn().png({ progressive: true }).toBuffer()],
    ['16-bit PNG', 'png', () => drawn().toColourspace('rgb16').png().toBuffer()],
    ['WebP', 'webp', () => drawn().webp().toBuffer()],
    ['lossless WebP', 'webp', () => drawn().webp({ lossless: true }).toBuffer()],
    ['AVIF', 'avif', () => drawn().avif({ effort: 0 }).toBuffer()],
    ['10-bit AVIF', 'avif', () => drawn().avif({ effort: 0, bitdepth: 10 }).toBuffer()],
    ['GIF', 'gif', () => drawn().gif().toBuffer()],
    [
      'JPEG with trailing garbage',
      'jpeg',
      async () => Buffer.concat([await drawn().jpeg().toBuffer(), noiseBytes]),
    ],
    ['UltraHDR JPEG', 'jpeg', async () => ultraHdr(await drawn().jpeg().toBuffer())],
    ['P3 JPEG', 'jpeg', () => drawn().withIccProfile('p3').jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
    ['P3 PNG of 16 bits', 'png', () => drawn().toColourspace('rgb16').withIccProfile('p3').png().toBuffer()],
    ['P3 AVIF', 'avif', () => drawn().withIccProfile('p3').avif({ effort: 0 }).toBuffer()],
  ]
  const noiseBytes = Buffer.alloc(5000, 0x5a)
  for (const [what, format, make] of kinds) {
    it(`renders a ${what} in its colours`, async () => {
      const result = await render(await make())
      assert.equal(result.format, format)
      // Inks have no such red, green and blue.
      const tolerance = what.startsWith('CMYK') ? 80 : 24
      await assertCorners(result.large(), quadrantColours, tolerance)
      await assertCorners(result.named('fallback'), quadrantColours, tolerance)
    })
  }

  it('renders grey pictures, with and without alpha', async () => {
    for (const grey of [drawn().greyscale(), drawn().greyscale().ensureAlpha(0.5)]) {
      const result = await render(await grey.toColourspace('b-w').png().toBuffer())
      assert.deepEqual([result.width, result.height], [400, 320])
    }
    const result = await render(await drawn().greyscale().toColourspace('b-w').jpeg().toBuffer())
    const { topLeft, bottomRight } = await cornersOf(result.large())
    assert.ok(bottomRight[0] > topLeft[0] + 60)
  })

  it('puts white behind transparency in the JPEG and keeps it in WebP', async () => {
    const clear = { create: { width: 300, height: 300, channels: 4 as const, background: '#00000000' } }
    const result = await render(await sharp(clear).png().toBuffer())
    assert.deepEqual((await cornersOf(result.named('fallback'))).topLeft, [255, 255, 255])
    assert.equal((await sharp(result.large()).metadata()).hasAlpha, true)
  })

  it('drops an alpha channel that hides nothing', async () => {
    const result = await render(await drawn().ensureAlpha(1).png().toBuffer())
    assert.equal((await sharp(result.large()).metadata()).hasAlpha, false)
    await assertCorners(result.large())
  })

  it('shows the first frame of an animation', async () => {
    const frames = Buffer.concat([
      await drawn().raw().toBuffer(),
      await sharp(await drawn().raw().toBuffer(), { raw: { width: 400, height: 320, channels: 3 } })
        .negate()
        .raw()
        .toBuffer(),
    ])
    const strip = () => sharp(frames, { raw: { width: 400, height: 640, channels: 3, pageHeight: 320 } })
    for (const animated of [
      await strip()
        .gif({ delay: [100, 100] })
        .toBuffer(),
      await strip().webp().toBuffer(),
    ]) {
      const result = await render(animated)
      assert.deepEqual([result.sourceWidth, result.sourceHeight], [400, 320])
      await assertCorners(result.large())
    }
  })

  it('cuts a 16,000 pixel panorama at its centre', async () => {
    const result = await render(await quadrants(16_000, 3000).jpeg().toBuffer())
    assert.deepEqual([result.sourceWidth, result.width, result.height], [16_000, 1080, 565])
    await assertCorners(result.large())
  })

  it('renders a single pixel, a line and a column', async () => {
    for (const [width, height] of [
      [1, 1],
      [3000, 1],
      [1, 3000],
      [2, 3],
    ] as const) {
      const result = await render(await quadrants(width, height).png().toBuffer())
      assert.ok(result.width >= 1 && result.width <= width && result.height <= height)
      assert.equal(result.files.length, 4)
    }
  })
})

describe('HEIC', () => {
  const coded = takeCodedPicture(corpus('quadrants.heic'))
  const { topLeft, topRight, bottomLeft, bottomRight } = quadrantColours

  it('renders a photograph with a P3 profile and reads its EXIF', async () => {
    const result = await render(corpus('photograph.heic'))
    assert.deepEqual([result.format, result.sourceWidth, result.sourceHeight], ['heic', 640, 800])
    assert.equal(result.exif.cameraModel, 'Camera One')
    const expected = await sharp(readFileSync(photographs[2]!.path))
      .resize(640, 800, { fit: 'cover' })
      .png()
      .toBuffer()
    const [found, wanted] = [await cornersOf(result.large()), await cornersOf(expected)]
    for (const corner of Object.keys(found) as Corner[])
      assert.ok(isNear(found[corner], wanted[corner], 12), corner)
  })

  it('brings Display P3 to sRGB, whether said by a profile or by number', async () => {
    const p3 = await sharp(await quadrants(8, 8).withIccProfile('p3').png().toBuffer()).metadata()
    const greenOf = async (dress: HeicDress) =>
      (await cornersOf((await render(buildHeic(coded, dress))).large())).topRight
    const [plain, bt709] = [await greenOf({}), await greenOf({ primaries: 1 })]
    const [byProfile, byNumber] = [await greenOf({ profile: p3.icc }), await greenOf({ primaries: 12 })]
    assert.ok(isNear(bt709, plain, 4), `${plain} ${bt709}`)
    assert.ok(byProfile[0] < plain[0] - 15, `less red in a wide green: ${plain} ${byProfile}`)
    assert.ok(isNear(byNumber, byProfile, 4), `${byProfile} ${byNumber}`)
  })

  it('follows the rotation of the container once, and EXIF not at all', async () => {
    const turns: [0 | 1 | 2 | 3, number, number, Record<Corner, Rgb>][] = [
      [0, 256, 192, quadrantColours],
      [
        1,
        192,
        256,
        { topLeft: topRight, topRight: bottomRight, bottomLeft: topLeft, bottomRight: bottomLeft },
      ],
      [
        2,
        256,
        192,
        { topLeft: bottomRight, topRight: bottomLeft, bottomLeft: topRight, bottomRight: topLeft },
      ],
      [
        3,
        192,
        256,
        { topLeft: bottomLeft, topRight: topLeft, bottomLeft: bottomRight, bottomRight: topRight },
      ],
    ]
    for (const [quarterTurns, width, height, expected] of turns) {
      const result = await render(buildHeic(coded, { quarterTurns, exif: cameraTiff(6) }))
      assert.deepEqual([result.sourceWidth, result.sourceHeight], [width, height])
      assert.equal(result.exif.cameraModel, 'Camera One')
      const cropped = await render(buildHeic(coded, { quarterTurns }), {
        crop: { x: 0.5, y: 0, width: 0.5, height: 0.5 },
      })
      assert.ok(isNear((await cornersOf(cropped.large())).bottomLeft, expected.topRight))
      if (height <= width) await assertCorners(result.large(), expected)
    }
  })

  it('follows mirroring', async () => {
    const result = await render(buildHeic(coded, { mirror: 'leftRight' }))
    await assertCorners(result.large(), {
      topLeft: topRight,
      topRight: topLeft,
      bottomLeft: bottomRight,
      bottomRight: bottomLeft,
    })
  })

  it('puts a grid of tiles together', async () => {
    const result = await render(buildHeic(coded, { grid: { columns: 3, rows: 2 }, exif: cameraTiff(1) }))
    assert.deepEqual([result.sourceWidth, result.sourceHeight], [768, 384])
    const last = await render(buildHeic(coded, { grid: { columns: 3, rows: 2 } }), {
      crop: { x: 2 / 3, y: 0.5, width: 1 / 3, height: 0.5 },
    })
    await assertCorners(last.large())
  })

  it('says corrupt of a file cut short, and counts pixels before decoding', async () => {
    const whole = buildHeic(coded)
    for (const part of [0.3, 0.6, 0.9]) {
      assert.equal(await codeOf(whole.subarray(0, Math.floor(whole.length * part))), 'media.corrupt')
    }
    assert.equal(
      await codeOf(buildHeic(coded, { grid: { columns: 200, rows: 100 } })),
      'media.too_many_pixels',
    )
  })
})

describe('bad input', () => {
  it('has a code for each, and none takes long', async () => {
    const jpeg = await quadrants(640, 480).jpeg().toBuffer()
    const progressive = await quadrants(640, 480).jpeg({ progressive: true }).toBuffer()
    const png = await quadrants(640, 480).png().toBuffer()
    const webp = await quadrants(640, 480).webp().toBuffer()
    const gif = await quadrants(640, 480).gif().toBuffer()
    const avif = await quadrants(640, 480).avif({ effort: 0 }).toBuffer()
    const cut = (file: Buffer, part: number) => file.subarray(0, Math.floor(file.length * part))
    const cases: [what: string, file: Buffer, code: string][] = [
      ['nothing', Buffer.alloc(0), 'media.empty'],
      ['text', textFile, 'media.unsupported_format'],
      ['SVG', svgWithScript, 'media.unsupported_format'],
      ['TIFF', await quadrants(64, 64).tiff().toBuffer(), 'media.unsupported_format'],
      [
        'a JPEG start and then text',
        Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), textFile]),
        'media.corrupt',
      ],
      ['JPEG cut at a tenth', cut(jpeg, 0.1), 'media.corrupt'],
      ['JPEG cut at nine tenths', cut(jpeg, 0.9), 'media.corrupt'],
      ['JPEG without its last bytes', jpeg.subarray(0, -20), 'media.corrupt'],
      ['photograph cut in the middle', cut(photograph, 0.5), 'media.corrupt'],
      ['progressive JPEG cut', cut(progressive, 0.8), 'media.corrupt'],
      ['PNG cut', cut(png, 0.7), 'media.corrupt'],
      ['WebP cut', cut(webp, 0.7), 'media.corrupt'],
      ['GIF cut', cut(gif, 0.5), 'media.corrupt'],
      ['AVIF cut', cut(avif, 0.7), 'media.corrupt'],
      ['900 megapixel PNG', pngBomb(30_000, 30_000), 'media.too_many_pixels'],
      ['JPEG that says 900 megapixels', jpegSaying(jpeg, 30_000, 30_000), 'media.too_many_pixels'],
      ['GIF that says 4,295 megapixels', gifSaying(gif, 65_535, 65_535), 'media.too_many_pixels'],
    ]
    for (const [what, file, code] of cases) {
      const before = performance.now()
      assert.equal(await codeOf(file), code, what)
      assert.ok(performance.now() - before < 30_000, what)
    }
  })

  it('refuses a file over the size limit without reading it', async () => {
    const huge = Buffer.concat([photograph, Buffer.alloc(101 * 1024 * 1024 - photograph.length)])
    assert.equal(await codeOf(huge), 'media.too_large')
  })
})
