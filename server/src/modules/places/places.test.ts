import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from '@heliograph/client'
import { dressJpeg } from '../../../test/corpus/camera-files.ts'
import { gps } from '../../../test/corpus/camera-metadata.ts'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPerson, type Person } from '../../../test/helpers/factories.ts'
import { refusal } from '../../../test/helpers/posts-kit.ts'

let app: TestApp
let anna: Person
let ben: Person

before(async () => {
  app = await createTestApp()
  anna = await buildPerson(app.client)
  ben = await buildPerson(app.client)
})
after(() => app[Symbol.asyncDispose]())

const berlin = { name: 'Berlin, Germany', lat: 52.5244, lng: 13.4105 }
const photograph = async () => dressJpeg(await noise(120, 90).jpeg().toBuffer())

describe('the town nearby', () => {
  const ask = (who: Client, query: { lat: number; lng: number; language?: string }) =>
    who.call('GET /api/places/nearby', { query })

  test('is told in the language that is asked for, with its own position', async () => {
    const { place } = await ask(anna, { lat: gps.latitude, lng: gps.longitude, language: 'en' })
    assert.deepEqual(place, berlin)
    const german = await ask(anna, { lat: gps.latitude, lng: gps.longitude, language: 'de' })
    assert.equal(german.place?.name, 'Berlin, Deutschland')
  })

  test('is none on the high seas', async () => {
    assert.deepEqual(await ask(anna, { lat: 0, lng: -30 }), { place: null })
  })

  test('is told to nobody who is not signed in, and not to nonsense', async () => {
    assert.equal(await refusal(ask(app.client, { lat: 0, lng: 0 })), 'auth.required')
    for (const [lat, lng] of [
      [91, 0],
      [0, 181],
      [Number.NaN, 0],
      [0, Number.POSITIVE_INFINITY],
    ] as const)
      assert.equal(await refusal(ask(anna, { lat, lng })), 'request.invalid', `${lat} ${lng}`)
    assert.equal(await refusal(ask(anna, { lat: 0, lng: 0, language: 'not a tag' })), 'request.invalid')
  })
})

describe('what could be shown of an upload', () => {
  const read = (who: Client, id: string) =>
    who.call('GET /api/uploads/:id/metadata', { params: { id }, query: { language: 'en' } })

  test('is told to whoever sent it, and never the position of the photograph', async () => {
    const id = await anna.upload(await photograph())
    assert.equal(await refusal(read(anna, id)), 'media.not_ready')
    await app.settle()
    const { metadata, placeSuggestion } = await read(anna, id)
    assert.equal(metadata.lens, 'Lens 5.7mm f/1.8')
    assert.equal(metadata.capturedAt, '2026-05-17T18:30:05+02:00')
    assert.deepEqual(placeSuggestion, berlin)
    assert.notEqual(placeSuggestion?.lat, gps.latitude)
  })

  test('is never told to anybody else, nor whether it is there', async () => {
    const id = await anna.upload(await photograph())
    await app.settle()
    assert.equal(await refusal(read(ben, id)), 'upload.not_found')
    assert.equal(await refusal(read(ben, String(BigInt(id) + 64n))), 'upload.not_found')
    assert.equal(await refusal(read(app.client, id)), 'auth.required')
  })

  test('never attaches itself: a post has no place unless one was given', async () => {
    const id = await anna.upload(await photograph())
    await app.settle()
    await read(anna, id)
    const post = await anna.call('POST /api/posts', {
      body: { media: [{ uploadId: id }], showMetadata: true },
    })
    assert.equal(post.place, null)
    assert.deepEqual((await read(anna, id)).placeSuggestion, berlin, 'still known once it is shared')
  })

  test('is refused with a code where there is nothing to tell', async () => {
    const broken = await anna.upload(Buffer.from('Dear diary, this is not a picture.'))
    const empty = await anna.upload(await noise(120, 90).jpeg().toBuffer())
    const avatar = await anna.upload(await photograph(), { purpose: 'avatar' })
    await app.settle()
    assert.equal(await refusal(read(anna, broken)), 'media.failed')
    assert.equal(await refusal(read(anna, avatar)), 'upload.purpose')
    assert.deepEqual(await read(anna, empty), { metadata: {}, placeSuggestion: null })
  })
})
