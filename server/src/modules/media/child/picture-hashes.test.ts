import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { photographs } from '../../../../../bench/photographs.ts'
import { rawOf } from './decode-picture.ts'
import { perceptualHashOf, thumbhashOf } from './picture-hashes.ts'

async function hashOf(picture: Sharp): Promise<string> {
  const coded = await picture.png().toBuffer()
  return perceptualHashOf(await rawOf(sharp(coded).resize(64, 64, { fit: 'inside' })))
}

function distance(a: string, b: string): number {
  const bits = BigInt(`0x${a}`) ^ BigInt(`0x${b}`)
  return bits.toString(2).replaceAll('0', '').length
}

describe('perceptualHashOf', () => {
  it('is near for a copy that was shrunk, recompressed and brightened, and far for another photograph', async () => {
    const hashes = await Promise.all(photographs.map(({ path }) => hashOf(sharp(readFileSync(path)))))
    for (const [index, { path }] of photographs.entries()) {
      const worse = await sharp(readFileSync(path))
        .resize(300)
        .modulate({ brightness: 1.1 })
        .jpeg({ quality: 40 })
        .toBuffer()
      const copy = await hashOf(sharp(worse))
      assert.ok(distance(hashes[index]!, copy) <= 8, `copy of ${path}`)
      for (const other of hashes) {
        if (other !== hashes[index]) assert.ok(distance(copy, other) >= 16, `${path} beside another`)
      }
    }
  })

  it('has 16 digits for a single pixel', () => {
    const dot = { data: Buffer.from([9, 9, 9]), width: 1, height: 1, channels: 3 as const }
    assert.equal(perceptualHashOf(dot).length, 16)
  })
})

describe('thumbhashOf', () => {
  it('takes grey, grey with alpha, colour and colour with alpha', () => {
    for (const channels of [1, 2, 3, 4] as const) {
      const raw = { data: Buffer.alloc(8 * 6 * channels, 128), width: 8, height: 6, channels }
      assert.match(thumbhashOf(raw), /^[A-Za-z0-9+/]{4,}=*$/)
    }
  })
})
