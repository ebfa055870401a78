import assert from 'node:assert/strict'
import { mkdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { fault } from '#platform/http/fault.ts'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { MediaError } from '../child/media-error.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'
import { createUploadFiles } from '../uploads/media-upload-files.ts'

const fullDisk = 'ENOSPC: no space left on device, write'

describe('the store', () => {
  let kit: MediaKit
  let anna: Person
  let picture: Buffer

  before(async () => {
    kit = await createMediaKit()
    anna = kit.newPerson()
    picture = await noise(200, 200).jpeg().toBuffer()
  })
  after(() => kit.close())

  async function share(): Promise<string> {
    const id = await createTusClient(kit.base, anna.token).upload(picture)
    await kit.share(anna, [id])
    await kit.drain()
    return id
  }

  const verify = ({ deep = false } = {}) => kit.media.api.storage.verify({ deep })
  const pathOf = (key: string) => join(kit.folder, 'media', key)

  async function plant(key: string, age: number): Promise<void> {
    const path = join(kit.folder, 'media', key)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, 'left behind')
    const time = new Date(kit.clock.now() - age)
    await utimes(path, time, time)
  }

  it('holds no bytes that nothing refers to, after uploads, deletions and crashes', async () => {
    const kept = await kit.mediaOf(await share())
    const deleted = await kit.mediaOf(await share())
    await kit.database.transaction((tx) => kit.media.api.release(tx, [deleted.id]))
    await kit.drain()
    const day = 24 * 3_600_000
    const orphans = [
      `photos/2026/01/01/large/${deleted.id}_0123_1080.webp`,
      `masters/2026/01/01/${deleted.upload_id}`,
      'photos/2026/01/01/large/what-is-this.webp',
    ]
    for (const key of orphans) await plant(key, 2 * day)
    const young = `photos/2026/01/01/large/${kept.id}_beef_1080.webp`
    await plant(young, 1000)

    const dry = await kit.media.api.storage.collectOrphans({ dryRun: true })
    assert.deepEqual(dry.examples.sort(), orphans.sort())
    assert.ok((await kit.objects()).includes(orphans[0]!), 'a dry run removes nothing')
    await kit.media.api.storage.collectOrphans({ dryRun: false })
    assert.ok((await kit.objects()).includes(young), 'what may be being written stays')

    await plant(young, 2 * day)
    await kit.media.api.storage.collectOrphans({ dryRun: false })
    const { stored, referenced, missing, orphans: left } = await verify()
    assert.deepEqual(stored, referenced)
    assert.equal(stored.objects, 5)
    assert.deepEqual([missing.count, left.count], [0, 0])
  })

  it('is missed when something was taken out of it, cut, or changed behind our back', async () => {
    const row = await kit.mediaOf(await share())
    await kit.store.delete(row.medium_key!)
    await truncate(pathOf(row.thumbnail_key!), 10)
    const bytes = await readFile(pathOf(row.large_key!))
    bytes[bytes.length - 1]! ^= 1
    await writeFile(pathOf(row.large_key!), bytes)
    const shallow = await verify()
    assert.deepEqual(shallow.missing.examples, [row.medium_key])
    assert.deepEqual(shallow.resized.examples, [row.thumbnail_key])
    assert.equal(shallow.corrupt.count, 0)
    assert.deepEqual((await verify({ deep: true })).corrupt.examples, [row.large_key])
    await kit.database.transaction((tx) => kit.media.api.release(tx, [row.id]))
    await kit.drain()
  })

  it('never is emptied at night because the database is not its own', async () => {
    const many = Array.from(
      { length: 1001 },
      (_, number) => `photos/2026/01/01/large/${number}1_0abc_1080.webp`,
    )
    const before = await kit.objects()
    for (const key of many) await plant(key, 2 * 24 * 3_600_000)
    await kit.runTask('media.reconcile')
    assert.equal((await kit.objects()).length, before.length + many.length)
    for (const key of many.slice(1)) await kit.store.delete(key)
    await kit.runTask('media.reconcile')
    assert.deepEqual(await kit.objects(), before)
  })

  it('says of what was stored before it was kept what there is, once', async () => {
    const row = await kit.mediaOf(await share())
    const before = await kit.media.api.quotas.of(anna.id)
    await kit.database.main.updateTable('media').set({ objects: null }).where('id', '=', row.id).execute()
    await kit.media.api.quotas.recount()
    assert.ok((await kit.media.api.quotas.of(anna.id)).usedBytes < before.usedBytes)
    assert.equal((await verify()).filledIn, 1)
    const byKey = (one: { key: string }, other: { key: string }) => (one.key < other.key ? -1 : 1)
    const { objects } = await kit.mediaOf(row.upload_id)
    assert.deepEqual(objects!.toSorted(byKey), row.objects!.toSorted(byKey))
    assert.deepEqual(await kit.media.api.quotas.of(anna.id), before)
    assert.equal((await verify()).filledIn, 0)
  })

  it('is used as its two books say: what lies there is what is referred to, to the byte', async () => {
    const { stored, kept } = await kit.media.api.storage.usage()
    const sums = (rows: { kind: string; objects: number; bytes: number }[]) =>
      rows.map(({ kind, objects, bytes }) => `${kind} ${objects} ${bytes}`).sort()
    assert.ok(stored.length > 0)
    assert.deepEqual(sums(stored), sums(kept))
  })

  it('that is full refuses uploads with 507 while reads go on', async () => {
    const row = await kit.mediaOf(await share())
    kit = await kit.restart({ wrapBlobs: (store) => ({ ...store, hasRoom: async () => false }) })
    const answer = await createTusClient(kit.base, anna.token).create(100)
    assert.deepEqual([answer.status, answer.problem?.code], [507, 'server.storage_full'])
    const owner = { id: anna.id, sightEpoch: 1 }
    const { largeUrl } = kit.media.api.present(row, { isPublic: true, owner, forOwner: false })
    assert.equal((await kit.fetch(largeUrl!)).status, 200)
  })

  it('that filled up since an upload was announced never gives it the database’s room, and loses nothing of it', async () => {
    kit = await kit.restart()
    const half = Math.floor(picture.length / 2)
    let tus = createTusClient(kit.base, anna.token)
    const { id } = await tus.create(picture.length)
    assert.equal((await tus.patch(id, 0, picture.subarray(0, half))).status, 204)
    kit = await kit.restart({ reserveBytes: Number.MAX_SAFE_INTEGER })
    tus = createTusClient(kit.base, anna.token)
    const refused = await tus.patch(id, half, picture.subarray(half))
    assert.deepEqual([refused.status, refused.problem?.code], [507, 'server.storage_full'])
    kit = await kit.restart()
    tus = createTusClient(kit.base, anna.token)
    assert.equal((await tus.head(id)).offset, half)
    assert.equal((await tus.patch(id, half, picture.subarray(half))).status, 204)
  })

  it('that fills up while an upload is written never is filled to its end by it', async () => {
    const reserve = 1000
    let left = reserve + 5_000_000
    const folder = join(kit.folder, 'small-disk')
    const files = await createUploadFiles(folder, reserve, async () => left)
    const piece = Buffer.alloc(1_000_000)
    async function* film() {
      for (;;) {
        left -= piece.length
        yield piece
      }
    }
    await assert.rejects(files.append('7', 0, Readable.from(film()), null), { code: 'server.storage_full' })
    assert.ok(left > reserve - 6_000_000, `${left} bytes are left`)
    const kept = await files.sizeOf('7')
    assert.ok(kept !== null && kept > 0)
    left = 1e9
    assert.equal(await files.append('7', kept, Readable.from([piece]), null), kept + piece.length)
  })

  it('that fills up at the last byte loses nothing: the upload goes on when there is room', async () => {
    let isFull = true
    kit = await kit.restart({
      wrapBlobs: (store) => ({
        ...store,
        putFile: async (...file) => {
          if (isFull) throw fault('server.storage_full')
          return await store.putFile(...file)
        },
      }),
    })
    const tus = createTusClient(kit.base, anna.token)
    const { id } = await tus.create(picture.length)
    const refused = await tus.patch(id, 0, picture)
    assert.deepEqual([refused.status, refused.problem?.code], [507, 'server.storage_full'])
    await kit.media.recover()
    isFull = false
    assert.equal((await tus.head(id)).offset, picture.length)
    await kit.drain()
    assert.equal((await kit.mediaOf(id)).processing_status, 'ready')
  })

  for (const [where, isFullFor] of [
    ['where it lies in the end', (key: string) => key.startsWith('photos/')],
    ['where the decoding process writes', () => false],
  ] as const)
    it(`that is full while a picture is prepared, ${where}, delays it, and it is ready when there is room`, async () => {
      let isFull = false
      kit = await kit.restart({
        wrapBlobs: (store) => ({
          ...store,
          putFile: async (key, ...file) => {
            if (isFull && isFullFor(key)) throw fault('server.storage_full')
            return await store.putFile(key, ...file)
          },
        }),
        wrapPool: (pool) => ({
          ...pool,
          render: async (request, options) => {
            if (isFull && !isFullFor('photos/')) throw new MediaError('media.interrupted', fullDisk)
            return await pool.render(request, options)
          },
        }),
      })
      const id = await createTusClient(kit.base, anna.token).upload(picture)
      isFull = true
      await kit.drain()
      assert.equal((await kit.mediaOf(id)).processing_status, 'processing')
      // However long it takes: tries that the store made fail say nothing about the picture.
      for (let tries = 0; tries < 10; tries++) await kit.drain({ early: true })
      const { attempts, processing_status: status } = await kit.mediaOf(id)
      assert.deepEqual([attempts, status], [0, 'processing'])
      isFull = false
      await kit.clock.advance(20 * 60_000)
      await kit.runTask('media.rescue')
      await kit.drain({ early: true })
      assert.equal((await kit.mediaOf(id)).processing_status, 'ready')
    })
})
