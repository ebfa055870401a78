import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Post } from '@heliograph/contract/posts'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import { createProgram } from '../src/cli/program.ts'
import { noise } from './corpus/drawn-pictures.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { createTestDatabase, type TestDatabase } from './helpers/database.ts'
import { buildPerson, type Person } from './helpers/factories.ts'
import { type Swift, startSwift, withoutSwift } from './helpers/swift.ts'

// The whole server with its objects in S3: what people see, what the operator sees, and what happens when it is away.

describe('a server with its objects in S3', { skip: withoutSwift }, () => {
  let swift: Swift
  let database: TestDatabase
  let folder: string
  let app: TestApp
  let ana: Person
  let picture: Buffer

  before(async () => {
    swift = await startSwift(['h-media', 'h-stories', 'h-exports'])
    database = await createTestDatabase()
    folder = await mkdtemp(join(tmpdir(), 'heliograph-objects-'))
    picture = await noise(700, 500).jpeg().toBuffer()
    app = await start()
    ana = await buildPerson(app.client, { username: 'ana' })
  })
  after(async () => {
    await app[Symbol.asyncDispose]()
    await database.drop()
    await swift.close()
    await rm(folder, { recursive: true, force: true })
  })

  function settings(): Record<string, string> {
    return {
      S3_ENDPOINT: swift.endpoint,
      S3_ACCESS_KEY_ID: swift.accessKeyId,
      S3_SECRET_ACCESS_KEY: swift.secretAccessKey,
      S3_BUCKET_MEDIA: 'h-media',
      S3_BUCKET_STORIES: 'h-stories',
      S3_BUCKET_EXPORTS: 'h-exports',
    }
  }
  const start = (env: Record<string, string> = settings()) =>
    createTestApp({ env: { DATABASE_URL: database.url, HELIOGRAPH_DATA: folder, ...env } })
  async function restart(env?: Record<string, string>): Promise<void> {
    await app[Symbol.asyncDispose]()
    app = await start(env)
    await app.storeHomes.note()
    ana = { ...ana, ...(await app.client.signIn('ana', ana.password)) }
  }
  const command = async (...args: string[]) => {
    let printed = ''
    const program = createProgram({
      environment: {},
      write: (text) => {
        printed += text
      },
      withApp: (work) => work(app),
    })
    await program.parseAsync(['node', 'heliograph', '--json', ...args])
    return JSON.parse(printed) as Record<string, unknown>[]
  }
  async function share(): Promise<Post> {
    const uploadId = await ana.upload(picture)
    const post = await ana.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await app.settle()
    return await read(post.id)
  }
  const read = (id: string) => ana.call('GET /api/posts/:id', { params: { id } })
  const get = (path: string | null | undefined, init?: RequestInit) => fetch(`${app.url}${path}`, init)
  /** The sweep that looks for what has waited for a while. */
  async function sweep(): Promise<void> {
    const longAgo = new Date(Date.now() - 3_600_000)
    await app.database.main
      .updateTable('media')
      .set({ created_at: longAgo })
      .where('processing_status', '=', 'processing')
      .execute()
    await app.jobs.enqueue('media.rescue', {})
    await app.jobs.drain({ early: true })
    await app.settle()
  }
  const objectsOf = async (post: Post, store: BlobStore) => {
    const found: string[] = []
    for await (const { key } of store.list('photos/')) if (key.includes(post.media[0]!.id)) found.push(key)
    return found
  }

  test('shows pictures in parts, by condition and by HEAD, as from a folder', async () => {
    const { media, status } = await share()
    assert.equal(status, 'ready')
    const url = media[0]?.largeUrl
    const whole = await get(url)
    const bytes = Buffer.from(await whole.arrayBuffer())
    assert.equal(whole.headers.get('content-type'), 'image/webp')
    const part = await get(url, { headers: { range: 'bytes=5-14' } })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), `bytes 5-14/${bytes.length}`)
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(5, 15))
    const etag = whole.headers.get('etag')!
    assert.equal((await get(url, { headers: { 'if-none-match': etag } })).status, 304)
    const head = await get(url, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(bytes.length)])
    assert.equal((await get(media[0]?.originalUrl)).status, 200)
  })

  test('never lets anybody else read the bucket', async () => {
    const { media } = await share()
    const [key] = await objectsOf(await read((await share()).id), app.stores.media)
    assert.ok(key && media.length === 1)
    const answer = await fetch(`${swift.endpoint}/h-media/${key}`)
    assert.ok(answer.status >= 400, String(answer.status))
    assert.doesNotMatch(answer.headers.get('content-type') ?? '', /image/)
  })

  test('never keeps what was deleted, and accounts for the rest to the byte', async () => {
    const post = await share()
    await ana.call('DELETE /api/posts/:id', { params: { id: post.id } })
    await app.settle()
    await app.jobs.drain({ early: true })
    assert.ok([404, 410].includes((await get(post.media[0]?.largeUrl)).status))
    assert.deepEqual(await objectsOf(post, app.stores.media), [])
    const { stored, kept } = await app.modules.media.api.storage.usage()
    const bytes = (rows: { bytes: number }[]) => rows.reduce((sum, row) => sum + row.bytes, 0)
    assert.equal(bytes(stored), bytes(kept))
    assert.equal((await ana.call('GET /api/me/storage')).usedBytes, bytes(stored))
  })

  test('never shows a post before all its renditions are in the store, and loses none while it is away', async () => {
    const before = await share()
    const uploadId = await ana.upload(picture)
    const { id } = await ana.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await swift.killProxy()
    await app.settle()
    assert.equal((await read(id)).status, 'processing')
    const away = await get(before.media[0]?.largeUrl)
    assert.equal(away.status, 503)
    assert.ok(Number(away.headers.get('retry-after')) > 0)
    assert.equal(((await away.json()) as { code: string }).code, 'server.unavailable')
    const ready = await get('/readyz')
    assert.equal(ready.status, 503)
    const { checks } = (await ready.json()) as { checks: Record<string, { ok: boolean }> }
    assert.deepEqual([checks['blobs.media']?.ok, checks.database?.ok], [false, true])
    // Further tries change nothing.
    await app.jobs.drain({ early: true })
    assert.equal((await read(id)).status, 'processing')

    await swift.startProxy()
    await sweep()
    const post = await read(id)
    assert.equal(post.status, 'ready')
    assert.equal((await objectsOf(post, app.stores.media)).length, 4)
    assert.equal((await get(post.media[0]?.largeUrl)).status, 200)
    assert.equal((await get(before.media[0]?.largeUrl)).status, 200)
  })

  test('never loses an upload whose last byte came while the store was away', async () => {
    const headers = { authorization: `Bearer ${ana.token}`, 'tus-resumable': '1.0.0' }
    const created = await get('/api/uploads', {
      method: 'POST',
      headers: { ...headers, 'upload-length': String(picture.length) },
    })
    const path = created.headers.get('location')!
    await swift.killProxy()
    const type = { 'content-type': 'application/offset+octet-stream' }
    const patch = { method: 'PATCH', headers: { ...headers, ...type, 'upload-offset': '0' } }
    const refused = await get(path, { ...patch, body: new Uint8Array(picture) })
    assert.equal(refused.status, 503)
    assert.ok(refused.headers.get('retry-after'))
    await swift.startProxy()
    const head = await get(path, { method: 'HEAD', headers })
    assert.equal(head.headers.get('upload-offset'), String(picture.length))
    const uploadId = path.slice(path.lastIndexOf('/') + 1)
    const { id } = await ana.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await app.settle()
    assert.equal((await read(id)).status, 'ready')
  })

  test('is left for the folder and entered again while people go on', async () => {
    const inS3 = await share()
    await assert.rejects(command('storage', 'move', '--to', 'folder'), /STORAGE_HOME=folder/)
    await restart({ ...settings(), STORAGE_HOME: 'folder' })
    const inFolder = await share()
    const { folder: home, s3 } = app.stores.placesOf('media')
    assert.equal((await objectsOf(inFolder, home)).length, 4)
    assert.equal((await get((await read(inS3.id)).media[0]?.largeUrl)).status, 200)

    const doomed = await share()
    const work = Promise.all([
      command('storage', 'move', '--to', 'folder'),
      share(),
      ana.call('DELETE /api/posts/:id', { params: { id: doomed.id } }).then(() => app.settle()),
    ])
    await work
    for await (const { key } of s3!.list('')) assert.fail(`${key} is left behind`)
    assert.equal((await get((await read(inS3.id)).media[0]?.largeUrl)).status, 200)
    assert.deepEqual(await objectsOf(doomed, app.stores.media), [])
    await command('storage', 'verify', '--deep')

    await restart()
    const moved = await command('storage', 'move', '--to', 's3')
    assert.ok(Number(moved[0]?.objects) >= 10)
    for await (const { key } of home.list('')) assert.fail(`${key} is left behind`)
    for (const post of [inS3, inFolder])
      assert.equal((await get((await read(post.id)).media[0]?.largeUrl)).status, 200)
    await command('storage', 'verify', '--deep')
  })

  test('never starts with a bucket or keys that are wrong, nor without S3 once objects are there', async () => {
    const bad = { name: 'StoreSetupError' }
    await assert.rejects(start({ ...settings(), S3_BUCKET_STORIES: 'h-nothing' }), {
      ...bad,
      message: /^S3_BUCKET_STORIES=h-nothing/,
    })
    await assert.rejects(start({ ...settings(), S3_SECRET_ACCESS_KEY: 'x' }), {
      ...bad,
      message: /S3_SECRET_ACCESS_KEY/,
    })
    await assert.rejects(start({}), { ...bad, message: /S3_… settings are missing/ })
  })

  test('ends with one sentence when it cannot start, and never stands still', async () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
    const given = { DATABASE_URL: database.url, HELIOGRAPH_DATA: join(folder, 'other'), PORT: '0' }
    for (const [change, sentence] of [
      [{ ...settings(), S3_BUCKET_MEDIA: 'h-nothing' }, /^S3_BUCKET_MEDIA=h-nothing: .*\n$/],
      [{}, /^Objects of this server were put into S3, .*\n$/],
    ] as const) {
      const env = { ...process.env, LOG_LEVEL: 'fatal', ...given, ...change }
      const ended = promisify(execFile)(process.execPath, [main], { env, timeout: 60_000 })
      const { code, stdout } = (await ended.catch((error: unknown) => error)) as {
        code: number
        stdout: string
      }
      assert.equal(code, 78)
      assert.match(stdout, sentence)
    }
  })

  test('never takes an upload that this machine has no room to gather, and goes on reading', async () => {
    const post = await share()
    await restart({ ...settings(), DISK_RESERVE_MB: '10000000' })
    await assert.rejects(ana.upload(picture), { code: 'server.storage_full' })
    assert.equal((await get((await read(post.id)).media[0]?.largeUrl)).status, 200)
  })

  test('starts while the store is away, and shows it', async () => {
    await swift.killProxy()
    await restart()
    assert.equal((await get('/readyz')).status, 503)
    await swift.startProxy()
    // Findings are kept for a second.
    while ((await get('/readyz')).status !== 200) await sleep(200)
  })

  test('is seen from its copy while the store is away, and mended from it when bytes have changed', async () => {
    await restart({ ...settings(), REPLICA_FOLDER: join(folder, 'copy') })
    const { media } = await share()
    const bytes = Buffer.from(await (await get(media[0]?.mediumUrl)).arrayBuffer())
    await command('storage', 'repair')
    await command('storage', 'verify', '--replica', '--deep')

    await swift.killProxy()
    for (let i = 0; i < 5; i++) {
      const answer = await get(media[0]?.mediumUrl)
      assert.equal(answer.status, 200)
      assert.ok(bytes.equals(Buffer.from(await answer.arrayBuffer())))
    }
    const { checks } = (await (await get('/readyz')).json()) as { checks: Record<string, object> }
    assert.deepEqual(checks.replica, { ok: true, isThere: true, waiting: 0, oldestSeconds: 0, lost: 0 })
    await swift.startProxy()

    await swift.corrupt(bytes)
    await assert.rejects(command('storage', 'verify', '--deep'), /1 objects are not as they should be/)
    const repaired = await command('storage', 'repair', '--deep')
    assert.equal(repaired.find(({ figure }) => figure === 'restored')?.objects, 1)
    await command('storage', 'verify', '--deep')
    const acts = (await command('log')).map(({ act }) => act)
    assert.deepEqual(acts.slice(0, 4), [
      ...['storage.repaired', 'storage.repaired'],
      ...['storage.moved', 'storage.moved'],
    ])
  })
})
