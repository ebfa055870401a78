import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { limits } from '@heliograph/contract/limits'
import { bucketOf } from '#platform/ids/ids.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient, type TusAnswer, type TusClient } from './media-test-tus.ts'
import { waitingBytes } from './media-uploads.ts'

const hour = 3_600_000

describe('uploads', () => {
  let kit: MediaKit
  let anna: Person
  let tus: TusClient
  const bytes = randomBytes(300_000)

  before(async () => {
    kit = await createMediaKit()
    anna = kit.newPerson()
    tus = createTusClient(kit.base, anna.token)
  })
  after(() => kit.close())

  it('are made in the bucket of their owner, under an address that ends in the upload id', async () => {
    const { status, headers, id } = await tus.create(10)
    assert.equal(status, 201)
    assert.equal(headers.get('location'), `/api/uploads/${id}`)
    assert.equal(headers.get('tus-resumable'), '1.0.0')
    assert.equal(bucketOf(id), bucketOf(anna.id))
    const expires = Date.parse(headers.get('upload-expires') ?? '')
    assert.ok(
      Math.abs(expires - (kit.clock.now() + 24 * hour)) < 60_000,
      'a client is told for how long it may go on',
    )
  })

  it('go on at the byte where the connection was lost', async () => {
    const { id } = await tus.create(bytes.length)
    const file = join(kit.folder, 'uploads', id)
    const arrived = () => until(async () => (await stat(file).catch(() => null))?.size === 100_000)
    await tus.patchAndVanish(id, 0, bytes.subarray(0, 100_000), bytes.length, arrived)
    const { status, offset = -1, headers } = await tus.head(id)
    assert.equal(status, 200)
    assert.equal(offset, 100_000)
    assert.equal(headers.get('upload-length'), String(bytes.length))
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal((await tus.patch(id, offset, bytes.subarray(offset))).status, 204)
    const { master_key: key } = await kit.mediaOf(id)
    assert.deepEqual(await bytesOf(kit, key), bytes)
  })

  it('can send their first bytes with their creation', async () => {
    const created = await tus.create(bytes.length, { body: bytes.subarray(0, 1000) })
    assert.deepEqual([created.status, created.offset], [201, 1000])
    assert.equal((await tus.patch(created.id, 1000, bytes.subarray(1000))).status, 204)
    const whole = await tus.create(5, { body: bytes.subarray(0, 5) })
    assert.equal((await kit.uploadRow(whole.id))?.state, 'complete')
  })

  it('refuse bytes for another position, and keep what they have', async () => {
    const { id } = await tus.create(100)
    await tus.patch(id, 0, bytes.subarray(0, 50))
    for (const offset of [0, 49, 51, 100]) {
      const answer = await tus.patch(id, offset, bytes.subarray(0, 10))
      assert.deepEqual([answer.status, answer.problem?.code], [409, 'upload.offset'])
    }
    assert.equal((await tus.head(id)).offset, 50)
  })

  it('never mix the bytes of two requests at once', async () => {
    const { id } = await tus.create(bytes.length)
    const other = Buffer.alloc(bytes.length, 1)
    const answers = await Promise.all([tus.patch(id, 0, bytes), tus.patch(id, 0, other)])
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [204, 409])
    const kept = await bytesOf(kit, (await kit.mediaOf(id)).master_key)
    const winner = answers[0]?.status === 204 ? bytes : other
    assert.ok(kept.equals(winner))
  })

  it('let a client that came back take over from its own ghost', async () => {
    const { id } = await tus.create(bytes.length)
    const ghost = fetch(new URL(`/api/uploads/${id}`, kit.base), {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${anna.token}`,
        'tus-resumable': '1.0.0',
        'content-type': 'application/offset+octet-stream',
        'upload-offset': '0',
      },
      body: new ReadableStream({ start: (stream) => stream.enqueue(bytes.subarray(0, 4000)) }),
      duplex: 'half',
    } as RequestInit)
    const file = join(kit.folder, 'uploads', id)
    await until(async () => (await stat(file).catch(() => null))?.size === 4000)
    const { offset } = await tus.head(id)
    assert.equal(offset, 4000)
    assert.equal((await tus.patch(id, 4000, bytes.subarray(4000))).status, 204)
    assert.equal((await ghost).headers.get('upload-offset'), '4000')
  })

  it('of others are not there: not to look at, not to add to', async () => {
    const { id } = await tus.create(100)
    const stranger = createTusClient(kit.base, kit.newPerson().token)
    assert.equal((await stranger.head(id)).status, 404)
    const answer = await stranger.patch(id, 0, bytes.subarray(0, 10))
    assert.deepEqual([answer.status, answer.problem?.code], [404, 'upload.not_found'])
    for (const odd of ['1', '99999999999999999999', 'abc', '..%2F..%2Fetc', '0', '9223372036854775808']) {
      assert.equal((await tus.head(odd)).status, 404, odd)
    }
    const nobody = createTusClient(kit.base, undefined)
    for (const refused of [await nobody.create(10), await nobody.patch(id, 0, bytes.subarray(0, 1))]) {
      assert.deepEqual([refused.status, refused.problem?.code], [401, 'auth.required'])
    }
    assert.equal((await nobody.head(id)).status, 401)
  })

  it('are not read back nor taken away', async () => {
    const id = await tus.upload(bytes.subarray(0, 100))
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const headers = { authorization: `Bearer ${anna.token}`, 'tus-resumable': '1.0.0' }
      const response = await kit.fetch(`/api/uploads/${id}`, { method, headers })
      assert.equal(response.status, 405, method)
      assert.doesNotMatch(await response.text(), /^\0/)
    }
    assert.equal((await tus.head(id)).offset, 100)
  })

  it('say what they speak', async () => {
    const response = await kit.fetch('/api/uploads', { method: 'OPTIONS' })
    assert.equal(response.status, 204)
    assert.equal(response.headers.get('tus-version'), '1.0.0')
    assert.equal(response.headers.get('tus-extension'), 'checksum,creation,creation-with-upload,expiration')
    assert.equal(response.headers.get('tus-checksum-algorithm'), 'sha1,sha256')
    assert.equal(response.headers.get('access-control-allow-origin'), null)
  })

  it('larger than their purpose allows are refused before a byte is sent', async () => {
    const photo = await tus.create(limits.photoBytes + 1)
    assert.deepEqual([photo.status, photo.problem?.code], [413, 'upload.too_large'])
    assert.match(photo.problem?.detail ?? '', /at most \d+ bytes/)
    const avatar = await tus.create(limits.avatarBytes + 1, { purpose: 'avatar' })
    assert.deepEqual([avatar.status, avatar.problem?.code], [413, 'upload.too_large'])
    assert.equal((await tus.create(limits.avatarBytes + 1, { purpose: 'media' })).status, 201)
  })

  it('never hoard the disk: one person declares so much and no more', async () => {
    const hoarder = kit.newPerson()
    const hoard = createTusClient(kit.base, hoarder.token)
    const fitting = Math.floor(waitingBytes(limits.photoBytes) / limits.photoBytes)
    for (let i = 0; i < fitting; i += 1) assert.equal((await hoard.create(limits.photoBytes)).status, 201)
    const refused = await hoard.create(limits.photoBytes)
    assert.deepEqual([refused.status, refused.problem?.code], [413, 'upload.quota'])
    const other = createTusClient(kit.base, kit.newPerson().token)
    assert.equal((await other.create(limits.photoBytes)).status, 201)
  })

  it('never are refused for what one post may be made of', () => {
    for (const videoBytes of [50e6, 2 ** 30, 2 ** 42])
      assert.ok(waitingBytes(videoBytes) >= limits.mediaPerPost * videoBytes)
  })

  it('that are refused still let the client read why, however much it is sending', async () => {
    const much = Buffer.alloc(6_000_000)
    const stranger = createTusClient(kit.base, kit.newPerson().token)
    const { id } = await tus.create(much.length)
    const cases: [string, () => Promise<TusAnswer>][] = [
      ['upload.not_found', () => stranger.patch(id, 0, much)],
      ['upload.offset', () => tus.patch(id, 7, much)],
      ['upload.too_large', () => tus.create(limits.photoBytes + 1, { body: much })],
      ['upload.length_changed', () => tus.create(much.length - 1, { body: much })],
      ['auth.required', () => createTusClient(kit.base, undefined).patch(id, 0, much)],
    ]
    for (const [code, answer] of cases) assert.equal((await answer()).problem?.code, code)
    assert.equal((await tus.patch(id, 0, much)).status, 204)
  })

  it('that are refused never leave a client waiting that sends all of it before it reads', {
    timeout: 30_000,
  }, async () => {
    const much = Buffer.alloc(30_000_000)
    const { token } = kit.newPerson()
    const { id } = await createTusClient(kit.base, token).create(much.length)
    const headers = {
      authorization: `Bearer ${token}`,
      'tus-resumable': '1.0.0',
      'upload-offset': '7',
      'content-type': 'application/offset+octet-stream',
      'content-length': String(much.length),
    }
    const call = request(new URL(`/api/uploads/${id}`, kit.base), { method: 'PATCH', headers })
    const [[answer]] = await Promise.all([once(call, 'response'), once(call.end(much), 'finish')])
    assert.equal(answer.resume().statusCode, 409)
  })

  it('of a file that grew meanwhile end with a clear error', async () => {
    const { id } = await tus.create(100)
    const grown = await tus.patch(id, 0, bytes.subarray(0, 101))
    assert.deepEqual([grown.status, grown.problem?.code], [409, 'upload.length_changed'])
    const chunked = await kit.fetch(`/api/uploads/${id}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${anna.token}`,
        'tus-resumable': '1.0.0',
        'content-type': 'application/offset+octet-stream',
        'upload-offset': '0',
      },
      body: new Blob([bytes.subarray(0, 101)]).stream(),
      duplex: 'half',
    } as RequestInit)
    assert.equal(chunked.status, 409)
    assert.equal((await kit.uploadRow(id))?.state, 'uploading')
    const other = await tus.patch(id, 0, bytes.subarray(0, 50), { 'upload-length': '50' })
    assert.deepEqual([other.status, other.problem?.code], [409, 'upload.length_changed'])
  })

  it('of a file that shrank meanwhile end with a clear error', async () => {
    const { id } = await tus.create(100)
    await tus.patch(id, 0, bytes.subarray(0, 60))
    const rest = await tus.patch(id, 60, new Uint8Array(0))
    assert.deepEqual([rest.status, rest.problem?.code], [409, 'upload.length_changed'])
  })

  it('of nothing end as failed, not as a picture that never comes', async () => {
    const { status, id } = await tus.create(0)
    assert.equal(status, 201)
    const row = await kit.mediaOf(id)
    assert.deepEqual([row.processing_status, row.failure_code], ['failed', 'media.empty'])
    const [shared] = await kit.share(anna, [id])
    assert.deepEqual(kit.media.api.stateOf([shared!]), { status: 'failed', code: 'media.empty' })
  })

  it('of nothing fail again when they are tried again', async () => {
    const { id } = await tus.create(0)
    const [row] = await kit.share(anna, [id])
    await kit.database.transaction((tx) => kit.media.api.retry(tx, [row!.id]))
    await kit.drain()
    const { processing_status: status, failure_code: code } = await kit.mediaOf(id)
    assert.deepEqual([status, code], ['failed', 'media.empty'])
    assert.equal(await kit.countEvents('media.failed', row!.id), 2)
  })

  it('answer requests that are not tus with a problem and a plain status', async () => {
    const { id } = await tus.create(100)
    const piece = bytes.subarray(0, 10)
    const cases: [string, number, () => Promise<TusAnswer>][] = [
      ['upload.version', 412, () => tus.patch(id, 0, piece, { 'tus-resumable': '0.2.2' })],
      ['upload.protocol', 400, () => tus.patch(id, 0, piece, { 'content-type': 'image/jpeg' })],
      ['upload.protocol', 400, () => tus.patch(id, 0, piece, { 'upload-offset': '-1' })],
      ['upload.protocol', 400, () => tus.create('ten')],
      ['upload.protocol', 400, () => tus.create(10, { metadata: 'purpose ***' })],
      ['upload.protocol', 400, () => tus.create(10, { purpose: 'evil' })],
      ['upload.protocol', 400, () => tus.create(10, { headers: { 'upload-defer-length': '1' } })],
      ['upload.protocol', 400, () => tus.create(10, { headers: { 'upload-concat': 'partial' } })],
    ]
    for (const [code, status, answer] of cases) {
      const { status: given, problem } = await answer()
      assert.deepEqual([given, problem?.code], [status, code])
    }
  })

  it('forget the name of the file', async () => {
    const name = Buffer.from('Anna at the doctor.jpg').toString('base64')
    const { id } = await tus.create(100, { metadata: `filename ${name},filetype aW1hZ2UvanBlZw==` })
    const row = JSON.stringify(await kit.uploadRow(id))
    assert.doesNotMatch(row, /doctor/)
    assert.doesNotMatch((await tus.head(id)).headers.get('upload-metadata') ?? '', new RegExp(name))
  })

  it('are removed when nobody used them for a day: rows, bytes and pictures', async () => {
    const half = (await tus.create(100)).id
    await tus.patch(half, 0, bytes.subarray(0, 50))
    const whole = await tus.upload(bytes.subarray(0, 100))
    const kept = await tus.upload(bytes.subarray(0, 100))
    await kit.share(anna, [kept])
    const medium = await kit.mediaOf(whole)
    await kit.clock.advance(25 * hour)
    assert.equal((await tus.head(half)).status, 410)
    await assert.rejects(kit.share(anna, [whole]), { code: 'upload.expired' })
    await kit.runTask('media.expire_uploads')
    await kit.drain()
    assert.equal(await kit.uploadRow(half), undefined)
    assert.equal(await kit.uploadRow(whole), undefined)
    assert.equal((await kit.uploadRow(kept))?.state, 'attached')
    const left = await kit.objects()
    assert.ok(!left.includes(medium.master_key))
    assert.ok(left.includes((await kit.mediaOf(kept)).master_key))
    assert.ok(!(await readdir(join(kit.folder, 'uploads'))).includes(half))
  })
})

async function bytesOf(kit: MediaKit, key: string): Promise<Buffer> {
  const object = await kit.store.open(key)
  assert.ok(object, 'the object is in the store')
  return Buffer.concat(await object.stream.toArray())
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}
