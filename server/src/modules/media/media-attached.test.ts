import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { AttachedMedia, UploadPurpose } from '@heliograph/contract/media'
import sharp from 'sharp'
import { isFault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { pngBomb, textFile } from '../../../test/corpus/bombs.ts'
import { dressJpeg } from '../../../test/corpus/camera-files.ts'
import { foundMarks } from '../../../test/corpus/camera-metadata.ts'
import { noise, quadrants } from '../../../test/corpus/drawn-pictures.ts'
import { makeVideo } from '../../../test/corpus/video-maker.ts'
import { writeGood } from '../../../test/corpus/videos.ts'
import { writeVoice } from '../../../test/corpus/voices.ts'
import { until } from '../../../test/helpers/until.ts'
import { createMediaKit, type MediaKit, type Person } from './media-test-kit.ts'
import { MediaError } from './rendering/media-pool.ts'
import { createTusClient } from './uploads/media-test-tus.ts'
import type { UploadClaim } from './uploads/media-upload-claims.ts'

const dayMs = 24 * 3_600_000

describe('what Stories and messages show', () => {
  let kit: MediaKit
  let anna: Person
  let ben: Person
  let wide: Buffer
  let failDeletes = false
  let losesVoices = false
  let voicesBegun = 0
  const longFilm = Promise.withResolvers<void>()

  before(async () => {
    kit = await createMediaKit({
      video: { maxSeconds: 600 },
      wrapVideos: (videos) => ({
        ...videos,
        render: async (work, options) => {
          if (work.purpose === 'media') await longFilm.promise
          return await videos.render(work, options)
        },
        voice: async (work, options) => {
          voicesBegun += 1
          if (losesVoices) throw new MediaError('media.interrupted', 'by the test')
          return await videos.voice(work, options)
        },
      }),
      wrapBlobs: (store) => ({
        ...store,
        delete: async (key) => {
          if (failDeletes) throw new Error('by the test')
          await store.delete(key)
        },
        deleteMany: async (keys) => {
          if (failDeletes) throw new Error('by the test')
          await store.deleteMany(keys)
        },
      }),
    })
    anna = kit.newPerson()
    ben = kit.newPerson()
    wide = dressJpeg(await quadrants(1600, 1200).jpeg().toBuffer(), { orientation: 6 })
  })
  after(() => kit.close())

  const upload = (bytes: Uint8Array, purpose: UploadPurpose, person = anna) =>
    createTusClient(kit.base, person.token).upload(bytes, { purpose })

  async function claim(
    uploadId: Id,
    purpose: UploadClaim['purpose'],
    more: Partial<UploadClaim> & Partial<UploadClaim['items'][number]> = {},
  ): Promise<Id> {
    const { fit, crop, ...rest } = more
    const items = [{ uploadId, ...(fit ? { fit } : {}), ...(crop ? { crop } : {}) }]
    const whole = { ownerId: anna.id, purpose, items, postId: null, ...rest }
    const [row] = await kit.database.transaction((tx) => kit.media.api.claimUploads(tx, whole))
    await kit.drain()
    return row!.id
  }

  async function attach(bytes: Uint8Array, purpose: UploadPurpose, more: Parameters<typeof claim>[2] = {}) {
    return await claim(await upload(bytes, purpose), purpose, more)
  }

  async function present(
    id: Id,
    { until = null, viewer = ben }: { until?: Date | null; viewer?: Person } = {},
  ): Promise<AttachedMedia> {
    const shown = (await kit.media.api.presentAttached([{ id, until }], viewer.id)).get(id)
    assert.ok(shown)
    return shown
  }

  async function read(address: string | null): Promise<Buffer> {
    const response = await kit.fetch(address!)
    assert.equal(response.status, 200)
    return Buffer.from(await response.arrayBuffer())
  }

  const statusOf = async (address: string) => (await kit.fetch(address)).status
  const rowOf = (id: Id) =>
    kit.database.main.selectFrom('media').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  async function reclaimedBytes(): Promise<number> {
    const name = 'heliograph_media_reclaimed_bytes_total'
    const { values } = await kit.metrics.registry.getSingleMetric(name)!.get()
    return values.reduce((sum, { value }) => sum + value, 0)
  }

  async function requireBalance(): Promise<void> {
    // Also what was replaced a moment ago.
    await kit.drain({ early: true })
    const { stored, referenced, missing, orphans } = await kit.media.api.storage.verify({ deep: true })
    assert.deepEqual(stored, referenced)
    assert.equal(missing.count + orphans.count, 0)
    const { repaired } = await kit.media.api.quotas.recount()
    assert.equal(repaired, 0, 'what an account keeps is counted with every change')
  }

  it('no photograph of a Story is larger than a phone’s screen, heavier than 150 kB, or says where it was taken', async () => {
    const heavy = await attach(await noise(2400, 3600).jpeg().toBuffer(), 'story')
    const turned = await attach(wide, 'story')
    for (const id of [heavy, turned]) {
      const shown = await present(id)
      assert.deepEqual([shown.type, shown.status, shown.isSensitive], ['photo', 'ready', false])
      assert.match(shown.color!, /^#[0-9a-f]{6}$/)
      for (const address of [shown.imageUrl, shown.fallbackUrl]) {
        const bytes = await read(address)
        assert.ok(bytes.length <= 150_000, `${bytes.length} bytes`)
        const { width, height } = await sharp(bytes).metadata()
        assert.ok(width <= 720 && height <= 1280, `${width} × ${height}`)
        assert.deepEqual(foundMarks(bytes), [])
      }
      const { width, height } = await sharp(await read(shown.thumbnailUrl)).metadata()
      assert.deepEqual([width, height], [150, 150])
    }
    const shown = await present(turned)
    assert.deepEqual([shown.width, shown.height], [720, 960], 'upright, and nothing is cut')
    const large = await sharp(await read(shown.fallbackUrl)).metadata()
    assert.equal(large.format, 'jpeg')
  })

  it('one that is to fill the frame is cut to it, also when that is said after it was prepared', async () => {
    const uploadId = await upload(wide, 'story')
    await kit.drain()
    const id = await claim(uploadId, 'story', { fit: 'crop' })
    const { width, height, status } = await present(id)
    assert.deepEqual([status, width, height], ['ready', 720, 1280])
  })

  it('what was uploaded for a Story or a message does not stay in the store, unless its owner keeps an archive', async () => {
    const [story, kept, message] = [
      await attach(wide, 'story'),
      await attach(wide, 'story', { keepMaster: true }),
      await attach(wide, 'message'),
    ]
    const isThere = async (id: Id) => (await kit.objects()).includes((await rowOf(id)).master_key)
    assert.deepEqual(
      [await isThere(story), await isThere(kept), await isThere(message)],
      [false, true, false],
    )
    const folders = async (id: Id) =>
      new Set((await rowOf(id)).objects!.map(({ key }) => key.split('/', 1)[0]))
    assert.deepEqual(await folders(story), new Set(['stories']))
    assert.deepEqual(await folders(message), new Set(['messages']))
    const apart: string[] = []
    for await (const { key } of kit.stories.list('')) apart.push(key)
    const inStories = (await rowOf(story)).objects!.map(({ key }) => key)
    assert.ok(
      inStories.every((key) => apart.includes(key)),
      'Stories lie in their own store',
    )
    await requireBalance()
  })

  it('a master that was left by a crash is found and removed', async () => {
    const uploadId = await upload(wide, 'story')
    await kit.drain()
    failDeletes = true
    const id = await claim(uploadId, 'story')
    failDeletes = false
    const { master_key: key, master_state: state } = await rowOf(id)
    assert.equal(state, 'gone')
    assert.ok((await kit.objects()).includes(key))
    const before = await kit.media.api.storage.verify({ deep: false })
    assert.equal(before.missing.count, 0)
    await kit.drain({ early: true })
    assert.ok(!(await kit.objects()).includes(key))
    await requireBalance()
  })

  it('no address is good after its moment, nor kept longer by anybody', async () => {
    const id = await attach(wide, 'story')
    const until = new Date(Math.ceil((kit.clock.now() + dayMs) / 60_000) * 60_000)
    const { imageUrl } = await present(id, { until })
    const headers = (await kit.fetch(imageUrl!)).headers
    const [, age] = /^public, max-age=(\d+), immutable$/.exec(headers.get('cache-control')!) ?? []
    assert.ok(kit.clock.now() + Number(age) * 1000 <= until.getTime(), 'caches forget it by then')
    assert.ok(kit.clock.now() + (Number(age) + 2) * 1000 > until.getTime(), 'and not much before')
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
    const kept = await kit.fetch((await present(id, { until: null })).imageUrl!)
    assert.match(kept.headers.get('cache-control')!, /^private, max-age=\d+$/, 'one that is over and kept')
    await kit.clock.advance(until.getTime() - 1 - kit.clock.now())
    assert.equal(await statusOf(imageUrl!), 200)
    await kit.clock.advance(1)
    assert.equal(await statusOf(imageUrl!), 403)
    const { imageUrl: late } = await present(id, { until })
    assert.equal(await statusOf(late!), 403, 'also one that is signed too late')
  })

  it('no picture of a message is kept by those who pass it on, even when its address ends at a full hour', async () => {
    const id = await attach(wide, 'message')
    const hour = new Date((Math.floor(kit.clock.now() / 3_600_000) + 1) * 3_600_000)
    for (const until of [null, hour]) {
      const { imageUrl } = await present(id, { until })
      const { headers } = await kit.fetch(imageUrl!)
      assert.match(headers.get('cache-control')!, /^private, max-age=\d+$/)
    }
    const { width, height } = await present(id)
    assert.deepEqual([width, height], [1080, 1440])
  })

  it('a film and a voice note go the same way, and their masters too', async () => {
    const film = await attach(await readFile(await writeGood('a tall one', kit.folder)), 'story')
    const path = join(kit.folder, 'voice')
    await writeVoice('Chrome: WebM without a length', path)
    const note = await attach(await readFile(path), 'voice', { partOf: '77' })
    const shownFilm = await present(film)
    assert.deepEqual([shownFilm.type, shownFilm.status, shownFilm.durationSeconds], ['video', 'ready', 1])
    assert.equal(shownFilm.posterUrl, shownFilm.imageUrl)
    const shownNote = await present(note)
    assert.deepEqual([shownNote.type, shownNote.status, shownNote.imageUrl], ['voice', 'ready', null])
    assert.equal(shownNote.waveform?.length, 64)
    assert.ok(Math.abs(shownNote.durationSeconds! - 2) < 0.2)
    for (const [address, type] of [
      [shownFilm.videoUrl, 'video/mp4'],
      [shownNote.audioUrl, 'audio/mp4'],
    ] as const) {
      const response = await kit.fetch(address!, { headers: { range: 'bytes=0-99' } })
      assert.deepEqual([response.status, response.headers.get('content-type')], [206, type])
      assert.equal((await response.arrayBuffer()).byteLength, 100)
    }
    for (const id of [film, note])
      assert.ok(!(await kit.objects()).includes((await rowOf(id)).master_key), 'no master stays')
    await requireBalance()
  })

  it('what is no voice ends with a reason, and so does a Story without an end', async () => {
    const note = await attach(textFile, 'voice')
    assert.equal((await present(note, { viewer: anna })).failure?.code, 'media.unsupported_sound')
    const path = join(kit.folder, 'long.mp4')
    const streams = [{ graph: 'color=c=teal:s=64x64:r=1:d=62,format=yuv420p', codec: 'libx264' }]
    await makeVideo({ path, muxer: 'mp4', streams })
    const film = await attach(await readFile(path), 'story')
    const { failure } = await present(film, { viewer: anna })
    assert.equal(failure?.code, 'media.too_long')
    assert.equal(failure?.detail, 'A Story may last at most 60 seconds.')
  })

  it('none ends without a reason: a text file, nothing at all, a bomb', async () => {
    const bad: [Uint8Array, string][] = [
      [textFile, 'media.unsupported_format'],
      [new Uint8Array(0), 'media.empty'],
      [pngBomb(25_000, 25_000), 'media.too_many_pixels'],
    ]
    for (const purpose of ['story', 'message'] as const)
      for (const [bytes, code] of bad) {
        const id = await attach(bytes, purpose)
        const shown = await present(id, { viewer: anna })
        assert.deepEqual([shown.status, shown.failure?.code], ['failed', code])
        assert.equal(shown.imageUrl, null)
        assert.equal((await present(id)).failure, undefined, 'the reason is its owner’s alone')
      }
  })

  it('nothing is claimed for another purpose, by another person or twice', async () => {
    const uploadId = await upload(wide, 'story')
    const refused = (work: Promise<unknown>, code: string) =>
      assert.rejects(work, (error) => isFault(error, code as never))
    await refused(claim(uploadId, 'message'), 'upload.purpose')
    await refused(claim(uploadId, ['message', 'voice']), 'upload.purpose')
    await refused(claim(uploadId, 'media'), 'upload.purpose')
    await refused(claim(uploadId, 'story', { ownerId: ben.id }), 'upload.not_found')
    const id = await claim(uploadId, ['message', 'story'], { partOf: '77' })
    assert.equal((await rowOf(id)).part_of, '77')
    await refused(claim(uploadId, 'story'), 'upload.used')
  })

  it('what is over leaves no bytes and no rows, and is counted once', async () => {
    const ids = [await attach(wide, 'story'), await attach(wide, 'message')]
    const addresses = await Promise.all(ids.map(async (id) => (await present(id)).imageUrl!))
    const bytes = (await Promise.all(ids.map(rowOf))).flatMap(({ objects }) => objects!)
    const before = await reclaimedBytes()
    const freed = await kit.media.api.reclaim(ids)
    const sum = bytes.reduce((total, object) => total + object.bytes, 0)
    assert.deepEqual(freed, { media: 2, objects: bytes.length, bytes: sum })
    assert.deepEqual(await kit.media.api.reclaim(ids), { media: 0, objects: 0, bytes: 0 })
    assert.equal((await reclaimedBytes()) - before, sum)
    assert.deepEqual(await Promise.all(addresses.map(statusOf)), [404, 404])
    assert.equal((await kit.media.api.presentAttached([{ id: ids[0]!, until: null }], anna.id)).size, 0)
    await requireBalance()
  })

  it('what a crash left of something that is over is removed by the sweep, and counted then', async () => {
    const id = await attach(wide, 'story')
    const { imageUrl } = await present(id)
    const before = await reclaimedBytes()
    failDeletes = true
    await assert.rejects(kit.media.api.reclaim([id]), /by the test/)
    failDeletes = false
    assert.equal(await statusOf(imageUrl!), 410, 'nobody sees it meanwhile')
    assert.equal(await reclaimedBytes(), before)
    await kit.clock.advance(61 * 60_000)
    await kit.runTask('media.rescue')
    await requireBalance()
    assert.ok((await reclaimedBytes()) > before)
  })

  it('no edge forgets that a Story was deleted while an address of it may be good', async () => {
    const [story, message] = [await attach(wide, 'story'), await attach(wide, 'message')]
    await kit.media.api.reclaim([story, message])
    const marks = await kit.database.main.selectFrom('media_revocations').selectAll().execute()
    const hoursOf = (id: Id) => {
      const { expires_at: end } = marks.find(({ mark }) => mark.endsWith(`/${id}`))!
      return (end.getTime() - kit.clock.now()) / 3_600_000
    }
    assert.ok(hoursOf(story) > 25 && hoursOf(story) < 27, 'and none remembers it for months')
    assert.ok(hoursOf(message) > 2 && hoursOf(message) < 4)
  })

  it('nothing leads to what was uploaded, nor to what a camera or a person wrote of it', async () => {
    const uploadId = await upload(wide, 'story')
    const metadata = await kit.fetch(`/api/uploads/${uploadId}/metadata`, {
      headers: { authorization: `Bearer ${anna.token}` },
    })
    assert.equal(metadata.status, 400)
    const id = await claim(uploadId, 'story', { keepMaster: true })
    const { imageUrl } = await present(id, { viewer: anna })
    const { master_key: masterKey, original_key: originalKey } = await rowOf(id)
    assert.equal(originalKey, null)
    const address = imageUrl!.split('/').slice(0, 6).join('/')
    assert.equal(await statusOf(`${address}/${masterKey}`), 403)
    const response = await kit.fetch(imageUrl!)
    assert.equal(response.headers.get('content-disposition'), null)
  })

  it('a voice note that no process survives ends as failed, and is not tried for ever', async () => {
    losesVoices = true
    voicesBegun = 0
    const id = await attach(textFile, 'voice')
    for (let round = 0; round < 3; round++) {
      await kit.clock.advance(20 * 60_000)
      await kit.runTask('media.rescue')
      await kit.drain({ early: true })
    }
    losesVoices = false
    const shown = await present(id, { viewer: anna })
    assert.deepEqual([shown.status, shown.failure?.code], ['failed', 'media.failed'])
    assert.ok(voicesBegun <= 7, `${voicesBegun} tries`)
  })

  it('no Story waits until the films of posts are done', async () => {
    const bytes = await readFile(await writeGood('a landscape', kit.folder))
    const post = await upload(bytes, 'media')
    const story = await upload(bytes, 'story')
    const statusOf = async (uploadId: Id) => (await kit.mediaOf(uploadId)).processing_status
    await kit.startRunners()
    await until(async () => (await statusOf(story)) === 'ready', 60_000)
    assert.equal(await statusOf(post), 'processing')
    longFilm.resolve()
    await until(async () => (await statusOf(post)) === 'ready', 60_000)
  })
})
