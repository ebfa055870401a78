import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Client } from '@heliograph/client'
import type { Post } from '@heliograph/contract/posts'
import { dressJpeg } from '../../../test/corpus/camera-files.ts'
import { foundMarks, gps, marks } from '../../../test/corpus/camera-metadata.ts'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { writeGood } from '../../../test/corpus/videos.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'
import { listen } from '../../../test/helpers/listener.ts'
import { refusal } from '../../../test/helpers/posts-kit.ts'

// What cameras write, from the uploaded bytes to every answer about the post.

let app: TestApp
let anna: Person
let ben: Person
let photograph: Buffer
let film: Buffer

before(async () => {
  // Coding it holds up the process, and a server that is held up turns people away.
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-film-'))
  film = await readFile(await writeGood('messages about its making', folder))
  await rm(folder, { recursive: true })
  app = await createTestApp()
  anna = await buildPerson(app.client, { username: 'anna' })
  ben = await buildPerson(app.client, { username: 'ben' })
  await follow(ben, anna)
  photograph = dressJpeg(await noise(200, 160).jpeg().toBuffer())
})
after(() => app[Symbol.asyncDispose]())

const shown = {
  // The corpus marks the maker, so that no rendition may hold it; here it is what is asked for.
  camera: 'Mark-make Camera One',
  lens: 'Lens 5.7mm f/1.8',
  exposureSeconds: 1 / 125,
  aperture: 1.8,
  iso: 64,
  focalLengthMm: 5.7,
  capturedAt: '2026-05-17T18:30:05',
}

async function share(person: Person, body: { showMetadata?: boolean; caption?: string } = {}): Promise<Post> {
  const uploadId = await person.upload(photograph)
  await app.settle()
  return person.call('POST /api/posts', { body: { caption: '#light', ...body, media: [{ uploadId }] } })
}

const read = (viewer: Client, { id }: Post) => viewer.call('GET /api/posts/:id', { params: { id } })
const show = (person: Client, { id }: Post, showMetadata: boolean) =>
  person.call('PATCH /api/posts/:id', { params: { id }, body: { showMetadata } })

/** Everything that tells of posts, as this viewer gets it. */
async function surfaces(viewer: Client, post: Post): Promise<Record<string, string>> {
  const params = { username: 'anna' }
  const page = async (path: string) => {
    const headers: Record<string, string> = viewer.token ? { authorization: `Bearer ${viewer.token}` } : {}
    return (await fetch(new URL(path, viewer.baseUrl), { headers })).text()
  }
  const answers: Record<string, unknown> = {
    post: await read(viewer, post),
    profile: await viewer.call('GET /api/users/:username/posts', { params }),
    tag: await viewer.call('GET /api/tags/:tag/posts', { params: { tag: 'light' } }),
    page: await page(`/p/${post.id}`),
    ...(viewer.token && {
      feed: await viewer.call('GET /api/feed'),
      saved: await viewer.call('GET /api/me/saved'),
      liked: await viewer.call('GET /api/me/likes'),
    }),
  }
  return Object.fromEntries(Object.entries(answers).map(([name, each]) => [name, JSON.stringify(each)]))
}

async function tellers(viewer: Client, post: Post): Promise<string[]> {
  const all = await surfaces(viewer, post)
  return Object.keys(all).filter((name) => all[name]?.includes(shown.lens))
}

describe('what the camera of a post wrote', () => {
  test('is never told to others unless the owner said so', async () => {
    const post = await share(anna)
    assert.equal(post.showMetadata, false)
    assert.deepEqual(post.media[0]?.metadata, { ...shown, capturedAt: `${shown.capturedAt}+02:00` })
    for (const viewer of [ben, app.client]) {
      const seen = await read(viewer, post)
      assert.equal(seen.media[0]?.metadata, undefined)
      assert.deepEqual(await tellers(viewer, post), [])
    }
  })

  test('is gone from every surface at once when it is switched off', async () => {
    const post = await share(anna, { showMetadata: true })
    const params = { id: post.id }
    await ben.call('PUT /api/posts/:id/like', { params })
    await ben.call('PUT /api/posts/:id/save', { params })
    assert.deepEqual((await read(ben, post)).media[0]?.metadata, shown)
    assert.deepEqual(await tellers(ben, post), ['post', 'profile', 'tag', 'feed', 'saved', 'liked'])
    assert.deepEqual(await tellers(app.client, post), ['post', 'profile', 'tag'])

    const edited = await show(anna, post, false)
    assert.equal(edited.showMetadata, false)
    assert.equal(edited.editedAt, null, 'what was shared is the same')
    assert.ok(edited.media[0]?.metadata, 'the owner sees what would be shown')
    for (const viewer of [ben, app.client]) assert.deepEqual(await tellers(viewer, post), [])

    await show(anna, post, true)
    assert.deepEqual((await read(ben, post)).media[0]?.metadata, shown)
  })

  test('is never changed by anybody else', async () => {
    const post = await share(anna)
    assert.equal(await refusal(show(ben, post, true)), 'post.not_found')
    assert.equal((await read(anna, post)).showMetadata, false)
  })

  test('of a private account is never read by a stranger, nor by a follower who was removed', async () => {
    const carl = await buildPerson(app.client, { username: 'carl', isPrivate: true })
    const dora = await buildPerson(app.client, { username: 'dora' })
    await follow(dora, carl)
    const post = await share(carl, { showMetadata: true })
    assert.deepEqual((await read(dora, post)).media[0]?.metadata, shown)
    for (const viewer of [ben, app.client]) assert.equal(await refusal(read(viewer, post)), 'post.not_found')
    await carl.call('DELETE /api/users/:username/follower', { params: { username: 'dora' } })
    assert.equal(await refusal(read(dora, post)), 'post.not_found')
  })

  test('is never shown to the blocked', async () => {
    const post = await share(anna, { showMetadata: true })
    const eva = await buildPerson(app.client, { username: 'eva' })
    await anna.call('PUT /api/users/:username/block', { params: { username: 'eva' } })
    assert.equal(await refusal(read(eva, post)), 'post.not_found')
  })
})

test('no answer about a post ever has coordinates, serials, software or a maker’s note, its owner’s included', async () => {
  const ears = [await listen(app.url, anna.token ?? ''), await listen(app.url, ben.token ?? '')]
  const post = await share(anna, { showMetadata: true })
  await app.settle()
  const secrets = [
    ...Object.values(marks).filter((mark) => mark !== marks.make),
    ...[gps.latitude, gps.longitude].map((each) => each.toFixed(4)),
    ...['latitude', 'longitude', 'Firmware 1.2', 'altitude'],
  ]
  const told: string[] = [JSON.stringify(ears.map(({ events }) => events))]
  for (const viewer of [anna, ben, app.client]) told.push(...Object.values(await surfaces(viewer, post)))
  for (const text of told) for (const secret of secrets) assert.ok(!text.includes(secret), secret)
  for (const ear of ears) await ear[Symbol.asyncDispose]()

  const own = (await read(anna, post)).media[0]
  for (const url of [own?.thumbnailUrl, own?.mediumUrl, own?.largeUrl, own?.fallbackUrl, own?.originalUrl]) {
    assert.ok(url)
    const headers = { authorization: `Bearer ${anna.token}` }
    const response = await fetch(new URL(url, app.url), { headers })
    assert.equal(response.status, 200, url)
    assert.deepEqual(foundMarks(Buffer.from(await response.arrayBuffer())), [], url)
  }
})

test('of a film the camera and the time are told where its owner says so, and never where or by what software', async () => {
  const uploadId = await anna.upload(film)
  const { id } = await anna.call('POST /api/posts', { body: { showMetadata: true, media: [{ uploadId }] } })
  await app.settle()
  const post = await ben.call('GET /api/posts/:id', { params: { id } })
  assert.deepEqual(post.media[0]?.metadata, {
    camera: 'Heliocam Serial 4711',
    capturedAt: '2026-06-21T18:30:00',
  })
  assert.doesNotMatch(JSON.stringify(post), /48\.13|11\.57|secret title/)
})

test('what an older version stored without cleaning never reaches a page', async () => {
  const post = await share(anna, { showMetadata: true })
  const foul = {
    cameraMake: 'Ev\u202eil',
    cameraModel: `\u001b]0;${'m'.repeat(200_000)}`,
    lens: '\u2066\u200f\u0007',
    exposureSeconds: -1,
    aperture: 'NaN',
    iso: 1e300,
    focalLengthMm: { $gt: 0 },
    capturedAt: '2026-02-31T10:00:00',
    bodySerialNumber: marks.serial,
    gps: { latitude: 52.5, longitude: 13.4 },
  }
  await app.database.main
    .updateTable('media')
    .set({ exif: JSON.stringify(foul) })
    .where('post_id', '=', post.id)
    .execute()
  for (const viewer of [anna, ben]) {
    const { metadata } = (await read(viewer, post)).media[0] ?? {}
    assert.deepEqual(Object.keys(metadata ?? {}), ['camera'])
    assert.match(metadata?.camera ?? '', /^Ev il \]0;m{10,80}$/)
  }
})
