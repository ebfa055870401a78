import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import type { BlobStore, Tier } from '#platform/blobs/blobs.ts'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'
import { tierOf } from './media-tier-rules.ts'

const day = 24 * 3_600_000

describe('what is seldom asked for', () => {
  let kit: MediaKit
  let anna: Person

  before(async () => {
    kit = await createMediaKit({ tierAges: { warmDays: null, coldDays: 30 } })
    anna = kit.newPerson()
  })
  after(() => kit.close())

  async function share(): Promise<string> {
    const picture = await noise(300, 300).jpeg().toBuffer()
    const id = await createTusClient(kit.base, anna.token).upload(picture)
    await kit.share(anna, [id])
    await kit.drain()
    return (await kit.mediaOf(id)).id
  }
  const kindsIn = async (store: BlobStore, mediaId: string) => {
    const row = await rowOf(mediaId)
    const kinds = new Set<string>()
    for await (const { key } of store.list(''))
      if (key.includes(mediaId) || key === row.master_key) kinds.add(key.split('/', 1)[0]!)
    return [...kinds].sort()
  }
  const rowOf = (id: string) =>
    kit.database.main.selectFrom('media').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const read = async (id: string) => {
    const row = (await kit.media.api.findByIds([id])).get(id)!
    const owner = { id: anna.id, sightEpoch: 1 }
    const { largeUrl } = kit.media.api.present(row, { isPublic: true, owner, forOwner: true })
    return await kit.fetch(largeUrl!)
  }
  const night = () => kit.runTask('media.tier')

  it('goes to the cold folder by age, masters first, and is read from there as before', async () => {
    const id = await share()
    await night()
    assert.deepEqual(await kindsIn(kit.cold, id), [])
    await kit.clock.advance(31 * day)
    await night()
    assert.deepEqual(await kindsIn(kit.cold, id), ['masters'])
    assert.deepEqual(await kindsIn(kit.hot, id), ['photos'])

    // Looked at now and then: it stays where it is quick.
    for (let month = 0; month < 5; month++) {
      assert.equal((await read(id)).status, 200)
      await kit.clock.advance(31 * day)
      await night()
    }
    assert.deepEqual(await kindsIn(kit.hot, id), ['photos'])
    await kit.clock.advance(121 * day)
    await night()
    assert.deepEqual(await kindsIn(kit.hot, id), [])
    const { kept } = await kit.media.api.storage.usage()
    assert.deepEqual(new Set(kept.map(({ tier }) => tier)), new Set(['cold']))

    assert.equal((await read(id)).status, 200)
    await night()
    assert.deepEqual(await kindsIn(kit.hot, id), ['photos'], 'who is looked at again comes back')
    assert.deepEqual(await kindsIn(kit.cold, id), ['masters'])

    const { missing, resized, corrupt, orphans } = await kit.media.api.storage.verify({ deep: true })
    assert.deepEqual(
      [missing, resized, corrupt, orphans].map(({ count }) => count),
      [0, 0, 0, 0],
    )
  })

  it('never is out of reach: a cold master is rendered anew, and a deletion reaches it', async () => {
    const id = await share()
    await kit.clock.advance(31 * day)
    await night()
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    await kit.database.transaction((tx) => kit.media.api.rerender(tx, id, { crop }))
    await kit.drain()
    assert.equal((await rowOf(id)).processing_status, 'ready')
    await read(id)
    await kit.database.transaction((tx) => kit.media.api.release(tx, [id]))
    await kit.drain()
    await kit.drain({ early: true })
    for await (const { key } of kit.store.list('')) assert.ok(!key.includes(id), `${key} is left`)
    const reads = await kit.database.main
      .selectFrom('media_reads')
      .selectAll()
      .where('media_id', '=', id)
      .execute()
    assert.deepEqual(reads, [])
  })

  it('never is lost when the night is ended between a move and its note', async () => {
    const id = await share()
    await kit.clock.advance(31 * day)
    const { master_key: key } = await rowOf(id)
    await kit.store.setTier(key, 'cold')
    await night()
    const { objects } = await rowOf(id)
    assert.equal(objects?.find((object) => object.key === key)?.tier, 'cold')
    assert.equal((await kit.store.stat(key))?.size, objects?.find((object) => object.key === key)?.bytes)
  })
})

describe('an object that cannot be moved', () => {
  let kit: MediaKit
  let stuck: string | undefined
  let hoursForIt = 0

  before(async () => {
    kit = await createMediaKit({
      tierAges: { warmDays: null, coldDays: 30 },
      wrapBlobs: (store) => ({
        ...store,
        async setTier(key, tier) {
          if (key !== stuck) return await store.setTier(key, tier)
          await kit.clock.advance(hoursForIt * 3_600_000)
          throw new Error('it does not move')
        },
      }),
    })
  })
  after(() => kit.close())

  it('never keeps others where they are, neither in its night nor in those after it', async () => {
    const anna = kit.newPerson()
    const masters: string[] = []
    for (let i = 0; i < 3; i++) {
      const id = await createTusClient(kit.base, anna.token).upload(await noise(200, 200).jpeg().toBuffer())
      await kit.share(anna, [id])
      await kit.drain()
      masters.push((await kit.mediaOf(id)).master_key)
    }
    const cold = async () => {
      const found = await Promise.all(masters.map((key) => kit.cold.stat(key)))
      return found.map((facts) => facts !== null)
    }
    await kit.clock.advance(31 * day)
    stuck = masters[1]
    await kit.runTask('media.tier')
    assert.deepEqual(await cold(), [true, false, true])

    // The night is over when it has failed: the next goes on behind it.
    await kit.store.setTier(masters[2]!, 'hot')
    await kit.database.main
      .updateTable('media')
      .set((eb) => ({ objects: sql`replace(${eb.ref('objects')}::text, '"cold"', '"hot"')::jsonb` }))
      .execute()
    hoursForIt = 3
    await kit.runTask('media.tier')
    assert.deepEqual(await cold(), [true, false, false])
    await kit.runTask('media.tier')
    assert.deepEqual(await cold(), [true, false, true])
    stuck = undefined
    await kit.runTask('media.tier')
    assert.deepEqual(await cold(), [true, true, true])
  })
})

const ages = { warmDays: 30, coldDays: 90 }
for (const [key, idleness, tier] of [
  ['masters/a', { age: 29, idle: 29 }, 'hot'],
  ['masters/a', { age: 30, idle: 0 }, 'warm'],
  ['masters/a', { age: 90, idle: 0 }, 'cold'],
  ['originals/a', { age: 90, idle: 30 }, 'warm'],
  ['photos/a', { age: 119, idle: 119 }, 'hot'],
  ['photos/a', { age: 999, idle: 120 }, 'warm'],
  ['videos/a', { age: 999, idle: 360 }, 'cold'],
  ['avatars/a', { age: 9999, idle: 9999 }, 'hot'],
] satisfies [string, { age: number; idle: number }, Tier][])
  it(`${key} of age ${idleness.age}, idle for ${idleness.idle}, is ${tier}`, () => {
    assert.equal(tierOf(key, idleness, ages), tier)
  })
