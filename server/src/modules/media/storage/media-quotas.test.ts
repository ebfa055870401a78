import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'

describe('what an account keeps', () => {
  let kit: MediaKit
  let anna: Person
  let picture: Buffer

  before(async () => {
    kit = await createMediaKit({ quotaBytes: 2_000_000 })
    picture = await noise(300, 300).jpeg().toBuffer()
  })
  beforeEach(() => {
    anna = kit.newPerson()
  })
  after(() => kit.close())

  const upload = async (bytes = picture) => {
    const id = await createTusClient(kit.base, anna.token).upload(bytes)
    await kit.share(anna, [id])
    await kit.drain()
    return await kit.mediaOf(id)
  }
  const remove = async (mediaId: string) => {
    await kit.database.transaction((tx) => kit.media.api.release(tx, [mediaId]))
    await kit.drain()
  }
  const told = async () => {
    const answer = await kit.fetch('/api/me/storage', { headers: { authorization: `Bearer ${anna.token}` } })
    assert.equal(answer.status, 200)
    return (await answer.json()) as { usedBytes: number; quotaBytes: number | null }
  }
  /** Of every object that lies in the store for the medium. */
  const onDisk = async (mediaId: string, uploadId: string) => {
    const keys = (await kit.objects()).filter((key) => key.includes(mediaId) || key.endsWith(uploadId))
    return Promise.all(
      keys.map(async (key) => {
        const bytes = await readFile(join(kit.folder, 'media', key))
        return { key, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
      }),
    )
  }
  const byKey = <T extends { key: string }>(objects: T[]) =>
    objects.toSorted((a, b) => (a.key < b.key ? -1 : 1))

  async function assertKept(mediaId: string): Promise<void> {
    const row = await kit.database.main
      .selectFrom('media')
      .selectAll()
      .where('id', '=', mediaId)
      .executeTakeFirstOrThrow()
    const disk = await onDisk(mediaId, row.upload_id)
    assert.deepEqual(byKey(row.objects!), byKey(disk))
    assert.equal(
      (await told()).usedBytes,
      disk.reduce((sum, { bytes }) => sum + bytes, 0),
    )
  }

  it('is known to the byte, with the hash of each object, through all of its life', async () => {
    const { id } = await upload()
    await assertKept(id)

    const owner = { id: anna.id, sightEpoch: 1 }
    const [row] = [...(await kit.media.api.findByIds([id])).values()]
    const { originalUrl } = kit.media.api.present(row!, { isPublic: true, owner, forOwner: true })
    assert.equal((await kit.fetch(originalUrl!)).status, 200)
    await assertKept(id)

    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    await kit.database.transaction((tx) => kit.media.api.rerender(tx, id, { crop }))
    await kit.drain()
    await kit.drain({ early: true })
    await assertKept(id)

    await remove(id)
    assert.equal((await told()).usedBytes, 0)
  })

  it('is never more than it may: an upload that would not fit is refused before its first byte', async () => {
    const { id } = await upload()
    const { usedBytes, quotaBytes } = await told()
    assert.equal(quotaBytes, 2_000_000)
    const tus = createTusClient(kit.base, anna.token)
    const refused = await tus.create(quotaBytes - usedBytes + 1)
    assert.deepEqual([refused.status, refused.problem?.code], [413, 'upload.account_full'])
    // Two that are under way at once are looked at together.
    assert.equal((await tus.create(quotaBytes - usedBytes - 10)).status, 201)
    assert.equal((await tus.create(11)).problem?.code, 'upload.account_full')
    await remove(id)
    assert.equal((await tus.create(11)).status, 201)
  })

  it('may have a limit of its own, or none', async () => {
    const { quotas } = kit.media.api
    await quotas.setOwn(anna.id, 1000)
    assert.deepEqual(await told(), { usedBytes: 0, quotaBytes: 1000 })
    const tus = createTusClient(kit.base, anna.token)
    assert.equal((await tus.create(1001)).problem?.code, 'upload.account_full')
    await quotas.setOwn(anna.id, 'none')
    assert.deepEqual(await told(), { usedBytes: 0, quotaBytes: null })
    assert.equal((await tus.create(3_000_000)).status, 201)
    await quotas.setOwn(anna.id, 'default')
    assert.equal((await told()).quotaBytes, 2_000_000)
  })

  it('is repaired by a recount, and stays when it was right', async () => {
    await upload()
    const { usedBytes } = await told()
    assert.equal((await kit.media.api.quotas.recount()).repaired, 0)
    const ben = kit.newPerson()
    for (const [id, bytes] of [
      [anna.id, 5],
      [ben.id, 7],
    ] as const) {
      await kit.media.api.quotas.setOwn(id, 'default')
      await kit.database.main
        .updateTable('storage_counts')
        .set({ bytes })
        .where('account_id', '=', id)
        .execute()
    }
    assert.equal((await kit.media.api.quotas.recount()).repaired, 2)
    assert.equal((await told()).usedBytes, usedBytes)
    const [largest] = await kit.media.api.quotas.largest(1)
    assert.equal(largest?.accountId, anna.id)
  })
})
