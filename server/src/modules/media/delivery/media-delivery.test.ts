import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { noise } from '../../../../test/corpus/drawn-pictures.ts'
import { MediaError } from '../child/media-error.ts'
import type { PresentedMedia } from '../media-api.ts'
import type { MediaRow } from '../media-tables.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient } from '../uploads/media-test-tus.ts'

const hour = 3_600_000

describe('an address', () => {
  let kit: MediaKit
  let picture: Buffer

  before(async () => {
    kit = await createMediaKit()
    picture = await noise(300, 300).jpeg().toBuffer()
  })
  after(() => kit.close())

  async function share(person: Person): Promise<MediaRow> {
    const id = await createTusClient(kit.base, person.token).upload(picture)
    await kit.share(person, [id])
    await kit.drain()
    return await kit.mediaOf(id)
  }

  function present(row: MediaRow, person: Person): PresentedMedia {
    const owner = { id: person.id, sightEpoch: person.account.sightEpoch }
    return kit.media.api.present(row, { isPublic: !person.account.isPrivate, owner, forOwner: true })
  }

  async function problemOf(path: string): Promise<[number, string]> {
    const response = await kit.fetch(path)
    const { code } = (await response.json()) as { code: string }
    assert.equal(response.headers.get('cache-control'), 'no-store')
    return [response.status, code]
  }

  it('of a public picture can be cached by anybody until it ends', async () => {
    const anna = kit.newPerson()
    const response = await kit.fetch(present(await share(anna), anna).largeUrl!)
    assert.equal(response.status, 200)
    const told = Object.fromEntries(response.headers)
    assert.equal(told['content-type'], 'image/webp')
    assert.match(told['cache-control']!, /^public, max-age=\d+, immutable$/)
    const maxAge = Number(/max-age=(\d+)/.exec(told['cache-control']!)![1])
    const now = new Date(kit.clock.now())
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1)
    assert.ok(Math.abs(kit.clock.now() + maxAge * 1000 - end) <= 1000)
    assert.equal(told['x-content-type-options'], 'nosniff')
    assert.equal(told['content-security-policy'], "sandbox; default-src 'none'")
    assert.equal(told['content-disposition'], undefined)
    assert.ok(told.etag && told['last-modified'])
  })

  it('of a private picture is kept by its viewer alone, an hour at most', async () => {
    const anna = kit.newPerson({ isPrivate: true })
    const response = await kit.fetch(present(await share(anna), anna).largeUrl!)
    assert.match(
      response.headers.get('cache-control')!,
      /^private, max-age=(\d{1,3}|[12]\d{3}|3[0-5]\d\d|3600)$/,
    )
    assert.equal(response.headers.get('cross-origin-resource-policy'), 'same-origin')
  })

  it('answers parts, conditions and HEAD', async () => {
    const anna = kit.newPerson()
    const { largeUrl } = present(await share(anna), anna)
    const whole = await kit.fetch(largeUrl!)
    const bytes = Buffer.from(await whole.arrayBuffer())
    const etag = whole.headers.get('etag')!
    const part = await kit.fetch(largeUrl!, { headers: { range: 'bytes=10-19' } })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), `bytes 10-19/${bytes.length}`)
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(10, 20))
    for (const [ifRange, status] of [
      ['"other"', 200],
      [`W/${etag}`, 200],
      ['Thu, 01 Jan 2026 00:00:00 GMT', 200],
      [etag, 206],
    ] as const) {
      const answer = await kit.fetch(largeUrl!, { headers: { range: 'bytes=10-19', 'if-range': ifRange } })
      assert.equal(answer.status, status, ifRange)
      await answer.arrayBuffer()
    }
    const last = await kit.fetch(largeUrl!, { headers: { range: 'bytes=-5' } })
    assert.deepEqual([last.status, Buffer.from(await last.arrayBuffer())], [206, bytes.subarray(-5)])
    const several = await kit.fetch(largeUrl!, { headers: { range: 'bytes=0-1,5-6' } })
    assert.deepEqual([several.status, (await several.arrayBuffer()).byteLength], [200, bytes.length])
    const beyond = await kit.fetch(largeUrl!, { headers: { range: `bytes=${bytes.length}-` } })
    assert.deepEqual([beyond.status, beyond.headers.get('cache-control')], [416, 'no-store'])
    assert.equal((await kit.fetch(largeUrl!, { headers: { 'if-none-match': `"x", W/${etag}` } })).status, 304)
    const since = whole.headers.get('last-modified')!
    assert.equal((await kit.fetch(largeUrl!, { headers: { 'if-modified-since': since } })).status, 304)
    const head = await kit.fetch(largeUrl!, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(bytes.length)])
    const headOfPart = await kit.fetch(largeUrl!, { method: 'HEAD', headers: { range: 'bytes=0-1' } })
    assert.deepEqual([headOfPart.status, headOfPart.headers.get('content-range')], [200, null])
    assert.equal(whole.headers.get('vary'), null, 'one address, one answer')
  })

  it('ends in time, and is refused when anything in it was changed', async () => {
    const anna = kit.newPerson()
    const row = await share(anna)
    const ben = kit.newPerson()
    const { originalUrl, largeUrl } = present(row, anna)
    assert.deepEqual(await problemOf(largeUrl!.replace(/_1080/, '_1081')), [404, 'media.not_found'])
    assert.deepEqual(await problemOf(largeUrl!.replace('/large/', '/medium/')), [403, 'media.address'])
    assert.deepEqual(await problemOf(largeUrl!.replace(anna.id, ben.id)), [403, 'media.address'])
    assert.deepEqual(await problemOf(largeUrl!.replace(/webp$/, 'webp/../../x')), [403, 'media.address'])
    const forged = kit.addresses.sign(row.large_key!, { id: ben.id, sightEpoch: 1 }, 'open')
    assert.deepEqual(await problemOf(forged), [404, 'media.not_found'])
    await kit.clock.advance(2 * hour)
    assert.deepEqual(await problemOf(originalUrl!), [403, 'media.address'])
    assert.equal((await kit.fetch(largeUrl!)).status, 200)
  })

  it('never leads to the master, even when it is signed', async () => {
    const anna = kit.newPerson()
    const row = await share(anna)
    for (const key of [row.master_key, `photos/../${row.master_key}`, '../secrets.json', 'photos//x', '']) {
      const response = await kit.fetch(kit.addresses.sign(key, { id: anna.id, sightEpoch: 1 }, 'limited'))
      assert.ok([403, 404].includes(response.status), key)
    }
  })

  it('handed out before an account went private is refused at once', async () => {
    const anna = kit.newPerson()
    const row = await share(anna)
    const before = present(row, anna)
    Object.assign(anna.account, { isPrivate: true, sightEpoch: 2 })
    assert.deepEqual(await problemOf(before.largeUrl!), [403, 'media.address'])
    assert.deepEqual(await problemOf(before.originalUrl!), [403, 'media.address'])
    const now = present(row, anna)
    assert.equal((await kit.fetch(now.largeUrl!)).status, 200)
    anna.account.state = 'suspended'
    assert.deepEqual(await problemOf(now.largeUrl!), [403, 'media.address'])
  })

  it('of a deleted picture is refused from the commit on, and its bytes go', async () => {
    const anna = kit.newPerson()
    const row = await share(anna)
    const view = present(row, anna)
    assert.equal((await kit.fetch(view.originalUrl!)).status, 200)
    await kit.database.transaction((tx) => kit.media.api.release(tx, [row.id]))
    assert.deepEqual(await problemOf(view.largeUrl!), [410, 'media.gone'])
    assert.deepEqual(await problemOf(view.originalUrl!), [410, 'media.gone'])
    await kit.drain()
    assert.deepEqual(
      (await kit.objects()).filter((key) => key.includes(row.id) || key.includes(row.upload_id)),
      [],
    )
    assert.equal(await kit.uploadRow(row.upload_id), undefined)
    assert.deepEqual(await problemOf(view.largeUrl!), [404, 'media.not_found'])
  })

  it('of the original never is an error of ours when it cannot be made just now', async () => {
    const anna = kit.newPerson()
    const row = await share(anna)
    const cases = [
      ['ENOSPC: no space left on device, write', 507, 'server.storage_full'],
      ['decoding process ended: SIGKILL', 503, 'server.unavailable'],
    ] as const
    for (const [detail, ...expected] of cases) {
      const original = () => Promise.reject(new MediaError('media.interrupted', detail))
      kit = await kit.restart({ wrapPool: (pool) => ({ ...pool, original }) })
      assert.deepEqual(await problemOf(present(row, anna).originalUrl!), expected)
    }
    kit = await kit.restart()
    assert.equal((await kit.fetch(present(row, anna).originalUrl!)).status, 200)
  })

  it('of the original makes it once, however many ask', async () => {
    const anna = kit.newPerson()
    let made = 0
    kit = await kit.restart({
      wrapPool: (pool) => ({
        ...pool,
        original: (request, options) => {
          made += 1
          return pool.original(request, options)
        },
      }),
    })
    const row = await share(anna)
    const { originalUrl } = present(row, anna)
    const answers = await Promise.all([1, 2, 3, 4].map(() => kit.fetch(originalUrl!)))
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [200, 200, 200, 200],
    )
    assert.equal(answers[0]?.headers.get('content-type'), 'image/jpeg')
    assert.match(answers[0]?.headers.get('cache-control') ?? '', /^private/)
    await Promise.all(answers.map((answer) => answer.arrayBuffer()))
    assert.equal((await kit.fetch(originalUrl!)).status, 200)
    assert.equal(made, 1)
  })
})
