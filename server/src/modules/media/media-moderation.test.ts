import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import type { UploadPurpose } from '@heliograph/contract/media'
import { isFault } from '#platform/http/fault.ts'
import { idAt } from '#platform/ids/ids.ts'
import { photographs } from '../../../../bench/photographs.ts'
import { createMediaKit, type KitOptions, type MediaKit } from './media-test-kit.ts'
import { MediaError, type MediaPool } from './rendering/media-pool.ts'
import { createTusClient } from './uploads/media-test-tus.ts'

const photograph = readFileSync(photographs[4]!.path)
const kits: MediaKit[] = []
after(() => Promise.all(kits.map((kit) => kit.close())))

async function open(options: KitOptions) {
  const kit = await createMediaKit(options)
  kits.push(kit)
  const anna = kit.newPerson()
  /** An upload of the photograph, with everything that follows done. */
  const look = async (purpose: UploadPurpose = 'media') => {
    const id = await createTusClient(kit.base, anna.token).upload(photograph, { purpose })
    await kit.drain({ early: true })
    return await kit.mediaOf(id)
  }
  return { kit, anna, look }
}

const lookAt = async (options: KitOptions) => (await open(options)).look()

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
      const { kit, anna, look } = await open({ wrapPool, moderation: { enabled: true, unscored: policy } })
      const row = await look()
      assert.equal(row.processing_status, 'ready')
      assert.deepEqual(row.moderation, { verdict, model: null, scores: null })
      // What a moderator would look at is over by then, or nobody else's: no Story of it, and a message covers it.
      const isDoubtful = verdict === 'review'
      const story = await look('story')
      assert.equal(story.failure_code, isDoubtful ? 'media.unsuitable' : null)
      const { id, processing_status: status } = await look('message')
      assert.equal(status, 'ready')
      const shown = await kit.media.api.presentAttached([{ id, until: null }], anna.id)
      assert.equal(shown.get(id)?.isSensitive, isDoubtful)
    }
  })

  it('is no Story’s and no message’s when it was removed between the upload and the sending', async () => {
    const { kit, anna, look } = await open({})
    const rows = [await look('story'), await look('message')]
    const [{ bucket, id, perceptual_hash: shown, whole_hash: whole }] = rows as [(typeof rows)[0]]
    const blocked = { bucket, id: idAt(kit.clock.now(), bucket, 127, 1), media_id: id }
    const hashes = { perceptual_hash: shown!, whole_hash: whole, frame_hashes: null }
    await kit.database.main
      .insertInto('blocked_pictures')
      .values({ ...blocked, ...hashes, created_at: new Date(kit.clock.now()) })
      .execute()
    for (const { upload_id: uploadId, purpose } of rows) {
      const claim = { ownerId: anna.id, purpose, items: [{ uploadId }], postId: null }
      const work = kit.database.transaction((tx) => kit.media.api.claimUploads(tx, claim))
      await assert.rejects(work, (error) => isFault(error, 'media.blocked'))
      assert.equal((await kit.uploadRow(uploadId))?.state, 'complete', 'and nothing of it happened')
    }
  })
})
