import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { renditions } from '@heliograph/contract/limits'
import sharp from 'sharp'
import { pngBomb, svgWithScript, textFile } from '../../../test/corpus/bombs.ts'
import { dressJpeg, dressPng, dressWebp } from '../../../test/corpus/camera-files.ts'
import { foundMarks } from '../../../test/corpus/camera-metadata.ts'
import { cornersOf, isNear, noise, quadrantColours, quadrants } from '../../../test/corpus/drawn-pictures.ts'
import { createMediaKit, type MediaKit, type Person } from './media-test-kit.ts'
import { createTusClient, type TusClient } from './uploads/media-test-tus.ts'

const corpus = (name: string) => readFileSync(new URL(`../../../test/corpus/files/${name}`, import.meta.url))

describe('a shared picture', () => {
  let kit: MediaKit
  let anna: Person
  let tus: TusClient

  before(async () => {
    kit = await createMediaKit()
    anna = kit.newPerson()
    tus = createTusClient(kit.base, anna.token)
  })
  after(() => kit.close())

  async function shared(bytes: Buffer, metadata?: string) {
    const id = await tus.upload(bytes, metadata ? { metadata } : {})
    await kit.share(anna, [id])
    await kit.drain({ early: true })
    const row = await kit.mediaOf(id)
    const owner = { id: anna.id, sightEpoch: anna.account.sightEpoch }
    return { row, view: kit.media.api.present(row, { isPublic: true, owner, forOwner: true }) }
  }

  async function bytesAt(address: string | null | undefined): Promise<Buffer> {
    const response = await kit.fetch(address!)
    assert.equal(response.status, 200)
    return Buffer.from(await response.arrayBuffer())
  }

  it('never shows where it was taken or with what: not in renditions, not in the original', async () => {
    const jpeg = await quadrants(1600, 1200).jpeg({ quality: 92 }).toBuffer()
    const png = await quadrants(1600, 1200).png().toBuffer()
    const webp = await quadrants(1600, 1200).withIccProfile('p3').webp().toBuffer()
    const masters = {
      jpeg: dressJpeg(jpeg, { trailers: ['gainMap', 'film'] }),
      png: dressPng(png),
      webp: dressWebp(webp),
      heic: corpus('photograph.heic'),
    }
    for (const [format, master] of Object.entries(masters)) {
      assert.notDeepEqual(foundMarks(master), [], `the ${format} master has something to hide`)
      const { row, view } = await shared(master)
      assert.equal(row.processing_status, 'ready', format)
      assert.equal(row.format, format)
      for (const url of [
        view.thumbnailUrl,
        view.mediumUrl,
        view.largeUrl,
        view.fallbackUrl,
        view.originalUrl,
      ]) {
        assert.deepEqual(foundMarks(await bytesAt(url)), [], `${format} ${url}`)
      }
      assert.ok(row.exif?.gps || format === 'webp' || row.exif, 'what the owner may know is kept')
      assert.doesNotMatch(JSON.stringify(view), /gps|latitude|MARK/i)
    }
  })

  it('is upright, in the sizes and within the bytes that were promised', async () => {
    const sideways = await quadrants(1200, 1600).rotate(-90).jpeg().toBuffer()
    const { row, view } = await shared(dressJpeg(sideways, { orientation: 6 }))
    assert.deepEqual([row.source_width, row.source_height], [1200, 1600])
    assert.deepEqual([view.width, view.height], [1080, 1350])
    for (const [name, url] of [
      ['thumbnail', view.thumbnailUrl],
      ['medium', view.mediumUrl],
      ['large', view.largeUrl],
      ['fallback', view.fallbackUrl],
    ] as const) {
      const bytes = await bytesAt(url)
      assert.ok(bytes.length <= renditions[name].maxBytes)
      const { width, format } = await sharp(bytes).metadata()
      assert.deepEqual([width, format], [renditions[name].width, name === 'fallback' ? 'jpeg' : 'webp'])
      if (name === 'thumbnail') continue
      const corners = await cornersOf(bytes)
      assert.ok(isNear(corners.topLeft, quadrantColours.topLeft), name)
      assert.ok(isNear(corners.bottomRight, quadrantColours.bottomRight), name)
    }
    assert.match(view.largeUrl!, /\/photos\/\d{4}\/\d\d\/\d\d\/large\/\d+_[0-9a-f]+_1080\.webp$/)
    assert.ok(view.thumbhash)
  })

  it('of every kind that the capabilities promise is ready, and of no other', async () => {
    const drawn = () => quadrants(320, 320)
    const samples: Record<string, Buffer> = {
      'image/jpeg': await drawn().jpeg().toBuffer(),
      'image/png': await drawn().png().toBuffer(),
      'image/webp': await drawn().webp().toBuffer(),
      'image/avif': await drawn().avif({ effort: 0 }).toBuffer(),
      'image/gif': await drawn().gif().toBuffer(),
      'image/heic': corpus('quadrants.heic'),
      'image/tiff': await drawn().tiff().toBuffer(),
    }
    const told = await kit.media.api.capabilities()
    for (const [type, bytes] of Object.entries(samples)) {
      const wanted = told.photo.formats.includes(type) ? 'ready' : 'failed'
      assert.equal((await shared(bytes)).row.processing_status, wanted, type)
    }
    assert.deepEqual(
      told.photo.formats.filter((type) => !samples[type]),
      [],
      'each promise is tried here',
    )
  })

  it('is known by its content, whatever its name says', async () => {
    const name = Buffer.from('holiday.jpg').toString('base64')
    const type = Buffer.from('image/jpeg').toString('base64')
    const { row } = await shared(corpus('quadrants.heic'), `filename ${name},filetype ${type}`)
    assert.deepEqual([row.processing_status, row.format], ['ready', 'heic'])
  })

  it('fails with a reason when it is none', async () => {
    const jpeg = await noise(800, 600).jpeg().toBuffer()
    const cases: [string, Buffer, string][] = [
      ['a text', textFile, 'media.unsupported_format'],
      ['an SVG with a script', svgWithScript, 'media.unsupported_format'],
      ['a truncated JPEG', jpeg.subarray(0, jpeg.length / 3), 'media.corrupt'],
      ['900 megapixels', pngBomb(30_000, 30_000), 'media.too_many_pixels'],
    ]
    for (const [what, bytes, code] of cases) {
      const { row, view } = await shared(bytes)
      assert.deepEqual([row.processing_status, row.failure_code], ['failed', code], what)
      assert.equal(row.attempts, 1, 'what cannot succeed is tried once')
      assert.equal(view.largeUrl, null)
      assert.deepEqual(kit.media.api.stateOf([row]), { status: 'failed', code })
    }
    const { row } = await shared(jpeg)
    assert.equal(row.processing_status, 'ready', 'the next picture does not suffer')
  })

  it('can be tried once more after a failure', async () => {
    const broken = (await noise(300, 300).jpeg().toBuffer()).subarray(0, 2000)
    const { row } = await shared(broken)
    await kit.database.transaction((tx) => kit.media.api.retry(tx, [row.id]))
    const again = await kit.mediaOf(row.upload_id)
    assert.deepEqual([again.processing_status, again.revision, again.attempts], ['processing', 2, 0])
    await kit.drain({ early: true })
    assert.equal((await kit.mediaOf(row.upload_id)).failure_code, 'media.corrupt')
    assert.equal(await kit.countEvents('media.failed', row.id), 2)
  })

  it('shows the old cut until the new one is ready, and then nothing of the old one', async () => {
    const { row, view } = await shared(await quadrants(1600, 1600).jpeg().toBuffer())
    const topLeft = { x: 0, y: 0, width: 0.5, height: 0.5 }
    await kit.database.transaction((tx) => kit.media.api.rerender(tx, row.id, { crop: topLeft }))
    assert.equal((await kit.fetch(view.largeUrl!)).status, 200)
    await kit.drain()
    const after = await kit.mediaOf(row.upload_id)
    assert.deepEqual([after.processing_status, after.revision, after.width], ['ready', 2, 800])
    assert.equal((await kit.fetch(view.largeUrl!)).status, 404)
    const { topRight } = await cornersOf(await bytesOfKey(kit, after.large_key!))
    assert.ok(isNear(topRight, quadrantColours.topLeft), 'all of it is the chosen part')
    await kit.drain({ early: true })
    const mine = (await kit.objects()).filter((key) => key.includes(`/${row.id}_`))
    assert.equal(mine.length, 4, `the old renditions are gone: ${mine}`)
    await kit.database.transaction((tx) => kit.media.api.rerender(tx, row.id, { crop: topLeft }))
    assert.equal((await kit.mediaOf(row.upload_id)).revision, 2, 'the same cut is no change')
  })

  it('is cut as wished from the first moment on', async () => {
    const id = await tus.upload(await quadrants(1000, 1000).jpeg().toBuffer())
    await kit.drain()
    const crop = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 }
    const claim = {
      ownerId: anna.id,
      purpose: 'media' as const,
      postId: anna.id,
      items: [{ uploadId: id, crop }],
    }
    const [claimed] = await kit.database.transaction((tx) => kit.media.api.claimUploads(tx, claim))
    assert.equal(claimed?.processing_status, 'processing', 'the uncut picture is not what was shared')
    await kit.drain()
    const row = await kit.mediaOf(id)
    assert.deepEqual([row.processing_status, row.width, row.crop], ['ready', 500, crop])
  })

  it('is not made ready by a rendering that was overtaken', async () => {
    const id = await tus.upload(await quadrants(800, 800).jpeg().toBuffer())
    const { id: mediaId } = await kit.mediaOf(id)
    let overtaken = false
    kit = await kit.restart({
      wrapPool: (pool) => ({
        ...pool,
        render: async (request, options) => {
          const result = await pool.render(request, options)
          if (!overtaken) {
            overtaken = true
            const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
            await kit.database.transaction((tx) => kit.media.api.rerender(tx, mediaId, { crop }))
          }
          return result
        },
      }),
    })
    tus = createTusClient(kit.base, anna.token)
    await kit.drain({ early: true })
    const row = await kit.mediaOf(id)
    assert.deepEqual([row.processing_status, row.revision, row.width], ['ready', 2, 400])
    assert.equal(await kit.countEvents('media.ready', mediaId), 1)
    const mine = (await kit.objects()).filter((key) => key.includes(`/${mediaId}_`))
    assert.equal(mine.length, 4, 'what the overtaken attempt wrote is gone')
  })

  it('20 at once: each is ready once, and none waits for locks', async () => {
    const people = Array.from({ length: 20 }, () => kit.newPerson())
    const picture = await noise(200, 200).jpeg().toBuffer()
    const ids = await Promise.all(
      people.map((one) => createTusClient(kit.base, one.token).upload(picture, { piece: 9000 })),
    )
    await Promise.all(ids.map((id, at) => kit.share(people[at]!, [id])))
    await kit.drain({ early: true })
    for (const id of ids) {
      const row = await kit.mediaOf(id)
      assert.equal(row.processing_status, 'ready')
      assert.equal(await kit.countEvents('media.ready', row.id), 1)
    }
    assert.ok((await kit.jobs.depth()).every((lane) => lane.waiting === 0))
  })
})

async function bytesOfKey(kit: MediaKit, key: string): Promise<Buffer> {
  const object = await kit.store.open(key)
  return Buffer.concat(await object!.stream.toArray())
}
