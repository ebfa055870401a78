import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import sharp, { type Metadata } from 'sharp'
import { photographs } from '../../../../../bench/photographs.ts'
import { dressJpeg, dressPng, dressWebp } from '../../../../test/corpus/camera-files.ts'
import { foundMarks, jpegSegment, marks } from '../../../../test/corpus/camera-metadata.ts'
import { noise, quadrants } from '../../../../test/corpus/drawn-pictures.ts'
import { MediaError } from './media-error.ts'
import { type LosslessFormat, stripMetadata } from './strip-metadata.ts'

const photograph = readFileSync(photographs[1]!.path)

interface Dressed {
  what: string
  format: LosslessFormat
  bytes: Buffer
  orientation: number
}

async function dressedFiles(): Promise<Dressed[]> {
  const photo = () => sharp(photograph).resize(300)
  const p3 = () => photo().withIccProfile('p3')
  const animated = await noise(40, 80).raw().toBuffer()
  const frames = sharp(animated, { raw: { width: 40, height: 80, channels: 3, pageHeight: 40 } })
  const jpegs: [string, Buffer][] = [
    ['baseline JPEG', await photo().jpeg().toBuffer()],
    ['progressive JPEG', await photo().jpeg({ progressive: true }).toBuffer()],
    ['grey JPEG', await photo().greyscale().jpeg().toBuffer()],
    ['CMYK JPEG', await photo().toColourspace('cmyk').jpeg().toBuffer()],
    ['JPEG with P3 profile', await p3().jpeg().toBuffer()],
    ['JPEG with restart markers', restarting(await photo().jpeg().toBuffer())],
  ]
  const pngs: [string, Buffer][] = [
    ['16-bit PNG', await photo().toColourspace('rgb16').png().toBuffer()],
    ['palette PNG', await photo().png({ palette: true }).toBuffer()],
    ['interlaced PNG with P3 profile', await p3().png({ progressive: true }).toBuffer()],
    ['PNG with alpha', await photo().ensureAlpha(0.5).png().toBuffer()],
  ]
  const webps: [string, Buffer][] = [
    ['WebP with P3 profile', await p3().webp().toBuffer()],
    ['lossless WebP with P3 profile', await p3().webp({ lossless: true }).toBuffer()],
    ['WebP with alpha', await p3().ensureAlpha(0.5).webp().toBuffer()],
    ['animated WebP', await frames.webp({ loop: 0 }).toBuffer()],
  ]
  const files: Dressed[] = []
  for (const orientation of [1, 6]) {
    const dress = { orientation }
    for (const [what, bytes] of jpegs) {
      const dressed = dressJpeg(bytes, { orientation, trailers: ['gainMap', 'film'] })
      files.push({ what, format: 'jpeg', bytes: dressed, orientation })
    }
    for (const [what, bytes] of pngs) {
      files.push({ what, format: 'png', bytes: dressPng(bytes, dress), orientation })
    }
    for (const [what, bytes] of webps) {
      files.push({ what, format: 'webp', bytes: dressWebp(bytes, dress), orientation })
    }
  }
  return files
}

/** A restart interval the encoder did not use: harmless to decoders only if the scan has no second interval. */
function restarting(jpeg: Buffer): Buffer {
  const interval = jpegSegment(0xdd, Buffer.from([0xff, 0xff]))
  return Buffer.concat([jpeg.subarray(0, 2), interval, jpeg.subarray(2)])
}

const files = await dressedFiles()

async function pixelsOf(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes, { pages: -1 }).keepIccProfile().raw({ depth: 'ushort' }).toBuffer()
}

describe('stripMetadata', () => {
  for (const { what, format, bytes, orientation } of files) {
    it(`leaves only the picture of a ${what}, orientation ${orientation}`, async () => {
      assert.ok(foundMarks(bytes).length >= 5, 'the dressed file has marks to find')
      const stripped = stripMetadata(bytes, format, orientation)
      assert.deepEqual(foundMarks(stripped), [])
      const [before, after] = [await sharp(bytes).metadata(), await sharp(stripped).metadata()]
      assert.equal(after.orientation ?? 1, orientation)
      assert.equal(before.orientation ?? 1, orientation)
      assert.equal(after.xmp, undefined)
      assert.ok((after.exif?.length ?? 0) <= 32, 'nothing but the orientation')
      assert.deepEqual(after.icc, before.icc)
      for (const key of ['width', 'height', 'space', 'depth', 'channels', 'pages', 'density'] as const) {
        assert.equal(after[key], before[key], key)
      }
      assert.ok((await pixelsOf(stripped)).equals(await pixelsOf(bytes)), 'identical pixels')
      assert.ok(
        stripMetadata(stripped, format, orientation).equals(stripped),
        'a second time changes nothing',
      )
    })
  }

  it('keeps a profile of several segments and removes the thumbnail of JFIF', async () => {
    const profile = profileOf({ A2B0: Buffer.alloc(150_000, 7) })
    const parts = [profile.subarray(0, 65_000), profile.subarray(65_000, 130_000), profile.subarray(130_000)]
    const segments = parts.map((part, index) =>
      jpegSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([index + 1, 3]), part])),
    )
    const jpeg = await quadrants(64, 64).jpeg().toBuffer()
    const end = 4 + jpeg.readUInt16BE(4)
    const jfif = Buffer.concat([jpeg.subarray(6, 18), Buffer.from([1, 5]), Buffer.from(marks.thumbnail)])
    const bytes = Buffer.concat([
      jpeg.subarray(0, 2),
      jpegSegment(0xe0, jfif),
      ...segments,
      jpeg.subarray(end),
    ])
    const stripped = stripMetadata(bytes, 'jpeg', 1)
    assert.deepEqual(foundMarks(stripped), [])
    for (const segment of segments) assert.ok(stripped.includes(segment))
  })

  it('lets no serial number of a display through in a profile, and changes no colour', async () => {
    const serial = Buffer.from('C02XL0FAKESERIAL')
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await withDeviceTags(format, serial)
      assert.ok(profileIn(await sharp(bytes).metadata()).includes(serial), `${format} is dressed`)
      const stripped = stripMetadata(bytes, format, 1)
      const profile = profileIn(await sharp(stripped).metadata())
      assert.ok(!stripped.includes(serial) && !profile.includes(serial), format)
      for (const tag of ['mmod', 'dmnd', 'dmdd']) assert.ok(!profile.includes(tag), `${format} ${tag}`)
      const shown = (file: Buffer) => sharp(file).toColourspace('srgb').raw().toBuffer()
      assert.ok((await shown(stripped)).equals(await shown(bytes)), `${format} looks the same`)
      assert.ok((await pixelsOf(stripped)).equals(await pixelsOf(bytes)), `${format} has the same pixels`)
      assert.ok(stripMetadata(stripped, format, 1).equals(stripped), 'a second time changes nothing')
    }
  })

  it('removes the name of a PNG profile', async () => {
    const png = await quadrants(8, 8).withIccProfile('p3').png().toBuffer()
    const at = png.indexOf('iCCP')
    const named = Buffer.from(png)
    const nameLength = png.indexOf(0, at) - at - 4
    named.write(marks.text.slice(0, nameLength), at + 4, 'latin1')
    assert.ok(!stripMetadata(named, 'png', 1).includes(marks.text.slice(0, nameLength)))
  })

  it('says corrupt of another format and of every cut', () => {
    for (const { format, bytes } of files.slice(0, 6).concat(files.slice(-4))) {
      assertCorrupt(() => stripMetadata(Buffer.from('Dear diary'), format, 1))
      for (const part of [0, 1, 3, 11, 40, 500, 5000]) {
        if (part < bytes.length / 4) assertCorrupt(() => stripMetadata(bytes.subarray(0, part), format, 1))
      }
    }
  })

  it('never throws anything uncoded and never lets a mark through, whatever was changed', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255))
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.array(change, { maxLength: 12 }),
        fc.boolean(),
        (index, changes, atHead) => {
          const { format, bytes } = files[index]!
          const changed = Buffer.from(bytes)
          for (const [at, value] of changes)
            changed[at % (atHead ? Math.min(2000, bytes.length) : bytes.length)] = value
          let stripped: Buffer
          try {
            stripped = stripMetadata(changed, format, 1)
          } catch (error) {
            assert.ok(error instanceof MediaError, String(error))
            assert.equal(error.code, 'media.corrupt')
            return
          }
          assert.deepEqual(foundMarks(stripped), [])
        },
      ),
      { numRuns: 400 },
    )
  })
})

function assertCorrupt(run: () => void): void {
  assert.throws(run, (error) => error instanceof MediaError && error.code === 'media.corrupt')
}

function profileIn({ icc }: Metadata): Buffer {
  return icc ?? assert.fail('no profile')
}

/** A profile of nothing but these tags, one after the other. */
function profileOf(tags: Record<string, Buffer>, head: Buffer = Buffer.alloc(128)): Buffer {
  const names = Object.keys(tags)
  const header = Buffer.from(head.subarray(0, 128))
  header.write('acsp', 36, 'latin1')
  const table = Buffer.alloc(4 + names.length * 12)
  table.writeUInt32BE(names.length, 0)
  const bodies: Buffer[] = []
  let at = header.length + table.length
  names.forEach((name, index) => {
    const body = tags[name]!
    table.write(name, 4 + index * 12, 'latin1')
    table.writeUInt32BE(at, 8 + index * 12)
    table.writeUInt32BE(body.length, 12 + index * 12)
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
    bodies.push(padded)
    at += padded.length
  })
  const profile = Buffer.concat([header, table, ...bodies])
  profile.writeUInt32BE(profile.length, 0)
  return profile
}

/** A picture whose Display P3 profile was written by a display. */
async function withDeviceTags(format: LosslessFormat, serial: Buffer): Promise<Buffer> {
  const dot = await quadrants(8, 8).withIccProfile('p3').png().toBuffer()
  const p3 = profileIn(await sharp(dot).metadata())
  const tags: Record<string, Buffer> = {}
  for (let at = 132; at < 132 + p3.readUInt32BE(128) * 12; at += 12) {
    const start = p3.readUInt32BE(at + 4)
    tags[p3.toString('latin1', at, at + 4)] = p3.subarray(start, start + p3.readUInt32BE(at + 8))
  }
  const text = Buffer.concat([Buffer.from('text\0\0\0\0'), serial, Buffer.alloc(1)])
  const { desc, ...others } = tags
  const profile = profileOf({ dmnd: text, desc: desc!, mmod: text, ...others, dmdd: text }, p3)
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'heliograph-profile-')), 'display.icc')
  await writeFile(file, profile)
  const picture = sharp(photograph).resize(200).withIccProfile(file)
  try {
    return await picture.toFormat(format, format === 'webp' ? { lossless: true } : {}).toBuffer()
  } finally {
    await rm(path.dirname(file), { recursive: true })
  }
}
