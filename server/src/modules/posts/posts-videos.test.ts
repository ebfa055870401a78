import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LiveEvent } from '@heliograph/contract/live'
import type { Post } from '@heliograph/contract/posts'
import { WebSocket } from 'ws'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { writeGood } from '../../../test/corpus/videos.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp
let anna: Person
let film: Buffer
let picture: Buffer

before(async () => {
  app = await createTestApp()
  anna = await buildPerson(app.client)
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-posts-videos-'))
  film = await readFile(await writeGood('a landscape', folder))
  await rm(folder, { recursive: true })
  picture = await noise(300, 300).jpeg().toBuffer()
})
after(() => app[Symbol.asyncDispose]())

const captionsOf = (text: string) => Buffer.from(`WEBVTT\n\n00:00.000 --> 00:01.000\n${text}\n`)
const uploadCaptions = (text: string) => anna.upload(captionsOf(text), { purpose: 'captions' })
const read = (id: string, reader = anna) => reader.call('GET /api/posts/:id', { params: { id } })
const textOf = async (address: string) => await (await fetch(new URL(address, app.url))).text()

async function share(media: object[], author = anna): Promise<Post> {
  const { id } = await author.call('POST /api/posts', { body: { media } as never })
  await app.settle()
  return await read(id, author)
}

describe('a post with a video', () => {
  it('keeps the order of photographs and videos, also when it is changed', async () => {
    const uploads = [await anna.upload(picture), await anna.upload(film), await anna.upload(picture)]
    const post = await share(uploads.map((uploadId) => ({ uploadId })))
    const kinds = ({ media }: Post) => media.map(({ type }) => type)
    assert.deepEqual([post.status, kinds(post)], ['ready', ['photo', 'video', 'photo']])
    const [first, second, third] = post.media.map(({ id }) => ({ id }))
    const changed = await anna.call('PATCH /api/posts/:id', {
      params: { id: post.id },
      body: { media: [second!, third!, first!] },
    })
    assert.deepEqual(kinds(changed), ['video', 'photo', 'photo'])
  })

  it('is for everybody who may see it but for its original, and for nobody once it is deleted', async () => {
    const ben = await buildPerson(app.client)
    await follow(ben, anna)
    const post = await share([{ uploadId: await anna.upload(film) }])
    const [seen] = (await read(post.id, ben)).media
    assert.deepEqual([seen?.type, seen?.durationSeconds, seen?.hasAudio], ['video', 1, true])
    assert.equal(seen?.originalUrl, undefined)
    const addresses = [seen!.videoUrl!, seen!.hlsUrl!, seen!.largeUrl!]
    for (const address of addresses) assert.equal((await fetch(new URL(address, app.url))).status, 200)
    await anna.call('DELETE /api/posts/:id', { params: { id: post.id } })
    for (const address of addresses) assert.equal((await fetch(new URL(address, app.url))).status, 410)
  })

  it('tells its owner, and nobody else, how far it is', async () => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/live`, {
      headers: { authorization: `Bearer ${anna.token}` },
    })
    const events: LiveEvent[] = []
    socket.on('message', (data) => events.push(LiveEvent.parse(JSON.parse(String(data)))))
    await once(socket, 'message')
    const uploadId = await anna.upload(film)
    const { id } = await anna.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    const waiting = await read(id)
    assert.deepEqual([waiting.status, waiting.progress], ['processing', 0])
    await app.settle()
    const isReady = (event: LiveEvent) => event.type === 'post.status' && event.status === 'ready'
    while (!events.some(isReady)) await once(socket, 'message')
    const told = events.filter((event) => event.type === 'post.progress')
    assert.ok(told.length > 0 && told.every((event) => event.postId === id && event.progress <= 1))
    assert.equal((await read(id)).progress, undefined, 'of a ready one there is none')
    socket.close()
  })

  it('takes filters, and says no to what a video cannot show', async () => {
    const post = await share([{ uploadId: await anna.upload(film), filter: 'golden', edits: { warmth: 20 } }])
    assert.deepEqual([post.status, post.media[0]?.filter], ['ready', 'golden'])
    const uploadId = await anna.upload(film)
    for (const edits of [{ sharpen: 10 }, { vignette: 10 }, { straighten: 5 }])
      await assertRefused(
        anna.call('POST /api/posts', { body: { media: [{ uploadId, edits }] } }),
        'post.video_edits',
      )
  })

  it('that cannot be prepared says why, and its other media are not lost', async () => {
    const broken = await anna.upload(film.subarray(0, 3000))
    const post = await share([{ uploadId: await anna.upload(picture) }, { uploadId: broken }])
    assert.deepEqual([post.status, post.failure?.code], ['failed', 'media.corrupt'])
    assert.equal(post.media.length, 2)
  })
})

describe('captions', () => {
  it('are shown with their video, as words alone', async () => {
    const captionsUploadId = await uploadCaptions('<b>Hello</b> <script>x</script>')
    const post = await share([{ uploadId: await anna.upload(film), captionsUploadId }])
    const response = await fetch(new URL(post.media[0]!.captionsUrl!, app.url))
    assert.equal(response.headers.get('content-type'), 'text/vtt; charset=utf-8')
    assert.match(await response.text(), /\nHello x\n/)
  })

  it('are added, replaced and taken away later, and the old ones cannot be read any more', async () => {
    const post = await share([{ uploadId: await anna.upload(film) }])
    const id = post.media[0]!.id
    const change = (captionsUploadId: string | null) =>
      anna.call('PATCH /api/posts/:id', {
        params: { id: post.id },
        body: { media: [{ id, captionsUploadId }] },
      })
    const uploadId = await uploadCaptions('one')
    const one = (await change(uploadId)).media[0]!.captionsUrl!
    assert.match(await textOf(one), /one/)
    const again = await change(uploadId)
    assert.equal(again.media[0]!.captionsUrl, one, 'asking twice does it once')
    const two = (await change(await uploadCaptions('two'))).media[0]!.captionsUrl!
    assert.match(await textOf(two), /two/)
    assert.equal((await fetch(new URL(one, app.url))).status, 404)
    const none = await change(null)
    assert.equal(none.media[0]!.captionsUrl, undefined)
    assert.equal((await fetch(new URL(two, app.url))).status, 404)
    assert.equal(none.media[0]!.videoUrl, post.media[0]!.videoUrl, 'the film is not made anew')
  })

  it('stay when another part of the video is shown', async () => {
    const captionsUploadId = await uploadCaptions('stays')
    const post = await share([{ uploadId: await anna.upload(film), captionsUploadId }])
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    await anna.call('PATCH /api/posts/:id', {
      params: { id: post.id },
      body: { media: [{ id: post.media[0]!.id, crop }] },
    })
    await app.settle()
    assert.match(await textOf((await read(post.id)).media[0]!.captionsUrl!), /stays/)
  })

  it('belong to videos, are one’s own, are used once and are WebVTT', async () => {
    const ben = await buildPerson(app.client)
    const photo = await anna.upload(picture)
    const video = await anna.upload(film)
    await app.settle()
    const post = (uploadId: string, captionsUploadId: string, author = anna) =>
      author.call('POST /api/posts', { body: { media: [{ uploadId, captionsUploadId }] } })
    const good = await uploadCaptions('good')
    await assertRefused(post(photo, good), 'captions.not_a_video')
    await assertRefused(post(video, await anna.upload(picture, { purpose: 'captions' })), 'captions.invalid')
    await assertRefused(post(video, await anna.upload(picture)), 'upload.purpose')
    const foreign = await ben.upload(captionsOf('foreign'), { purpose: 'captions' })
    await assertRefused(post(video, foreign), 'upload.not_found')
    await post(video, good)
    await assertRefused(post(await anna.upload(film), good), 'upload.not_found')
    const much = anna.upload(Buffer.alloc(1024 * 1024 + 1), { purpose: 'captions' })
    await assert.rejects(much, /upload\.too_large/)
  })

  it('leave no bytes when their post is deleted', async () => {
    const captionsUploadId = await uploadCaptions('gone')
    const post = await share([{ uploadId: await anna.upload(film), captionsUploadId }])
    const address = post.media[0]!.captionsUrl!
    await anna.call('DELETE /api/posts/:id', { params: { id: post.id } })
    assert.equal((await fetch(new URL(address, app.url))).status, 410)
    await app.settle()
    await app.jobs.drain({ early: true })
    const report = await app.modules.media.api.storage.verify({ deep: false })
    assert.deepEqual([report.missing.count, report.orphans.count], [0, 0])
    assert.deepEqual(report.stored, report.referenced)
  })
})
