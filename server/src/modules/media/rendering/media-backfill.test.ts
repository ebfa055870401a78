import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import { noise, quadrants } from '../../../../test/corpus/drawn-pictures.ts'
import { writeGood } from '../../../../test/corpus/videos.ts'
import { until } from '../../../../test/helpers/until.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'
import { shownKeys } from './media-names.ts'
import { MediaError, type MediaPool } from './media-pool.ts'
import { createQuiet } from './media-quiet.ts'

describe('a back-fill', () => {
  let kit: MediaKit
  let picture: Buffer
  let person: Person
  let ids: string[]

  before(async () => {
    kit = await createMediaKit()
    picture = await noise(300, 300).jpeg().toBuffer()
    person = kit.newPerson()
    ids = []
    for (let i = 0; i < 5; i++) ids.push(await createTusClient(kit.base, person.token).upload(picture))
    await kit.share(person, ids)
    await kit.drain()
  })
  after(() => kit.close())
  afterEach(() => kit.drain({ early: true }))

  const rows = (of = ids) => Promise.all(of.map((id) => kit.mediaOf(id)))
  const tokens = async (of = ids) => (await rows(of)).map((row) => row.token)

  /** Sees what is rendered behind the others. */
  async function watchBulk(
    instead?: (id: string, render: () => ReturnType<MediaPool['render']>) => ReturnType<MediaPool['render']>,
  ) {
    const seen: string[] = []
    const wrapPool = (pool: MediaPool): MediaPool => ({
      ...pool,
      render: (request, options) => {
        const render = () => pool.render(request, options)
        if (options?.lane !== 'bulk') return render()
        seen.push(request.id)
        return instead ? instead(request.id, render) : render()
      },
    })
    kit = await kit.restart({ wrapPool })
    return seen
  }

  it('never takes the picture from under those who look at it, and leaves nothing behind in the end', async () => {
    const owner = { id: person.id, sightEpoch: 1 }
    const addressOf = async (id: string) => {
      const row = await kit.mediaOf(id)
      return kit.media.api.present(row, { isPublic: true, owner, forOwner: false }).largeUrl!
    }
    const [uploadId] = ids
    const { id } = await kit.mediaOf(uploadId!)
    const open = await addressOf(uploadId!)
    await kit.media.api.rerenderAll({})
    await kit.drain()
    const fresh = await addressOf(uploadId!)
    assert.notEqual(fresh, open)
    assert.equal((await kit.fetch(open)).status, 200)
    assert.equal((await kit.fetch(fresh)).status, 200)
    const marks = await kit.database.main.selectFrom('media_revocations').select('mark').execute()
    assert.deepEqual(
      marks.filter(({ mark }) => mark.includes(id)),
      [],
      'edges were told to refuse it',
    )

    // What the owner cuts away is gone at once, from both.
    await kit.database.transaction((tx) =>
      kit.media.api.rerender(tx, id, { crop: { x: 0, y: 0, width: 0.5, height: 0.5 } }),
    )
    await kit.drain()
    assert.equal((await kit.fetch(open)).status, 404)
    assert.equal((await kit.fetch(fresh)).status, 404)
    await kit.drain({ early: true })
    const stored = (await kit.mediaOf(uploadId!)).objects!.map(({ key }) => key)
    for await (const { key } of kit.store.list('photos/'))
      if (key.includes(id)) assert.ok(stored.includes(key), `${key} was left behind`)
  })

  it('renders each medium once more, in its place, and none is ever not ready', async () => {
    const before = await rows()
    const seen = await watchBulk(async (id, render) => {
      const states = (await rows()).map((row) => row.processing_status)
      assert.deepEqual(new Set(states), new Set(['ready']), id)
      return await render()
    })
    await kit.media.api.rerenderAll({})
    await kit.drain()
    assert.deepEqual(seen.toSorted(), before.map((row) => row.id).toSorted())
    const now = await rows()
    for (const [index, row] of now.entries()) {
      const old = before[index]!
      assert.notEqual(row.token, old.token)
      assert.ok(shownKeys(row).every((key) => key.includes(row.token)))
      assert.deepEqual([row.original_key, row.revision], [old.original_key, old.revision])
    }
    await kit.drain({ early: true })
    const keys = await kit.objects()
    for (const row of now) assert.equal(keys.filter((key) => key.includes(`/${row.id}_`)).length, 4)
  })

  it('goes on after a crash where it was', async () => {
    const seen = await watchBulk()
    await kit.media.api.rerenderAll({})
    await kit.jobs.startRunners()
    await until(() => seen.length >= 3)
    kit = await kit.restart()
    const rest = await watchBulk()
    await kit.drain({ early: true })
    const all = [...seen, ...rest]
    assert.deepEqual([...new Set(all)].toSorted(), (await rows()).map((row) => row.id).toSorted())
  })

  it('repairs only what is missing when told so', async () => {
    const [, second] = await rows()
    await kit.store.delete(second!.medium_key!)
    const seen = await watchBulk()
    await kit.media.api.rerenderAll({ onlyMissing: true })
    await kit.drain()
    assert.deepEqual(seen, [second!.id])
    for (const key of shownKeys((await rows())[1]!)) assert.ok(await kit.store.stat(key), key)
  })

  it('leaves alone what was uploaded before the day it was told', async () => {
    const seen = await watchBulk()
    await kit.media.api.rerenderAll({ since: new Date(kit.clock.now() + 1000) })
    await kit.drain()
    assert.deepEqual(seen, [])
  })

  it('keeps the renditions of a medium that cannot be rendered any more, and does the others', async () => {
    const [first] = await rows()
    const before = await tokens()
    const seen = await watchBulk((id, render) =>
      id === first!.id ? Promise.reject(new MediaError('media.corrupt', 'a stricter decoder')) : render(),
    )
    await kit.media.api.rerenderAll({})
    await kit.drain()
    assert.equal(seen.length, ids.length)
    const now = await rows()
    assert.deepEqual([now[0]!.processing_status, now[0]!.token], ['ready', before[0]])
    assert.ok(now.slice(1).every((row, index) => row.token !== before[index + 1]))
  })

  it('never takes the place of a cut that was chosen meanwhile', async () => {
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    const wide = await createTusClient(kit.base, person.token).upload(
      await quadrants(800, 800).jpeg().toBuffer(),
    )
    await kit.share(person, [wide])
    await kit.drain()
    const { id } = await kit.mediaOf(wide)
    await watchBulk(async (mediaId, render) => {
      const made = await render()
      if (mediaId === id) await kit.database.transaction((tx) => kit.media.api.rerender(tx, id, { crop }))
      return made
    })
    await kit.media.api.rerenderAll({})
    await kit.drain()
    const row = await kit.mediaOf(wide)
    assert.deepEqual([row.width, row.revision, row.processing_status], [400, 2, 'ready'])
    await kit.drain({ early: true })
    const mine = (await kit.objects()).filter((key) => key.includes(`/${id}_`))
    assert.equal(mine.length, 4)
  })

  it('holds up no upload, however long it takes', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const seen = await watchBulk(async (_id, render) => {
      await held
      return await render()
    })
    await kit.media.api.rerenderAll({})
    await kit.jobs.startRunners()
    await until(() => seen.length > 0)
    try {
      const fresh = await createTusClient(kit.base, person.token).upload(picture)
      await kit.relay()
      await until(async () => (await kit.mediaOf(fresh)).processing_status === 'ready')
      assert.equal(seen.length, 1, 'the back-fill still stands at its first medium')
    } finally {
      release()
    }
    kit = await kit.restart()
  })
})

it('a film that is being prepared never holds up a back-fill, and the back-fill never a photograph', async () => {
  let begun = () => {}
  let end = () => {}
  const hasBegun = new Promise<void>((resolve) => (begun = resolve))
  const mayEnd = new Promise<void>((resolve) => (end = resolve))
  const order: string[] = []
  let photographMayEnd = Promise.resolve()
  const kit = await createMediaKit({
    // It comes only when nobody waits for a photograph, however long that takes.
    quiet: createQuiet({ calm: 20, longest: Number.POSITIVE_INFINITY }),
    wrapVideos: (videos) => ({
      ...videos,
      render: async (work, options) => {
        begun()
        await mayEnd
        return await videos.render(work, options)
      },
    }),
    wrapPool: (pool) => ({
      ...pool,
      render: async (request, options) => {
        order.push(options?.lane === 'bulk' ? 'back-fill' : 'photograph')
        if (options?.lane !== 'bulk') await photographMayEnd
        return await pool.render(request, options)
      },
    }),
  })
  try {
    const person = kit.newPerson()
    const tus = createTusClient(kit.base, person.token)
    const picture = await noise(100, 100).jpeg().toBuffer()
    const ids = [await tus.upload(picture), await tus.upload(picture)]
    await kit.share(person, ids)
    await kit.drain()
    const film = await tus.upload(await readFile(await writeGood('a landscape', kit.folder)))
    await kit.startRunners()
    await hasBegun

    order.length = 0
    let release = () => {}
    photographMayEnd = new Promise((resolve) => (release = resolve))
    const fresh = await tus.upload(picture)
    await until(() => order.length === 1)
    const old = await Promise.all(ids.map((id) => kit.mediaOf(id)))
    await kit.media.api.rerenderAll({})
    release()
    await until(async () => {
      const now = await Promise.all(ids.map((id) => kit.mediaOf(id)))
      return now.every((row, at) => row.token !== old[at]!.token)
    })
    assert.deepEqual(order.slice(0, 3), ['photograph', 'back-fill', 'back-fill'])
    assert.equal((await kit.mediaOf(fresh)).processing_status, 'ready')
    assert.equal((await kit.mediaOf(film)).processing_status, 'processing')
  } finally {
    end()
    await kit.close()
  }
})
