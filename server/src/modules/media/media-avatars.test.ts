import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import sharp from 'sharp'
import { textFile } from '../../../test/corpus/bombs.ts'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { createMediaKit, type MediaKit, type Person } from './media-test-kit.ts'
import { createTusClient } from './uploads/media-test-tus.ts'

describe('the picture of oneself', () => {
  let kit: MediaKit
  let picture: Buffer

  before(async () => {
    kit = await createMediaKit()
    picture = await noise(400, 500).jpeg().toBuffer()
  })
  after(() => kit.close())

  const upload = (person: Person, bytes = picture) =>
    createTusClient(kit.base, person.token).upload(bytes, { purpose: 'avatar' })

  function put(person: Person, uploadId: string): Promise<Response> {
    return kit.fetch('/api/me/avatar', {
      method: 'PUT',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ uploadId }),
    })
  }

  const avatarOf = ({ id, account }: Person) =>
    kit.addresses.avatar({ id, sightEpoch: account.sightEpoch }, account.avatarKey!)

  it('is shown in three sizes once it is ready', async () => {
    const anna = kit.newPerson({ isPrivate: true })
    assert.equal((await put(anna, await upload(anna))).status, 200)
    assert.equal(anna.account.avatarStatus, 'processing')
    await kit.drain()
    assert.equal(anna.account.avatarStatus, 'ready')
    for (const [size, url] of Object.entries(avatarOf(anna))) {
      const response = await kit.fetch(url)
      assert.equal(response.status, 200)
      assert.match(response.headers.get('cache-control')!, /^public/)
      const { width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata()
      const wanted = { small: 64, medium: 150, large: 320 }[size]
      assert.deepEqual([width, height], [wanted, wanted])
    }
  })

  it('stays the old one until the new one is ready, and the old one goes then', async () => {
    const anna = kit.newPerson()
    const first = await upload(anna)
    await kit.drain()
    assert.equal((await put(anna, first)).status, 200)
    assert.equal(anna.account.avatarStatus, 'ready', 'it was ready already')
    const old = avatarOf(anna)
    const second = await upload(anna)
    await put(anna, second)
    assert.deepEqual(avatarOf(anna), old)
    assert.equal((await kit.fetch(old.medium)).status, 200)
    await kit.drain()
    assert.notDeepEqual(avatarOf(anna), old)
    assert.notEqual((await kit.fetch(old.medium)).status, 200)
    await kit.drain()
    assert.equal(await kit.uploadRow(first), undefined, 'nothing of the old one is left')
  })

  it('is the one chosen last, whichever is ready first', async () => {
    const anna = kit.newPerson()
    const [first, second] = [await upload(anna), await upload(anna)]
    await put(anna, first)
    await put(anna, second)
    const { id } = await kit.mediaOf(second)
    await kit.drain()
    assert.equal(anna.account.avatarMediaId, id)
    assert.deepEqual(anna.account.shownAvatars.length, 1)
    assert.equal(await kit.uploadRow(first), undefined)
  })

  it('that could not be prepared leaves the old one', async () => {
    const anna = kit.newPerson()
    await put(anna, await upload(anna))
    await kit.drain()
    const old = avatarOf(anna)
    await put(anna, await upload(anna, textFile))
    await kit.drain()
    assert.equal(anna.account.avatarStatus, 'failed')
    assert.deepEqual(avatarOf(anna), old)
    await put(anna, await upload(anna))
    await kit.drain()
    assert.equal(anna.account.avatarStatus, 'ready')
  })

  it('can be taken away', async () => {
    const anna = kit.newPerson()
    await put(anna, await upload(anna))
    await kit.drain()
    const { medium } = avatarOf(anna)
    const headers = { authorization: `Bearer ${anna.token}` }
    assert.equal((await kit.fetch('/api/me/avatar', { method: 'DELETE', headers })).status, 200)
    assert.equal((await kit.fetch(medium)).status, 410)
    assert.equal(anna.account.avatarKey, null)
  })

  it('is not made of an upload for posts, of another person, or of one that was used', async () => {
    const anna = kit.newPerson()
    const ben = kit.newPerson()
    const used = await upload(anna)
    await put(anna, used)
    const cases: [string, number, string][] = [
      ['upload.purpose', 400, await createTusClient(kit.base, anna.token).upload(picture)],
      ['upload.not_found', 404, await upload(ben)],
      ['upload.used', 409, used],
    ]
    for (const [code, status, uploadId] of cases) {
      const response = await put(anna, uploadId)
      assert.deepEqual([response.status, ((await response.json()) as { code: string }).code], [status, code])
    }
  })

  it('and all else that the server takes is told by its capabilities', async () => {
    const told = await kit.media.api.capabilities()
    assert.deepEqual(told.photo.formats.sort(), [
      'image/avif',
      'image/gif',
      'image/heic',
      'image/jpeg',
      'image/png',
      'image/webp',
    ])
  })
})
