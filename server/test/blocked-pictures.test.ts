import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { photographs } from '../../bench/photographs.ts'
import { perceptualHashOf } from '../src/modules/media/child/picture-hashes.ts'
import type { PictureHashes } from '../src/modules/media/index.ts'
import { collectLikenesses, isTelling, matchOf } from '../src/modules/moderation/moderation-likeness.ts'

async function hashOf(picture: Sharp): Promise<Buffer> {
  const coded = await picture.jpeg({ quality: 80 }).toBuffer()
  // Step by step, as render-photo.ts comes to its smallest picture.
  const large = await sharp(coded).resize(1080).png({ compressionLevel: 0 }).toBuffer()
  const medium = await sharp(large).resize(640).png({ compressionLevel: 0 }).toBuffer()
  const { data, info } = await sharp(medium)
    .resize(64, 64, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  return Buffer.from(perceptualHashOf({ data, width, height, channels: info.channels as 1 | 3 }), 'hex')
}

const open = (index: number) => sharp(readFileSync(photographs[index]!.path))

const still = (shown: Buffer): PictureHashes => ({ shown, whole: null, frames: null })
const film = (...frames: Buffer[]): PictureHashes => ({
  shown: frames[0]!,
  whole: null,
  frames: Buffer.concat(frames),
})
const match = (removed: PictureHashes, picture: PictureHashes) =>
  matchOf(collectLikenesses([removed]), picture)
const bytes = (hex: string) => Buffer.from(hex, 'hex')
const title = bytes('f0f0f0f0f0f0f0f0')
const scenes = ['00ff00ff00ff00ff', 'ffff0000ffff0000', 'aaaaaaaa55555555', 'cccc3333cccc3333'].map(bytes)

test('a copy that was scaled, coded anew, blurred or made grey is never taken for another picture', async () => {
  for (const index of photographs.keys()) {
    const hash = await hashOf(open(index))
    const copies = {
      scaled: open(index).resize({ width: 400 }),
      'coded anew': sharp(await open(index).jpeg({ quality: 30 }).toBuffer()),
      blurred: open(index).blur(2),
      grey: open(index).greyscale(),
    }
    for (const [what, copy] of Object.entries(copies))
      assert.equal(match(still(hash), still(await hashOf(copy)))?.isSame, true, what)
  }
})

test('different photographs never come near each other', async () => {
  const hashes = await Promise.all([...photographs.keys()].map((index) => hashOf(open(index))))
  for (const [at, a] of hashes.entries())
    for (const b of hashes.slice(at + 1)) assert.equal(match(still(a), still(b)), null)
})

test('hashes without structure are like no other', () => {
  for (const hex of ['0000000000000000', 'ffffffffffffffff', '0000000000000003']) {
    assert.equal(isTelling(still(bytes(hex))), false)
    assert.equal(match(still(bytes(hex)), still(bytes(hex))), null)
  }
  assert.deepEqual(match(still(title), still(bytes('f0f0f0f0f0f0f0f7'))), { distance: 3, isSame: true })
  assert.deepEqual(match(still(title), still(bytes('f0f0f0f0f0f0ffff'))), { distance: 8, isSame: false })
})

test('one title that two films begin with never makes a stranger’s film the removed one', () => {
  const [a, b, c, d] = scenes as [Buffer, Buffer, Buffer, Buffer]
  const removed = film(title, a, b)
  assert.deepEqual(match(removed, film(title, c, d)), { distance: 0, isSame: false }, 'a person looks')
  assert.equal(match(removed, film(title, a, b, c))?.isSame, true)
  assert.equal(match(removed, still(title))?.isSame, false)
  assert.equal(match(still(title), film(title, title, title))?.isSame, false)
  assert.equal(match(removed, film(c, d)), null)
})
