import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { createMediaKit, type MediaKit, type Person } from './media-test-kit.ts'
import { createTusClient, type TusClient } from './uploads/media-test-tus.ts'

describe('an upload', () => {
  let kit: MediaKit
  let anna: Person
  let tus: TusClient
  let picture: Buffer

  before(async () => {
    kit = await createMediaKit()
    anna = kit.newPerson()
    tus = createTusClient(kit.base, anna.token)
    picture = await noise(60, 60).jpeg().toBuffer()
  })
  after(() => kit.close())

  it('is never part of two things', async () => {
    const id = await tus.upload(picture)
    await kit.share(anna, [id])
    await assert.rejects(kit.share(anna, [id]), { code: 'upload.used' })
    const twice = await tus.upload(picture)
    await assert.rejects(kit.share(anna, [twice, twice]), { code: 'upload.used' })
    const wanted = await tus.upload(picture)
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => kit.share(anna, [wanted])))
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
    for (const result of results) {
      if (result.status === 'rejected') assert.equal(result.reason.code, 'upload.used')
    }
  })

  it('is never taken by somebody else', async () => {
    const id = await tus.upload(picture)
    const ben = kit.newPerson()
    await assert.rejects(kit.share(ben, [id]), { code: 'upload.not_found' })
    await assert.rejects(kit.share(anna, [anna.id]), { code: 'upload.not_found' })
    assert.equal((await kit.uploadRow(id))?.state, 'complete')
  })

  it('is not used before it is complete, nor for another purpose', async () => {
    const { id } = await tus.create(picture.length)
    await assert.rejects(kit.share(anna, [id]), { code: 'upload.incomplete' })
    const avatar = await tus.upload(picture, { purpose: 'avatar' })
    await assert.rejects(kit.share(anna, [avatar]), { code: 'upload.purpose' })
  })

  it('stays free when one beside it cannot be used, and the order is that of the wish', async () => {
    const ids = [await tus.upload(picture), await tus.upload(picture), await tus.upload(picture)]
    const { id: incomplete } = await tus.create(picture.length)
    await assert.rejects(kit.share(anna, [...ids, incomplete]), { code: 'upload.incomplete' })
    const wish = [ids[2]!, ids[0]!, ids[1]!]
    const rows = await kit.share(anna, wish)
    assert.deepEqual(
      rows.map((row) => row.upload_id),
      wish,
    )
    assert.deepEqual(
      rows.map((row) => row.post_id),
      [anna.id, anna.id, anna.id],
    )
  })
})
