import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { photographs } from '../../../../bench/photographs.ts'
import { createMediaKit, type KitOptions, type MediaKit } from './media-test-kit.ts'
import { MediaError, type MediaPool } from './rendering/media-pool.ts'
import { createTusClient } from './uploads/media-test-tus.ts'

const photograph = readFileSync(photographs[4]!.path)
const kits: MediaKit[] = []
after(() => Promise.all(kits.map((kit) => kit.close())))

/** An upload of the photograph, with everything that follows done. */
async function lookAt(options: KitOptions) {
  const kit = await createMediaKit(options)
  kits.push(kit)
  const anna = kit.newPerson()
  const id = await createTusClient(kit.base, anna.token).upload(photograph)
  await kit.drain({ early: true })
  return await kit.mediaOf(id)
}

/** The pool, but that looking at a picture goes wrong in this way. */
const failing = (render: (pool: MediaPool) => MediaPool['render']): KitOptions['wrapPool'] => {
  return (pool) => ({ ...pool, render: render(pool), original: (...given) => pool.original(...given) })
}
const unscored = failing((pool) => async (request, options) => {
  const made = await pool.render(request, options)
  return request.classify ? { ...made, classification: { model: null, detail: 'as the test wants' } } : made
})
const tooMuch = failing((pool) => async (request, options) => {
  if (request.classify) throw new MediaError('media.out_of_memory')
  return await pool.render(request, options)
})

describe('what is in a picture', () => {
  it('is kept with the name of the network, and a harmless one passes', async () => {
    const row = await lookAt({ moderation: { enabled: true } })
    assert.equal(row.processing_status, 'ready')
    assert.equal(row.moderation?.verdict, 'pass')
    assert.equal(row.moderation?.model, 'nsfwjs 4.4.0 MobileNetV2Mid')
    assert.ok((row.moderation?.scores?.porn ?? 1) < 0.1)
  })

  it('is not looked at when moderation is off', async () => {
    const row = await lookAt({})
    assert.deepEqual(row.moderation, { verdict: 'pass', model: null, scores: null })
  })

  it('never costs a picture when it cannot be told: it goes out, or waits, as the operator says', async () => {
    for (const [wrapPool, policy, verdict] of [
      [unscored, 'publish', 'pass'],
      [tooMuch, 'review', 'review'],
    ] as const) {
      const row = await lookAt({ wrapPool, moderation: { enabled: true, unscored: policy } })
      assert.equal(row.processing_status, 'ready')
      assert.deepEqual(row.moderation, { verdict, model: null, scores: null })
    }
  })
})
