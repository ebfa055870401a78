import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import { fault } from '#platform/http/fault.ts'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'
import { retier } from './media-objects.ts'
import { addUncopied, deleteUncopied } from './media-uncopied-repository.ts'

describe('the copy in a second region', () => {
  let kit: MediaKit
  let anna: Person
  let isFirstAway = false
  let isCopyAway = false

  /** As a place that cannot be reached. */
  const away = (store: BlobStore, isAway: () => boolean): BlobStore => {
    const unless = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (isAway()) throw fault('server.unavailable')
        return await work(...args)
      }
    }
    return {
      ...store,
      putFile: unless(store.putFile),
      open: unless(store.open),
      stat: unless(store.stat),
      delete: unless(store.delete),
      deleteMany: unless(store.deleteMany),
      copyTo: unless(store.copyTo),
    }
  }

  before(async () => {
    kit = await createMediaKit({
      wrapBlobs: (store) => away(store, () => isFirstAway),
      wrapReplica: (store) => away(store, () => isCopyAway),
    })
    anna = kit.newPerson()
  })
  beforeEach(() => {
    isFirstAway = false
    isCopyAway = false
  })
  after(() => kit.close())

  async function share(): Promise<string> {
    const picture = await noise(300, 300).jpeg().toBuffer()
    const id = await createTusClient(kit.base, anna.token).upload(picture)
    await kit.share(anna, [id])
    await kit.drain()
    await kit.drain()
    return (await kit.mediaOf(id)).id
  }
  const rowOf = (id: string) =>
    kit.database.main.selectFrom('media').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const copies = () => kit.media.api.storage.copies!
  const keysIn = async (store: BlobStore) => {
    const keys: string[] = []
    for await (const { key } of store.list('')) keys.push(key)
    return keys
  }
  const read = async (id: string) => {
    const row = (await kit.media.api.findByIds([id])).get(id)
    if (!row) return null
    const owner = { id: anna.id, sightEpoch: 1 }
    const { largeUrl } = kit.media.api.present(row, { isPublic: true, owner, forOwner: true })
    return await kit.fetch(largeUrl!)
  }
  const figure = async (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await kit.metrics.registry.metrics())?.[1])

  it('has everything soon, and its lag is told', async () => {
    isCopyAway = true
    const id = await share()
    assert.equal((await rowOf(id)).processing_status, 'ready', 'nobody waits for the copy')
    assert.deepEqual(await keysIn(kit.copy!), [])
    assert.equal((await copies().lag()).waiting, 1)
    await kit.clock.advance(10 * 60_000)
    assert.equal(await figure('heliograph_replica_waiting'), 1)
    assert.ok((await figure('heliograph_replica_lag_seconds')) >= 600)
    isCopyAway = false
    await kit.runTask('media.copy_waiting')
    await kit.drain({ early: true })
    assert.deepEqual(await keysIn(kit.copy!), await keysIn(kit.store))
    assert.deepEqual(await copies().lag(), { waiting: 0, lost: 0, oldestSeconds: 0 })
    assert.equal((await copies().verify({ deep: true })).missing.count, 0)
  })

  it('is read while the first place is away, and no longer when that is back', async () => {
    const id = await share()
    const whole = Buffer.from(await (await read(id))!.arrayBuffer())
    isFirstAway = true
    for (let i = 0; i < 5; i++) {
      const answer = (await read(id))!
      assert.equal(answer.status, 200)
      assert.ok(whole.equals(Buffer.from(await answer.arrayBuffer())))
    }
    const refused = await createTusClient(kit.base, anna.token)
      .upload(whole)
      .catch((error: unknown) => error)
    assert.ok(refused instanceof Error, 'new objects wait for the first place')
    isFirstAway = false
    isCopyAway = true
    await kit.clock.advance(11_000)
    assert.equal((await read(id))!.status, 200)
  })

  it('never tells what it was not given yet as gone', async () => {
    isCopyAway = true
    const id = await share()
    isFirstAway = true
    isCopyAway = false
    assert.equal((await read(id))!.status, 503)
    isFirstAway = false
    await kit.clock.advance(11_000)
    await kit.drain({ early: true })
  })

  it('never keeps or shows what was deleted, also when that happened while it was away or being copied', async () => {
    const id = await share()
    const { master_key: masterKey } = await rowOf(id)
    isCopyAway = true
    await kit.database.transaction((tx) => kit.media.api.release(tx, [id]))
    await kit.drain()
    isFirstAway = true
    isCopyAway = false
    assert.equal(await read(id), null)
    isFirstAway = false
    await kit.clock.advance(2 * 3_600_000)
    await kit.runTask('media.rescue')
    await kit.drain({ early: true })
    for (const store of [kit.store, kit.copy!])
      assert.ok((await keysIn(store)).every((key) => !key.includes(id) && key !== masterKey))
  })

  it('brings back what the first place has lost or changed, and takes nothing broken over', async () => {
    const id = await share()
    const { large_key: lost, medium_key: changed, thumbnail_key: uncopied } = await rowOf(id)
    await kit.store.delete(lost!)
    const tierOf = async () => (await rowOf(id)).objects?.find(({ key }) => key === lost)?.tier
    await kit.database.transaction((tx) => retier(tx, id, new Map([[lost!, 'cold']])))
    assert.equal(await tierOf(), 'cold')
    const path = join(kit.folder, 'media', changed!)
    const bytes = await readFile(path)
    await writeFile(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]))
    await kit.copy!.delete(uncopied!)
    assert.equal((await read(id))!.status, 200, 'seen from the copy meanwhile')
    const broken = await kit.media.api.storage.verify({ deep: true })
    assert.deepEqual([broken.missing.examples, broken.corrupt.examples], [[lost], [changed]])

    const { restored, copied, lost: gone } = await copies().repair({ deep: true })
    assert.deepEqual(restored.examples.sort(), [lost, changed].sort())
    assert.deepEqual([copied.examples, gone.count], [[uncopied], 0])
    assert.equal(await tierOf(), 'hot', 'it lies where it was put')
    const { missing, corrupt } = await kit.media.api.storage.verify({ deep: true })
    assert.deepEqual([missing.count, corrupt.count], [0, 0])
    assert.ok((await readFile(path)).equals(bytes))
  })

  it('never has the database count what nobody wants copied', async () => {
    const single = await createMediaKit()
    const ben = single.newPerson()
    await createTusClient(single.base, ben.token).upload(await noise(300, 300).jpeg().toBuffer())
    await single.drain()
    const waiting = await single.database.main.selectFrom('media_uncopied').selectAll().execute()
    await single.close()
    assert.deepEqual(waiting, [])
  })

  it('never takes what is stored while it copies for copied', async () => {
    const id = await share()
    const { main } = kit.database
    const waits = () =>
      main.selectFrom('media_uncopied').selectAll().where('media_id', '=', id).executeTakeFirst()
    assert.equal(await waits(), undefined)
    isCopyAway = true
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    await kit.database.transaction((tx) => kit.media.api.rerender(tx, id, { crop }))
    await kit.drain()
    const before = (await waits())!
    await kit.database.transaction((tx) => addUncopied(tx, id, new Date()))
    await deleteUncopied(main, id, before.changes)
    assert.equal((await waits())?.changes, before.changes + 1)
    isCopyAway = false
    await kit.clock.advance(10 * 60_000)
    await kit.runTask('media.copy_waiting')
    await kit.drain({ early: true })
    assert.equal(await waits(), undefined)
  })

  it('never keeps the night from the rest of its work when it is away', async () => {
    const { main } = kit.database
    await main.updateTable('storage_counts').set({ bytes: 1 }).execute()
    isCopyAway = true
    await kit.runTask('media.reconcile')
    const { bytes } = await main.selectFrom('storage_counts').select('bytes').executeTakeFirstOrThrow()
    assert.ok(Number(bytes) > 1)
  })

  it('never is overwritten by what is broken in the first place', async () => {
    isCopyAway = true
    const id = await share()
    const { large_key: key } = await rowOf(id)
    await writeFile(join(kit.folder, 'media', key!), 'something else')
    isCopyAway = false
    await kit.runTask('media.copy_waiting').catch(() => undefined)
    await kit.drain({ early: true })
    assert.equal(await kit.copy!.stat(key!), null)
    assert.equal((await copies().lag()).waiting, 1)
    const { lost } = await copies().repair({ deep: false })
    assert.deepEqual(lost.examples, [key])

    // It never stands before others for ever.
    for (let sweep = 0; sweep < 5; sweep++) {
      await kit.clock.advance(10 * 60_000)
      await kit.runTask('media.copy_waiting')
      await kit.drain({ early: true })
    }
    assert.deepEqual(await copies().lag(), { waiting: 0, lost: 1, oldestSeconds: 0 })
    assert.equal(await figure('heliograph_replica_lost'), 1)
  })
})
