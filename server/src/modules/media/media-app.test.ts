import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Post } from '@heliograph/contract/posts'
import { dressJpeg } from '../../../test/corpus/camera-files.ts'
import { foundMarks } from '../../../test/corpus/camera-metadata.ts'
import { quadrants } from '../../../test/corpus/drawn-pictures.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'

// Media as a part of the whole: what other modules do must reach every address.

describe('a photograph', () => {
  let app: TestApp
  let picture: Buffer

  before(async () => {
    app = await createTestApp()
    picture = dressJpeg(await quadrants(1600, 1200).jpeg().toBuffer())
  })
  after(() => app[Symbol.asyncDispose]())

  async function share(author: Person): Promise<Post> {
    const uploadId = await author.upload(picture, { chunkBytes: 4096 })
    const { id } = await author.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await app.settle()
    return await author.call('GET /api/posts/:id', { params: { id } })
  }

  const statusOf = async (address: string) => (await fetch(new URL(address, app.url))).status
  const addressesOf = ({ media: [medium] }: Post) =>
    [medium?.thumbnailUrl, medium?.mediumUrl, medium?.largeUrl, medium?.fallbackUrl].map((url) => url!)

  it('goes from the upload to the follower, without a word about where it was taken', async () => {
    const anna = await buildPerson(app.client)
    const ben = await buildPerson(app.client)
    await follow(ben, anna)
    const post = await share(anna)
    assert.equal(post.status, 'ready')
    const seen = await ben.call('GET /api/posts/:id', { params: { id: post.id } })
    assert.equal(seen.media[0]?.originalUrl, undefined)
    assert.equal(seen.media[0]?.width, 1080)
    for (const address of [...addressesOf(seen), post.media[0]!.originalUrl!]) {
      const response = await fetch(new URL(address, app.url))
      assert.equal(response.status, 200)
      assert.deepEqual(foundMarks(Buffer.from(await response.arrayBuffer())), [])
    }
  })

  it('is not seen by an address that was handed out before its account went private', async () => {
    const anna = await buildPerson(app.client)
    const before = await share(anna)
    assert.deepEqual(await Promise.all(addressesOf(before).map(statusOf)), [200, 200, 200, 200])
    await anna.call('PATCH /api/me', { body: { isPrivate: true } })
    assert.deepEqual(await Promise.all(addressesOf(before).map(statusOf)), [403, 403, 403, 403])
    const now = await anna.call('GET /api/posts/:id', { params: { id: before.id } })
    assert.deepEqual(await Promise.all(addressesOf(now).map(statusOf)), [200, 200, 200, 200])
  })

  it('is not seen once its post is deleted, and leaves no bytes', async () => {
    const anna = await buildPerson(app.client)
    const post = await share(anna)
    await anna.call('DELETE /api/posts/:id', { params: { id: post.id } })
    assert.deepEqual(await Promise.all(addressesOf(post).map(statusOf)), [410, 410, 410, 410])
    await app.settle()
    const { stored, referenced } = await app.modules.media.api.storage.verify({ deep: false })
    assert.deepEqual(stored, referenced)
  })

  it('becomes the picture of oneself, beside everything one does', async () => {
    const anna = await buildPerson(app.client)
    const uploadId = await anna.upload(picture, { purpose: 'avatar' })
    const chosen = await anna.call('PUT /api/me/avatar', { body: { uploadId } })
    assert.equal(chosen.avatarStatus, 'processing')
    await app.settle()
    const me = await anna.call('GET /api/me')
    assert.equal(me.avatarStatus, 'ready')
    assert.equal(await statusOf(me.avatarUrl!), 200)
    assert.equal(await statusOf(me.avatar!.large), 200)
    await assertRefused(anna.call('PUT /api/me/avatar', { body: { uploadId } }), 'upload.used')
    const without = await anna.call('DELETE /api/me/avatar')
    assert.equal(without.avatarUrl, null)
    assert.equal(await statusOf(me.avatarUrl!), 410)
  })
})
