import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { explicitness } from '@heliograph/contract/explicitness'
import { photographs } from '../../../../../bench/photographs.ts'
import { classifyFrames, classifyPicture } from './classify-picture.ts'
import { type RawPicture, rawOf } from './decode-picture.ts'
import { perceptualHashOf } from './picture-hashes.ts'
import { modelsRelease } from './picture-models.ts'
import { pictureClasses } from './protocol.ts'
import { sharp } from './sharp-rules.ts'

// The real networks on harmless photographs, and on a plane of the colour of skin, which they score a little.

const load = (index: number): Promise<RawPicture> =>
  rawOf(sharp(readFileSync(photographs[index]!.path)).resize(640))

function plain(red: number, green: number, blue: number): RawPicture {
  const data = Buffer.alloc(300 * 300 * 3)
  for (let at = 0; at < data.length; at += 3) data.set([red, green, blue], at)
  return { data, width: 300, height: 300, channels: 3 }
}
const skin = plain(232, 183, 154)

test('photographs of plants, landscapes and animals are never taken for explicit ones', async () => {
  for (const index of photographs.keys()) {
    const found = await classifyPicture(await load(index), { threshold: 0.7 })
    assert.ok(found.model !== null)
    assert.equal(found.model, `${modelsRelease} MobileNetV2Mid`, 'the quick network is sure')
    assert.ok(explicitness(found.scores) < 0.1, JSON.stringify(found.scores))
  }
})

test('grey, transparent and tiny pictures are looked at like any other', async () => {
  const picture = sharp(readFileSync(photographs[0]!.path)).resize(200)
  const odd = [picture.clone().greyscale(), picture.clone().ensureAlpha(0.5), picture.clone().resize(1, 1)]
  for (const one of odd) assert.ok((await classifyPicture(await rawOf(one), { threshold: 0.7 })).model)
})

test('where the quick network is not sure, the thorough one decides', async () => {
  const quick = await classifyPicture(skin, { threshold: 0.7 })
  assert.ok(quick.model !== null && explicitness(quick.scores) > 0.05 && explicitness(quick.scores) < 0.15)
  const thorough = await classifyPicture(skin, { threshold: 0.1 })
  assert.equal(thorough.model, `${modelsRelease} InceptionV3`)
})

test('of the frames of a clip the one that says most counts', async () => {
  const frames = [await load(1), skin, await load(3)]
  const clip = await classifyFrames(frames, { threshold: 0.7 })
  const alone = await classifyPicture(skin, { threshold: 0.7 })
  assert.ok(clip.model !== null && alone.model !== null)
  assert.deepEqual(clip, { ...alone, frames: 3 })
  assert.deepEqual(Object.keys(clip.scores), [...pictureClasses])
  assert.equal((await classifyFrames([], { threshold: 0.7 })).model, null)
})

test('the release that is written beside scores is the one that is installed', () => {
  const path = new URL('../../../../package.json', import.meta.url)
  const { dependencies } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> }
  assert.equal(modelsRelease, `nsfwjs ${dependencies.nsfwjs}`)
})

test('plain pictures never look like each other: there is nothing to recognise', () => {
  for (const picture of [skin, plain(255, 255, 255), plain(0, 0, 0)])
    assert.equal(perceptualHashOf(picture), '0000000000000000')
})
