import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { photographs } from '../../bench/photographs.ts'
import { perceptualHashOf } from '../src/modules/media/child/picture-hashes.ts'
import {
  alikeWithin,
  distanceOf,
  isTelling,
  sameWithin,
} from '../src/modules/moderation/moderation-block-list.ts'

async function hashOf(picture: Sharp): Promise<bigint> {
  const coded = await picture.jpeg({ quality: 80 }).toBuffer()
  // Step by step, as render-photo.ts comes to its smallest picture.
  const large = await sharp(coded).resize(1080).png({ compressionLevel: 0 }).toBuffer()
  const medium = await sharp(large).resize(640).png({ compressionLevel: 0 }).toBuffer()
  const { data, info } = await sharp(medium)
    .resize(64, 64, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  return BigInt(`0x${perceptualHashOf({ data, width, height, channels: info.channels as 1 | 3 })}`)
}

const open = (index: number) => sharp(readFileSync(photographs[index]!.path))

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
      assert.ok(distanceOf(hash, await hashOf(copy)) <= sameWithin, what)
  }
})

test('different photographs never come near each other', async () => {
  const hashes = await Promise.all([...photographs.keys()].map((index) => hashOf(open(index))))
  for (const [at, a] of hashes.entries())
    for (const b of hashes.slice(at + 1)) assert.ok(distanceOf(a, b) > alikeWithin)
})

test('hashes without structure are like no other', () => {
  assert.equal(isTelling(0n), false)
  assert.equal(isTelling(0xffff_ffff_ffff_ffffn), false)
  assert.equal(isTelling(0xf0f0_f0f0_f0f0_f0f0n), true)
  assert.equal(distanceOf(0n, 0x8000_0001_0000_0001n), 3)
})
