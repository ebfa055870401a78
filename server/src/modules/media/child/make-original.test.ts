import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import sharp from 'sharp'
import { dressJpeg, dressPng, dressWebp } from '../../../../test/corpus/camera-files.ts'
import { cameraTiff, foundMarks, jpegSegment, marks } from '../../../../test/corpus/camera-metadata.ts'
import {
  type Corner,
  cornersOf,
  isNear,
  quadrantColours,
  quadrants,
} from '../../../../test/corpus/drawn-pictures.ts'
import { buildHeic, takeCodedPicture } from '../../../../test/corpus/heic-builder.ts'
import { makeOriginal } from './make-original.ts'

const folder = mkdtempSync(join(tmpdir(), 'make-original-'))
after(() => rmSync(folder, { recursive: true }))

async function original(master: Buffer) {
  const outDir = mkdtempSync(join(folder, 'job-'))
  const masterPath = join(outDir, 'master')
  writeFileSync(masterPath, master)
  const result = await makeOriginal({ id: '1', kind: 'original', masterPath, outDir })
  const content = readFileSync(join(outDir, result.file.file))
  assert.equal(content.length, result.file.bytes)
  assert.deepEqual(foundMarks(content), [])
  return { ...result, content }
}

async function assertCorners(coded: Buffer): Promise<void> {
  const found = await cornersOf(coded)
  for (const corner of Object.keys(quadrantColours) as Corner[]) {
    assert.ok(isNear(found[corner], quadrantColours[corner], 30), `${corner}: ${found[corner]}`)
  }
}

const drawn = () => quadrants(400, 320)

describe('makeOriginal', () => {
  it('strips JPEG, PNG and WebP without touching a pixel, and keeps orientation and profile', async () => {
    const p3 = () => drawn().withIccProfile('p3')
    const masters: [string, Buffer][] = [
      [
        'image/jpeg',
        dressJpeg(await p3().jpeg().toBuffer(), { orientation: 6, trailers: ['gainMap', 'film'] }),
      ],
      ['image/png', dressPng(await p3().png().toBuffer(), { orientation: 6 })],
      ['image/webp', dressWebp(await p3().webp().toBuffer(), { orientation: 6 })],
    ]
    for (const [type, master] of masters) {
      const made = await original(master)
      assert.deepEqual([made.file.type, made.lossless, made.width, made.height], [type, true, 320, 400])
      const [before, after] = [await sharp(master).metadata(), await sharp(made.content).metadata()]
      assert.equal(after.orientation, 6)
      assert.deepEqual(after.icc, before.icc)
      const pixels = (file: Buffer) => sharp(file, { ignoreIcc: true }).raw().toBuffer()
      assert.ok((await pixels(master)).equals(await pixels(made.content)))
    }
  })

  it('codes a picture anew, in its format, that decoders read and the stripper does not follow', async () => {
    const jpeg = await drawn().jpeg({ quality: 95 }).toBuffer()
    // A number of lines that is longer than its two bytes: decoders skip it unread.
    const oddJpeg = Buffer.concat([
      jpeg.subarray(0, 2),
      jpegSegment(0xdc, Buffer.from(marks.unknown)),
      jpeg.subarray(2),
    ])
    const png = await drawn().png().toBuffer()
    const oddPng = png.subarray(0, -12)
    for (const [odd, type] of [
      [oddJpeg, 'image/jpeg'],
      [oddPng, 'image/png'],
    ] as const) {
      const made = await original(odd)
      assert.deepEqual([made.file.type, made.lossless, made.width], [type, false, 400])
      assert.equal((await sharp(made.content).metadata()).mediaType, type)
      await assertCorners(made.content)
    }
  })

  const others: [string, () => Promise<Buffer>][] = [
    ['AVIF', () => drawn().avif({ effort: 0, chromaSubsampling: '4:4:4' }).toBuffer()],
    [
      'P3 AVIF',
      () => drawn().withIccProfile('p3').avif({ effort: 0, chromaSubsampling: '4:4:4' }).toBuffer(),
    ],
    ['10-bit P3 AVIF', () => drawn().withIccProfile('p3').avif({ effort: 0, bitdepth: 10 }).toBuffer()],
    ['GIF', () => drawn().gif().toBuffer()],
  ]
  for (const [what, make] of others) {
    it(`makes a full-size JPEG of ${what} in its colours`, async () => {
      const made = await original(await make())
      assert.deepEqual(
        [made.file.type, made.lossless, made.width, made.height],
        ['image/jpeg', false, 400, 320],
      )
      await assertCorners(made.content)
    })
  }

  it('makes an upright JPEG of HEIC with its profile', async () => {
    const coded = takeCodedPicture(
      readFileSync(new URL('../../../../test/corpus/files/quadrants.heic', import.meta.url)),
    )
    const profile = (await sharp(await drawn().withIccProfile('p3').png().toBuffer()).metadata()).icc!
    const made = await original(buildHeic(coded, { profile, quarterTurns: 1, exif: cameraTiff(6) }))
    assert.deepEqual([made.file.type, made.width, made.height], ['image/jpeg', 192, 256])
    const found = await sharp(made.content).metadata()
    assert.deepEqual(
      [found.width, found.height, found.orientation, found.exif],
      [192, 256, undefined, undefined],
    )
    assert.deepEqual(found.icc, profile)
  })
})
