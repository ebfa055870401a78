import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { cornersOf, noise, quadrants } from '../../../../test/corpus/drawn-pictures.ts'
import type { Choices } from '../media-choices.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient, type TusClient } from '../uploads/media-test-tus.ts'

describe('filter and edits of a medium', () => {
  let kit: MediaKit
  let anna: Person
  let tus: TusClient

  before(async () => {
    kit = await createMediaKit()
    anna = kit.newPerson()
    tus = createTusClient(kit.base, anna.token)
  })
  after(() => kit.close())

  async function shared(bytes: Buffer, choices: Partial<Choices> = {}) {
    const uploadId = await tus.upload(bytes)
    const items = [{ uploadId, ...choices }]
    const claim = { ownerId: anna.id, purpose: 'media' as const, postId: anna.id, items }
    await kit.database.transaction((tx) => kit.media.api.claimUploads(tx, claim))
    await kit.drain({ early: true })
    return await kit.mediaOf(uploadId)
  }

  const rerender = (id: string, change: Partial<Choices>) =>
    kit.database.transaction((tx) => kit.media.api.rerender(tx, id, change))

  async function bytesOf(key: string | null): Promise<Buffer> {
    const object = await kit.store.open(key!)
    return Buffer.concat(await object!.stream.toArray())
  }

  const isGrey = async (key: string | null) => {
    const { topLeft } = await cornersOf(await bytesOf(key))
    return Math.max(...topLeft) - Math.min(...topLeft) < 12
  }

  it('are part of the picture from the first moment on', async () => {
    const row = await shared(await quadrants(600, 600).jpeg().toBuffer(), {
      filter: 'silver',
      edits: { contrast: 10, warmth: 0 },
    })
    assert.deepEqual([row.processing_status, row.filter, row.edits], ['ready', 'silver', { contrast: 10 }])
    assert.ok(await isGrey(row.large_key))
  })

  it('can be changed and taken back: master and original stay as they were, and the picture before until the new one stands', async () => {
    const master = await quadrants(600, 600).jpeg().toBuffer()
    const row = await shared(master, { filter: 'silver', crop: { x: 0, y: 0, width: 0.5, height: 1 } })
    const owner = { id: anna.id, sightEpoch: anna.account.sightEpoch }
    const view = kit.media.api.present(row, { isPublic: true, owner, forOwner: true })
    await rerender(row.id, { filter: null })
    assert.equal((await kit.fetch(view.largeUrl!)).status, 200, 'the old one is shown meanwhile')
    await kit.drain()
    const colored = await kit.mediaOf(row.upload_id)
    assert.ok(!(await isGrey(colored.large_key)))
    assert.deepEqual(colored.crop, row.crop, 'what the change does not name stays')
    assert.equal((await kit.fetch(view.largeUrl!)).status, 404)

    await rerender(row.id, { filter: null, edits: null, crop: null })
    await kit.drain()
    const plain = await kit.mediaOf(row.upload_id)
    assert.deepEqual([plain.filter, plain.edits, plain.crop, plain.width], [null, null, null, 600])
    assert.ok(master.equals(await bytesOf(plain.master_key)))
    assert.equal(plain.original_key, row.original_key)
  })

  it('that are the same again, in whatever words, make no work', async () => {
    const row = await shared(await quadrants(300, 300).jpeg().toBuffer(), {
      filter: 'noon',
      edits: { strength: 60, warmth: 5 },
    })
    const same: Partial<Choices>[] = [
      {},
      { filter: 'noon' },
      { edits: { warmth: 5, strength: 60, contrast: 0, straighten: 0 } },
      { filter: 'noon', edits: { strength: 60, warmth: 5 }, crop: null },
    ]
    for (const change of same) await rerender(row.id, change)
    assert.equal((await kit.mediaOf(row.upload_id)).revision, row.revision)
    assert.equal(await kit.countEvents('media.render_requested', row.id), 1)
    await rerender(row.id, { edits: { warmth: 5, strength: 61 } })
    assert.equal((await kit.mediaOf(row.upload_id)).revision, row.revision + 1)
    await kit.drain()
  })

  it('that failed are tried again by the same wish', async () => {
    const broken = (await noise(300, 300).jpeg().toBuffer()).subarray(0, 2000)
    const row = await shared(broken, { filter: 'noon' })
    assert.deepEqual([row.processing_status, row.failure_code], ['failed', 'media.corrupt'])
    await rerender(row.id, { filter: 'noon' })
    const again = await kit.mediaOf(row.upload_id)
    assert.deepEqual([again.processing_status, again.revision], ['processing', row.revision + 1])
    await kit.drain({ early: true })
  })

  it('of a filter that is known no more leave the picture as it was taken', async () => {
    const row = await shared(await quadrants(300, 300).jpeg().toBuffer(), { filter: 'of-another-day' })
    assert.deepEqual([row.processing_status, row.filter], ['ready', 'of-another-day'])
    assert.ok(!(await isGrey(row.large_key)))
  })
})
