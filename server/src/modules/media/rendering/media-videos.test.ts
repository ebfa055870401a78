import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Id } from '#platform/ids/ids.ts'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { writeGood } from '../../../../test/corpus/videos.ts'
import { MediaError } from '../child/media-error.ts'
import type { PresentedMedia } from '../media-api.ts'
import type { MediaRow } from '../media-tables.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'
import type { Videos } from './media-videos.ts'

describe('a video', () => {
  let kit: MediaKit
  let anna: Person
  let film: Buffer
  const noted: number[] = []
  let interrupt = 0
  /** Before anything is decoded; it may say how far it is. */
  let underWay: ((mediaId: Id, tell: (share: number) => void) => Promise<void>) | undefined

  before(async () => {
    kit = await createMediaKit({
      wrapVideos: (videos): Videos => ({
        ...videos,
        render: async (work, options) => {
          if (interrupt-- > 0) throw new MediaError('media.interrupted', 'by the test')
          await underWay?.(work.id, (share) => options.onProgress?.(share))
          return await videos.render(work, {
            ...options,
            onProgress: (share) => {
              noted.push(share)
              options.onProgress?.(share)
            },
          })
        },
      }),
    })
    anna = kit.newPerson()
    const path = await writeGood('a landscape', tmpdir())
    film = await readFile(path)
    await rm(path)
  })
  after(() => kit.close())

  const upload = (bytes: Uint8Array, person = anna) =>
    createTusClient(kit.base, person.token).upload(bytes, { piece: 20_000 })

  async function share(person = anna): Promise<MediaRow> {
    const id = await upload(film, person)
    await kit.share(person, [id])
    await kit.drain()
    return await kit.mediaOf(id)
  }

  function present(row: MediaRow, person = anna): PresentedMedia {
    const owner = { id: person.id, sightEpoch: person.account.sightEpoch }
    return kit.media.api.present(row, { isPublic: true, owner, forOwner: true })
  }

  it('ends ready: posters, length and sound are told, and how far it is until then', async () => {
    const row = await share()
    assert.deepEqual([row.media_type, row.processing_status, row.format], ['video', 'ready', 'mp4'])
    const shown = present(row)
    assert.deepEqual([shown.type, shown.width, shown.height], ['video', 320, 180])
    assert.deepEqual([shown.durationSeconds, shown.hasAudio], [1, true])
    for (const url of [shown.thumbnailUrl, shown.mediumUrl, shown.largeUrl, shown.fallbackUrl]) {
      assert.match((await kit.fetch(url!)).headers.get('content-type')!, /^image\//)
    }
    assert.ok(noted.length > 0 && noted.at(-1) === 1)
  })

  it('is served with its types, in parts, and never under the name it came with', async () => {
    const { videoUrl } = present(await share())
    const part = await kit.fetch(videoUrl!, { headers: { range: 'bytes=0-99' } })
    assert.deepEqual([part.status, part.headers.get('content-type')], [206, 'video/mp4'])
    assert.equal(part.headers.get('content-disposition'), null)
    assert.equal(part.headers.get('x-content-type-options'), 'nosniff')
    const bytes = Buffer.from(await part.arrayBuffer())
    assert.equal(bytes.length, 100)
    assert.equal(bytes.toString('latin1', 4, 8), 'ftyp')
  })

  it('plays from one signed address by bare names, and nothing else in the store does', async () => {
    const row = await share()
    const { hlsUrl } = present(row)
    const master = await kit.fetch(hlsUrl!)
    assert.equal(master.headers.get('content-type'), 'application/vnd.apple.mpegurl')
    const [variant] = (await master.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const beside = (name: string) => kit.fetch(new URL(name, new URL(hlsUrl!, kit.base)).pathname)
    const playlist = await (await beside(variant!)).text()
    const init = /URI="([^"]+)"/.exec(playlist)![1]!
    const segments = playlist.split('\n').filter((line) => line.endsWith('.m4s'))
    assert.equal((await beside(init)).headers.get('content-type'), 'video/mp4')
    assert.equal((await beside(segments[0]!)).headers.get('content-type'), 'video/iso.segment')
    const other = (await kit.mediaOf((await share()).upload_id)).objects!.map(({ key }) => key)
    const wholeFilm = other.find((key) => key.endsWith('.mp4') && !key.includes('/hls/'))!
    const masterOf = (name: string) => name.slice(name.lastIndexOf('/') + 1)
    const [, signed] = /^(\/m\/\d+\/\d+\/\d+\/[^/]+\/)/.exec(hlsUrl!)!
    const foreign = [
      row.master_key,
      row.video_key!,
      wholeFilm,
      ...other.filter((key) => key.endsWith('.m4s')),
    ]
    for (const key of foreign) {
      assert.ok(await kit.store.stat(key), `${key} is there`)
      assert.equal((await kit.fetch(signed + key)).status, 403, key)
    }
    // Their names are the same in both folders: what is asked for here is this film's.
    const ownFolder = signed + row.hls_key!.slice(0, row.hls_key!.lastIndexOf('/') + 1)
    const theirs = other.find((key) => key.endsWith('.m4s'))!
    const [mine, stored] = await Promise.all([
      kit.fetch(ownFolder + masterOf(theirs)).then((answer) => answer.arrayBuffer()),
      kit.store.open(row.hls_key!.replace(/[^/]+$/, masterOf(theirs))),
    ])
    assert.ok(Buffer.from(mine).equals(Buffer.concat(await stored!.stream.toArray())))
    assert.equal((await beside('nothing.m4s')).status, 404)
  })

  it('gives its owner the original without a new encoding', async () => {
    const { originalUrl } = present(await share())
    const original = await kit.fetch(originalUrl!)
    assert.deepEqual([original.status, original.headers.get('content-type')], [200, 'video/mp4'])
    const bytes = Buffer.from(await original.arrayBuffer())
    assert.ok(bytes.length > 1000 && bytes.length < film.length * 1.1)
  })

  it('of which another part is shown replaces all its files, and the old ones go', async () => {
    const row = await share()
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    await kit.database.transaction((tx) => kit.media.api.rerender(tx, row.id, { crop }))
    await kit.drain()
    const now = await kit.mediaOf(row.upload_id)
    assert.deepEqual([now.processing_status, now.width, now.height], ['ready', 160, 90])
    assert.notEqual(now.hls_key, row.hls_key)
    assert.equal((await kit.fetch(present(row).hlsUrl!)).status, 404)
    await kit.drain({ early: true })
    const old = row.hls_key!.slice(0, row.hls_key!.lastIndexOf('/'))
    const keys = await kit.objects()
    assert.ok(!keys.some((key) => key.startsWith(old) || key === row.video_key))
    assert.ok(keys.includes(now.hls_key!))
  })

  it('that is deleted is refused at once, every segment of it, and leaves nothing behind', async () => {
    const row = await share()
    const { hlsUrl } = present(row)
    await kit.database.transaction((tx) => kit.media.api.release(tx, [row.id]))
    assert.equal((await kit.fetch(hlsUrl!)).status, 410)
    await kit.drain()
    assert.deepEqual(
      (await kit.objects()).filter((key) => key.includes(row.id) || key === row.master_key),
      [],
    )
  })

  it('is known to the reconciliation with each of its files', async () => {
    const row = await share()
    const report = await kit.media.api.storage.verify({ deep: true })
    assert.deepEqual([report.missing.count, report.corrupt.count, report.orphans.count], [0, 0, 0])
    assert.deepEqual(report.stored, report.referenced)
    const { objects } = await kit.mediaOf(row.upload_id)
    const segment = objects!.find(({ key }) => key.endsWith('.m4s'))!.key
    await kit.store.delete(segment)
    const later = await kit.media.api.storage.verify({ deep: false })
    assert.deepEqual(later.missing.examples, [segment])
  })

  it('whose decoding was interrupted is tried again, and not for ever', async () => {
    interrupt = 2
    const id = await upload(film)
    await kit.share(anna, [id])
    for (let round = 0; round < 3; round++) await kit.drain({ early: true })
    assert.equal((await kit.mediaOf(id)).processing_status, 'ready')
    interrupt = 1000
    const endless = await upload(film)
    await kit.share(anna, [endless])
    for (let round = 0; round < 12; round++) await kit.drain({ early: true })
    interrupt = 0
    const { processing_status: status, failure_code: code, attempts } = await kit.mediaOf(endless)
    assert.deepEqual([status, code], ['failed', 'media.failed'])
    assert.ok(attempts <= 8)
  })

  it('that cannot be read ends failed with its reason', async () => {
    const broken = await upload(film.subarray(0, 2000))
    const silent = await upload(Buffer.from('000000186674797069736f6d0000000069736f6d69736f32', 'hex'))
    await kit.drain()
    for (const id of [broken, silent]) {
      const { processing_status: status, failure_code: code } = await kit.mediaOf(id)
      assert.deepEqual([status, code], ['failed', 'media.corrupt'])
    }
  })

  it('tells how far it is in its own row, to its owner alone, while it is being prepared', async () => {
    const ready = await share()
    const berta = kit.newPerson()
    const [waiting, theirs] = [await upload(film), await upload(film, berta)]
    const told: [Id, Id][] = []
    kit.media.api.onProgress((mediaId, ownerId) => told.push([mediaId, ownerId]))
    const rows = () => Promise.all([waiting, theirs].map((id) => kit.mediaOf(id)))
    const mediaIds = (await rows()).map(({ id }) => id)
    let begun = 0
    underWay = async (mediaId, tell) => {
      tell(mediaId === mediaIds[0] ? 0.4 : 0.2)
      begun += 1
      await until(async () => {
        const noted = (await rows()).map(({ progress }) => progress)
        return begun === 2 && noted[0] === 40 && noted[1] === 20
      })
      const [mine] = await rows()
      assert.equal(kit.media.api.progressOf([mine!]), 0.4)
      assert.equal(kit.media.api.progressOf([mine!, ready]), 0.7, 'of all that the post waits for')
    }
    await kit.drain()
    underWay = undefined
    const now = await rows()
    const owners = new Map(now.map((row) => [row.id, row.owner_id]))
    assert.deepEqual(new Set(told.map(([mediaId]) => mediaId)), new Set(owners.keys()))
    for (const [mediaId, ownerId] of told) assert.equal(ownerId, owners.get(mediaId))
    assert.deepEqual([kit.media.api.progressOf(now), kit.media.api.progressOf([])], [1, undefined])
  })

  it('never is prepared in the room that is held back for the database, and waits for more', async () => {
    const id = await upload(film)
    kit = await kit.restart({ reserveBytes: Number.MAX_SAFE_INTEGER })
    for (let tries = 0; tries < 10; tries++) await kit.drain({ early: true })
    const { attempts, processing_status: status } = await kit.mediaOf(id)
    assert.deepEqual([attempts, status], [0, 'processing'])
    kit = await kit.restart()
    await kit.clock.advance(20 * 60_000)
    await kit.runTask('media.rescue')
    await kit.drain({ early: true })
    assert.equal((await kit.mediaOf(id)).processing_status, 'ready')
  })
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20)
}

describe('videos and photographs together', () => {
  it('a photograph never waits behind a video', async () => {
    let begun!: () => void
    let goOn!: () => void
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const mayGoOn = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const kit = await createMediaKit({
      wrapVideos: (videos): Videos => ({
        ...videos,
        render: async (work, options) => {
          begun()
          await mayGoOn
          return await videos.render(work, options)
        },
      }),
    })
    try {
      const anna = kit.newPerson()
      const tus = createTusClient(kit.base, anna.token)
      const path = await writeGood('a landscape', join(kit.folder))
      const slow = await tus.upload(await readFile(path))
      await kit.startRunners()
      await hasBegun
      const quick = await tus.upload(await noise(200, 200).jpeg().toBuffer())
      await until(async () => (await kit.mediaOf(quick)).processing_status === 'ready')
      assert.equal((await kit.mediaOf(slow)).processing_status, 'processing')
      goOn()
      await until(async () => (await kit.mediaOf(slow)).processing_status === 'ready')
    } finally {
      goOn()
      await kit.close()
    }
  })
})
