import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@heliograph/client'
import type { FeedMode } from '@heliograph/contract/accounts'
import type { Capabilities } from '@heliograph/contract/capabilities'
import type { FilterId } from '@heliograph/contract/filters'
import type { Post } from '@heliograph/contract/posts'
import sharp, { type Sharp } from 'sharp'
import { dressJpeg } from '../../../test/corpus/camera-files.ts'
import { foundMarks } from '../../../test/corpus/camera-metadata.ts'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { foreignFiles } from '../../../test/corpus/foreign-files.ts'
import { type GoodVideo, writeGood } from '../../../test/corpus/videos.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPerson, type Person } from '../../../test/helpers/factories.ts'
import { refusal } from '../../../test/helpers/posts-kit.ts'
import { createTusClient } from './uploads/media-test-tus.ts'

// What this server says it can do, held against what it does.

let app: TestApp
let anna: Person
let told: Capabilities

before(async () => {
  // What is in the pictures is not asked here: they are drawn.
  app = await createTestApp({ env: { MODERATION: 'off' } })
  anna = await buildPerson(app.client)
  told = await app.client.call('GET /api/capabilities')
})
after(() => app[Symbol.asyncDispose]())

const picture = (): Sharp => noise(320, 240)
const heic = new URL('../../../test/corpus/files/photograph.heic', import.meta.url)

/** A real file of each format that may be advertised. */
const photographs: Record<string, () => Promise<Buffer>> = {
  'image/jpeg': async () => dressJpeg(await picture().jpeg().toBuffer()),
  'image/png': () => picture().png().toBuffer(),
  'image/webp': () => picture().webp().toBuffer(),
  'image/avif': () => picture().avif({ effort: 0 }).toBuffer(),
  'image/gif': () => picture().gif().toBuffer(),
  'image/heic': () => readFile(heic),
}

/** Each in a post of its own, as it is once everything is done. */
async function shareEach(who: Client, files: Record<string, Buffer>): Promise<[what: string, post: Post][]> {
  const shared: [string, string][] = []
  for (const [what, bytes] of Object.entries(files)) {
    const uploadId = await who.upload(bytes)
    shared.push([what, (await who.call('POST /api/posts', { body: { media: [{ uploadId }] } })).id])
  }
  await app.settle()
  const read = ([what, id]: [string, string]) =>
    who.call('GET /api/posts/:id', { params: { id } }).then((post): [string, Post] => [what, post])
  return Promise.all(shared.map(read))
}

async function photographsNow(): Promise<Record<string, Buffer>> {
  const made = Object.entries(photographs).map(async ([format, make]) => [format, await make()] as const)
  return Object.fromEntries(await Promise.all(made))
}

describe('photographs', () => {
  it('of every advertised format become ready, and there is a file of each here', async () => {
    assert.deepEqual([...told.photo.formats].sort(), Object.keys(photographs).sort())
    for (const [format, post] of await shareEach(anna, await photographsNow())) {
      assert.equal(post.status, 'ready', `${format}: ${post.failure?.code}`)
      const served = await fetch(new URL(post.media[0]?.fallbackUrl ?? '', app.url))
      const body = Buffer.from(await served.arrayBuffer())
      assert.equal((await sharp(body).metadata()).format, 'jpeg', format)
      assert.deepEqual(foundMarks(body), [], format)
    }
  })

  it('of every advertised format become the picture of oneself', async () => {
    for (const [format, bytes] of Object.entries(photographs)) {
      const uploadId = await anna.upload(await bytes(), { purpose: 'avatar' })
      await anna.call('PUT /api/me/avatar', { body: { uploadId } })
      await app.settle()
      assert.equal((await anna.call('GET /api/me')).avatarStatus, 'ready', format)
    }
  })

  it('never are what their name or declared type says: the content counts', async () => {
    const tus = createTusClient(app.url, anna.token)
    const lies: [told: string, type: string, bytes: Buffer][] = [
      ['IMG_1.JPG', 'image/jpeg', await readFile(heic)],
      ['photo.heic', 'image/heic', await picture().jpeg().toBuffer()],
      ['notes.txt', 'text/plain', await picture().png().toBuffer()],
    ]
    for (const [name, type, bytes] of lies) {
      const word = (text: string) => Buffer.from(text).toString('base64')
      const metadata = `purpose ${word('media')},filename ${word(name)},filetype ${word(type)}`
      const uploadId = await tus.upload(bytes, { metadata })
      const { id } = await anna.call('POST /api/posts', { body: { media: [{ uploadId }] } })
      await app.settle()
      assert.equal((await anna.call('GET /api/posts/:id', { params: { id } })).status, 'ready', name)
    }
  })
})

/** A real file of each codec that may be advertised. */
const videos: Record<string, GoodVideo> = {
  h264: 'a landscape',
  hevc: 'HDR in HLG',
  vp9: 'VP9 and Opus',
  vp8: 'VP8',
  av1: 'AV1',
  mpeg4: 'MPEG-4',
  h263: 'H.263',
  mjpeg: 'Motion JPEG',
  prores: 'ProRes',
  mpeg2video: 'MPEG-2',
  mpeg1video: 'MPEG-1',
  dvvideo: 'DV',
  dnxhd: 'DNxHD',
  theora: 'Theora',
}

describe('videos', () => {
  it('of every advertised codec become ready, and there is a file of each here', async () => {
    assert.deepEqual([...told.video!.videoCodecs].sort(), Object.keys(videos).sort())
    assert.deepEqual(told.video!.formats, ['video/mp4', 'video/quicktime', 'video/webm', 'video/x-matroska'])
    const folder = await mkdtemp(join(tmpdir(), 'heliograph-capabilities-'))
    const files: Record<string, Buffer> = {}
    for (const [codec, name] of Object.entries(videos))
      files[codec] = await readFile(await writeGood(name, folder))
    await rm(folder, { recursive: true })
    // Coding them held up this process, and a server that is held up turns people away for a second.
    while ((await fetch(new URL('/api/capabilities', app.url))).status === 503) await pause(100)
    for (const [codec, post] of await shareEach(await buildPerson(app.client), files)) {
      assert.equal(post.status, 'ready', `${codec}: ${post.failure?.code}`)
      assert.ok(post.media[0]?.videoUrl && post.media[0].hlsUrl, codec)
    }
  })

  it('and their captions are refused at the size that is told', async () => {
    const tus = createTusClient(app.url, (await buildPerson(app.client)).token)
    const { maxBytes, captions } = told.video!
    assert.equal((await tus.create(maxBytes)).status, 201)
    assert.equal((await tus.create(maxBytes + 1)).problem?.code, 'upload.too_large')
    assert.equal((await tus.create(captions.maxBytes, { purpose: 'captions' })).status, 201)
    const over = await tus.create(captions.maxBytes + 1, { purpose: 'captions' })
    assert.equal(over.problem?.code, 'upload.too_large')
  })
})

describe('files of no advertised format', () => {
  it('never become ready, never are an error of the server, and fail with the one code', async () => {
    const bob = await buildPerson(app.client)
    for (const [what, post] of await shareEach(bob, await foreignFiles())) {
      assert.equal(post.status, 'failed', what)
      assert.equal(post.failure?.code, 'media.unsupported_format', what)
      assert.equal(post.media[0]?.largeUrl, null, what)
    }
    assert.equal((await fetch(new URL('/healthz', app.url))).status, 200)
  })

  it('are refused with a 4xx when one asks about them', async () => {
    const uploads: [string, string][] = []
    for (const [what, bytes] of Object.entries(await foreignFiles()))
      uploads.push([what, await anna.upload(bytes)])
    await app.settle()
    for (const [what, uploadId] of uploads) {
      const path = `/api/uploads/${uploadId}/metadata`
      const headers = { authorization: `Bearer ${anna.token}` }
      assert.equal((await fetch(new URL(path, app.url), { headers })).status, 422, what)
    }
  })
})

describe('limits', () => {
  it('of bytes are those at which an upload is refused', async () => {
    const most = {
      avatar: told.avatar.maxBytes,
      media: Math.max(told.photo.maxBytes, told.video?.maxBytes ?? 0),
    }
    for (const [purpose, bytes] of Object.entries(most)) {
      const tus = createTusClient(app.url, (await buildPerson(app.client)).token)
      assert.equal((await tus.create(bytes, { purpose })).status, 201, purpose)
      const over = await tus.create(bytes + 1, { purpose })
      assert.deepEqual([over.status, over.problem?.code], [413, 'upload.too_large'], purpose)
    }
  })

  it('of pixels are told for every format, and only for those', () => {
    assert.deepEqual(Object.keys(told.photo.maxPixels).sort(), [...told.photo.formats].sort())
    for (const pixels of Object.values(told.photo.maxPixels)) assert.ok(pixels >= 48e6, String(pixels))
  })

  it('of media in a post are those at which a post is refused', async () => {
    const uploadIds: string[] = []
    for (let at = 0; at <= told.maxMediaPerPost; at++)
      uploadIds.push(await anna.upload(await picture().jpeg().toBuffer()))
    const post = (count: number) =>
      anna.call('POST /api/posts', {
        body: { media: uploadIds.slice(0, count).map((uploadId) => ({ uploadId })) },
      })
    assert.equal(await refusal(post(told.maxMediaPerPost + 1)), 'post.too_many_media')
    assert.equal((await post(told.maxMediaPerPost)).media.length, told.maxMediaPerPost)
  })
})

describe('choices', () => {
  it('of filters are each taken, and others refused', async () => {
    assert.ok(told.filters.length >= 16)
    const bytes = await picture().resize(40).jpeg().toBuffer()
    const post = async (filter: string) => {
      const media = [{ uploadId: await anna.upload(bytes), filter: filter as FilterId }]
      return anna.call('POST /api/posts', { body: { media } })
    }
    for (const { id, name } of told.filters) {
      assert.ok(name)
      assert.equal((await post(id)).media[0]?.filter, id)
    }
    assert.equal(await refusal(post('no-such-filter')), 'request.invalid')
  })

  it('of feeds each answer, and others are refused', async () => {
    const ask = (mode: string) => anna.call('GET /api/feed', { query: { mode: mode as FeedMode } })
    for (const mode of told.feedModes) assert.ok(await ask(mode))
    assert.equal(await refusal(ask('paid')), 'request.invalid')
  })
})
