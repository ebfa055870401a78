import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '@heliograph/client'
import type { Post } from '@heliograph/contract/posts'
import { noise } from './corpus/drawn-pictures.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, type Person } from './helpers/factories.ts'
import { createInstallation, type Installation } from './helpers/installation.ts'
import { ask } from './helpers/problems.ts'

describe('a disk with no more room than is held back', () => {
  let app: TestApp
  let ana: Person
  before(async () => {
    // More than any disk has: nothing is left beyond it.
    app = await createTestApp({ env: { DISK_RESERVE_MB: '10000000' } })
    ana = await buildPerson(app.client, { username: 'ana' })
  })
  after(() => app[Symbol.asyncDispose]())

  test('never takes an upload that it could not keep: 507 before the first byte', async () => {
    const bytes = await noise(100, 100).jpeg().toBuffer()
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': String(bytes.length) }
    const answer = await ask(app.url, 'POST /api/uploads', { token: ana.token, headers })
    assert.equal(answer.status, 507)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal((JSON.parse(answer.text) as { code: string }).code, 'server.storage_full')
    await assert.rejects(ana.upload(bytes), { code: 'server.storage_full' })
  })

  test('never keeps people from reading, nor from signing up and following', async () => {
    const ben = await buildPerson(app.client, { username: 'ben' })
    await ben.call('PUT /api/users/:username/follow', { params: { username: 'ana' } })
    assert.deepEqual((await ben.call('GET /api/feed')).items, [])
    assert.equal((await ana.call('GET /api/me')).followerCount, 1)
    assert.equal((await ask(app.url, 'GET /')).status, 200)
  })
})

const skip =
  (process.env.HELIOGRAPH_TEST_LONG !== '1' && 'only in test:long') ||
  (!canMount() && 'needs a small disk, which Linux’s root can mount')

describe('a disk that is full to its last byte, under database and pictures alike', { skip }, () => {
  let disk: string
  let house: Installation
  let visitor: Client
  let ana: Client
  let post: Post
  let picture: Buffer

  before(async () => {
    disk = await mkdtemp(join(tmpdir(), 'heliograph-disk-'))
    mountSmallDisk(disk)
    const dataFolder = join(disk, 'data')
    await mkdir(dataFolder)
    house = await createInstallation({ dataFolder, env: { DISK_RESERVE_MB: '64', LOG_LEVEL: 'fatal' } })
    await house.start()
    visitor = createClient(house.url)
    const password = 'a long enough phrase'
    ana = await visitor.signUp({ username: 'ana', password, email: 'ana@people.example' })
    picture = await noise(600, 500).jpeg().toBuffer()
    const uploadId = await ana.upload(picture)
    post = await ana.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    while ((await read()).status !== 'ready') await sleep(50)
    await fillUp(join(disk, 'filler'))
  })
  after(async () => {
    await house[Symbol.asyncDispose]()
    execFileSync('umount', [disk])
    await rm(disk, { recursive: true })
  })

  const read = () => ana.call('GET /api/posts/:id', { params: { id: post.id } })

  async function assertReadable(): Promise<void> {
    const [shown] = (await ana.call('GET /api/feed')).items
    assert.equal((await fetch(`${house.url}${shown?.media[0]?.largeUrl}`)).status, 200)
    const { items } = await visitor.call('GET /api/users/:username/posts', { params: { username: 'ana' } })
    assert.deepEqual(
      items.map(({ id }) => id),
      [post.id],
    )
  }

  test('never keeps anybody from reading', assertReadable)

  test('never is told as an error of ours: uploads and what is made on demand are 507', async () => {
    await assert.rejects(ana.upload(picture), { code: 'server.storage_full' })
    const { media } = await read()
    const original = await ask(house.url, `GET ${media[0]?.originalUrl}`)
    assert.equal(original.status, 507, original.text)
  })

  test('never takes the database down, even when people go on writing', async () => {
    const text = 'x'.repeat(1000)
    const codes = new Set<string>()
    // The room in the files that are there already is used up first.
    for (let refused = 0; refused < 20; ) {
      const params = { id: post.id }
      const code = await ana.call('POST /api/posts/:id/comments', { params, body: { text } }).then(
        () => '',
        (error: { code?: string }) => error.code ?? String(error),
      )
      if (code === '') continue
      codes.add(code)
      refused++
    }
    assert.deepEqual([...codes], ['server.storage_full'])
    await assertReadable()
  })

  test('never needs more than room to go on: the same process takes uploads again', async () => {
    await rm(join(disk, 'filler'))
    const uploadId = await ana.upload(picture)
    const next = await ana.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    const status = () => ana.call('GET /api/posts/:id', { params: { id: next.id } })
    while ((await status()).status !== 'ready') await sleep(50)
    assert.doesNotMatch(house.output(), /ended; starting it again/, 'nothing died meanwhile')
  })
})

function mountSmallDisk(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=420m,mode=0711', 'tmpfs', folder], { stdio: 'ignore' })
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-disk-'))
  try {
    mountSmallDisk(folder)
    execFileSync('umount', [folder])
    return true
  } catch {
    // A container may forbid it to its root.
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Large pieces first, then bytes, until not one more is taken. */
async function fillUp(file: string): Promise<void> {
  for (const size of [2 ** 24, 2 ** 20, 4096, 1])
    for (;;)
      try {
        await appendFile(file, Buffer.alloc(size))
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
        break
      }
}
