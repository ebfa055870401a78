import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Database } from '#platform/db/db.ts'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { createMediaKit, type KitOptions, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'
import type { MediaPool } from './media-pool.ts'

class DeadError extends Error {
  override name = 'DeadError'
}

/** A process that dies at its nth step: that step and all later ones do nothing. */
function createMortality(dieAt: number) {
  const steps: string[] = []
  const step = (name: string) => {
    steps.push(name)
    if (steps.length >= dieAt) throw new DeadError(`died at ${name}`)
  }
  async function around<T>(name: string, work: () => Promise<T>): Promise<T> {
    step(`before ${name}`)
    const result = await work()
    step(`after ${name}`)
    return result
  }
  const options: KitOptions = {
    wrapBlobs: (store): BlobStore => ({
      ...store,
      putFile: (key, path, type) => around('putFile', () => store.putFile(key, path, type)),
      delete: (key) => around('delete', () => store.delete(key)),
      deleteMany: (keys) => around('deleteMany', () => store.deleteMany(keys)),
    }),
    wrapPool: (pool): MediaPool => ({
      ...pool,
      render: (request, signal) => around('render', () => pool.render(request, signal)),
    }),
    wrapDatabase: (database): Database => ({
      ...database,
      transaction: (work, by) => around('transaction', () => database.transaction(work, by)),
    }),
  }
  return { options, steps, isOver: () => steps.length < dieAt }
}

describe('an acknowledged upload', () => {
  let kit: MediaKit
  let anna: Person
  let picture: Buffer

  before(async () => {
    kit = await createMediaKit()
    anna = kit.newPerson()
    picture = await noise(400, 300).jpeg().toBuffer()
  })
  after(() => kit.close())

  async function uploadAndDie(): Promise<string> {
    const tus = createTusClient(kit.base, anna.token)
    const { id } = await tus.create(picture.length)
    await tus.patch(id, 0, picture)
    await kit.drain().catch(() => undefined)
    return id
  }

  it('is ready, and ready once, wherever the process dies', async () => {
    let isOver = false
    const died: string[] = []
    for (let dieAt = 1; !isOver; dieAt++) {
      const mortality = createMortality(dieAt)
      kit = await kit.restart(mortality.options)
      const id = await uploadAndDie()
      isOver = mortality.isOver()
      if (!isOver) died.push(mortality.steps[dieAt - 1]!)

      kit = await kit.restart()
      const { offset } = await createTusClient(kit.base, anna.token).head(id)
      assert.equal(offset, picture.length, 'nothing that was sent is lost')
      await kit.drain({ early: true })
      const row = await kit.mediaOf(id)
      assert.equal(row.processing_status, 'ready', `died at ${died.at(-1)}`)
      assert.equal(await kit.countEvents('media.ready', row.id), 1)
      const keys = (await kit.objects()).filter((key) => key.includes(row.id) || key.includes(id))
      assert.equal(keys.length, 5, `master and four renditions, not ${keys}`)
    }
    assert.ok(
      died.includes('after putFile') && died.includes('after transaction') && died.includes('before render'),
    )
    assert.ok(died.length >= 14, `${died}`)
  })

  it('is finished by the next start when nobody asks for it again', async () => {
    const mortality = createMortality(2)
    kit = await kit.restart(mortality.options)
    const id = await uploadAndDie()
    assert.equal((await kit.uploadRow(id))?.state, 'uploading')
    kit = await kit.restart()
    assert.equal((await kit.uploadRow(id))?.state, 'complete')
  })

  it('is ready even when the queue was lost', async () => {
    const id = await createTusClient(kit.base, anna.token).upload(picture)
    await kit.database.main.deleteFrom('events').execute()
    await kit.clock.advance(16 * 60_000)
    await kit.runTask('media.rescue')
    assert.equal((await kit.mediaOf(id)).processing_status, 'ready')
  })

  it('that kills every process which touches it ends as failed, and is not tried for ever', async () => {
    let renderings = 0
    kit = await kit.restart({
      wrapPool: (pool) => ({
        ...pool,
        render: async () => {
          renderings += 1
          throw new DeadError('the worker is gone')
        },
      }),
    })
    const id = await createTusClient(kit.base, anna.token).upload(picture)
    await kit.drain({ early: true })
    for (let round = 0; round < 3; round++) {
      await kit.clock.advance(20 * 60_000)
      await kit.runTask('media.rescue')
      await kit.drain({ early: true })
    }
    const row = await kit.mediaOf(id)
    assert.deepEqual([row.processing_status, row.failure_code], ['failed', 'media.failed'])
    assert.ok(renderings <= 7, `${renderings} renderings`)
    assert.equal(await kit.countEvents('media.failed', row.id), 1)
  })
})
