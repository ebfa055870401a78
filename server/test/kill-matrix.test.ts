import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Client, createClient } from '@heliograph/client'
import type { Post } from '@heliograph/contract/posts'
import { unzipSync } from 'fflate'
import { processKey } from '../src/supervisor/process-identity.mjs'
import { noise } from './corpus/drawn-pictures.ts'
import { makeVideo } from './corpus/video-maker.ts'
import { createInstallation, type Installation, type Victim } from './helpers/installation.ts'

// What was acknowledged is there after kill -9 of any process, once. The long run does it with 20 photographs under
// way, for each process on its own and twice; the short one with a few and everything in one go.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const skip = process.platform !== 'linux' && 'the processes can be told apart on Linux alone'
const runs: { victims: Victim[]; uploads: number }[] = isLong
  ? [
      { victims: ['supervisor', 'supervisor'], uploads: 20 },
      { victims: ['server', 'server'], uploads: 20 },
      { victims: ['media child', 'media child'], uploads: 20 },
      { victims: ['postmaster', 'postmaster'], uploads: 20 },
      { victims: ['media child', 'postmaster', 'server', 'supervisor'], uploads: 20 },
    ]
  : [{ victims: ['media child', 'postmaster', 'server', 'supervisor'], uploads: 5 }]
const password = 'a long enough phrase'

describe('kill -9 in the middle of uploads', { skip }, () => {
  let house: Installation
  let dataFolder: string
  before(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'heliograph-kill-'))
    house = await createInstallation({ dataFolder, env: { EXPORT_PART_MB: '1' } })
    await house.start()
    const [, ownerCode = ''] = /#code=(\S+)/.exec(house.output()) ?? []
    const username = 'olga'
    const person = { username, password, email: `${username}@people.example`, ownerCode }
    const { user } = await createClient(house.url).signUp(person)
    assert.deepEqual(user.roles, ['owner'], 'by the link of the first start')
  })
  after(() => house[Symbol.asyncDispose]())

  for (const [at, { victims, uploads }] of runs.entries())
    test(`of ${victims.join(', ')} never loses nor doubles any of ${uploads}`, async () => {
      const visitor = createClient(house.url)
      const [kim, lea] = await Promise.all(
        ['kim', 'lea'].map((name) => {
          const username = `${name}_${at}`
          return visitor.signUp({ username, password, email: `${username}@people.example` })
        }),
      )
      assert.ok(kim && lea)
      await lea.call('PUT /api/users/:username/follow', { params: { username: kim.user.username } })

      const made = await shareWhileDying({ author: kim, victims, uploads })
      const ids = made.map(({ id }) => id).sort()
      assert.equal(new Set(ids).size, uploads, 'each acknowledged post is one of its own')
      await allReady(kim, ids)

      const params = { username: kim.user.username }
      const shown = await all(kim.all('GET /api/users/:username/posts', { params }))
      assert.deepEqual(shown.map(({ id }) => id).sort(), ids, 'on the profile: each once, and nothing else')
      const fed = await all(lea.all('GET /api/feed'))
      assert.deepEqual(fed.map(({ id }) => id).sort(), ids, 'in the follower’s feed: each once')
      for (const post of fed) await assertShown(post)
      const { postCount } = await lea.call('GET /api/users/:username', { params })
      assert.equal(postCount, uploads)
      await assertBooksAgree()
    })

  test('of the server in the middle of a film never loses the post, nor leaves work or a worker behind', async () => {
    const path = join(dataFolder, '..', `${basename(dataFolder)}.mp4`)
    const graph = 'testsrc2=s=1280x720:r=30:d=12,format=yuv420p'
    const streams = [{ graph, codec: 'libx264', options: { preset: 'ultrafast' } }]
    await makeVideo({ path, muxer: 'mp4', streams })
    const film = await readFile(path)
    await rm(path)
    const username = 'filmmaker'
    const person = { username, password, email: `${username}@people.example` }
    const author = await createClient(house.url).signUp(person)
    const uploadId = await author.upload(film)
    const { id } = await author.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    const params = { id }
    for (;;) {
      const { status, progress = 0 } = await author.call('GET /api/posts/:id', { params })
      assert.equal(status, 'processing', 'it takes longer than one question')
      if (progress > 0) break
      await sleep(20)
    }
    const left = await workFolders()
    assert.equal(left.length, 1)
    const workers = processesAt(join(dataFolder, left[0]!))
    assert.ok(
      workers.every(({ uid }) => uid !== 0),
      'nothing of what meets a stranger’s bytes is root',
    )
    assert.ok(await house.kill('server'))
    while (workers.some(isRunning) || processesAt(join(dataFolder, left[0]!)).length > 0) await sleep(20)
    await allReady(author, [id])
    assert.deepEqual(await workFolders(), [])
    const [medium] = (await author.call('GET /api/posts/:id', { params })).media
    const played = await fetch(`${house.url}${medium?.videoUrl}`)
    assert.equal(played.status, 200)
    assert.ok((await played.arrayBuffer()).byteLength > 10_000)
    await assertBooksAgree()
  })

  test('of the server in the middle of an erasure never keeps anything of who left, nor a count of it', {
    skip: !isLong && 'only in test:long',
  }, async () => {
    const kim = await createClient(house.url).signUp({
      username: 'host',
      password,
      email: 'host@people.example',
    })
    const uploadId = await kim.upload(await photograph(1))
    const { id } = await kim.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await allReady(kim, [id])
    const countOf = async () =>
      (await retried(() => kim.call('GET /api/posts/:id', { params: { id } }))).commentCount
    const said = 150
    let wasAmidst = false
    for (let round = 0; !wasAmidst; round++) {
      assert.ok(round < 5, 'one of five erasures is met while it goes on')
      const username = `leaver_${round}`
      const person = { username, password, email: `${username}@people.example` }
      const leaver = await createClient(house.url).signUp(person)
      const params = { username: kim.user.username }
      await leaver.call('PUT /api/users/:username/follow', { params })
      await leaver.call('PUT /api/posts/:id/like', { params: { id } })
      for (let n = 0; n < said; n++)
        await leaver.call('POST /api/posts/:id/comments', { params: { id }, body: { text: `${n}` } })
      await house.command('users', 'delete', username, '--now')
      let left = said
      while (left === said) left = await countOf()
      assert.ok(await house.kill('server'))
      wasAmidst = (await countOf()) > 0
      while ((await countOf()) > 0) await sleep(50)
      const { likeCount } = await kim.call('GET /api/posts/:id', { params: { id } })
      assert.equal(likeCount, 0)
      const names = async () => (await house.command('users', 'list')) as { username: string }[]
      while ((await names()).some((row) => row.username === username)) await sleep(200)
      assert.equal((await kim.call('GET /api/users/:username', { params })).followerCount, 0)
      await createClient(house.url).signUp(person)
    }
    await assertBooksAgree()
  })

  test('of the server in the middle of a copy of everything neither loses nor repeats a file of it', {
    skip: !isLong && 'only in test:long',
  }, async () => {
    const username = 'collector'
    const person = { username, password, email: `${username}@people.example` }
    const author = await createClient(house.url).signUp(person)
    const pictures = await Promise.all(Array.from({ length: 30 }, (_, at) => photograph(1000 + at)))
    const ids: string[] = []
    for (const bytes of pictures) {
      const uploadId = await author.upload(bytes)
      ids.push((await author.call('POST /api/posts', { body: { media: [{ uploadId }] } })).id)
    }
    await allReady(author, ids)
    await author.call('POST /api/me/exports')
    const look = async () => (await retried(() => author.call('GET /api/me/exports'))).export!
    for (const parts of [1, 4]) {
      let copy = await look()
      while (copy.parts.length < parts) copy = await look()
      assert.equal(copy.state, 'preparing', 'it is killed while there is something to do')
      assert.ok(await house.kill('server'))
    }
    let copy = await look()
    for (; copy.state === 'preparing'; copy = await look()) await sleep(100)
    assert.deepEqual([copy.state, copy.missing], ['ready', 0])
    const addresses = await author.call('POST /api/me/exports/:id/addresses', { params: { id: copy.id } })
    const files: [name: string, bytes: Uint8Array][] = []
    for (const { url } of addresses.parts) {
      const answer = await fetch(house.url + url, { headers: { authorization: `Bearer ${author.token}` } })
      assert.equal(answer.status, 200)
      files.push(...Object.entries(unzipSync(new Uint8Array(await answer.arrayBuffer()))))
    }
    assert.equal(new Set(files.map(([name]) => name)).size, files.length, 'each is there once')
    const uploads = files.filter(([name]) => name.startsWith('posts/originals/')).sort()
    assert.deepEqual(
      uploads.map(([, bytes]) => Buffer.from(bytes)),
      pictures,
      'and as it was uploaded',
    )
    await assertBooksAgree()
  })

  async function workFolders(): Promise<string[]> {
    const names = await readdir(dataFolder, { recursive: true })
    return names.filter((name) => /^work-[^/]+$/.test(basename(name)))
  }

  test('leaves no process behind once it is told to stop', async () => {
    assert.equal(await house.stop(), 0)
    assert.deepEqual(await house.remaining(), [])
  })

  test('keeps everything for the next start, which offers the house to nobody else', async (t) => {
    const before = house.output().length
    const began = performance.now()
    await house.start()
    t.diagnostic(`start with data: ${Math.round(performance.now() - began)} ms`)
    const last = runs.length - 1
    const kim = await createClient(house.url).signIn(`kim_${last}`, password)
    assert.equal(kim.user.postCount, runs[last]?.uploads)
    assert.doesNotMatch(house.output().slice(before), /owner/, 'there is one already')
    assert.equal(await house.stop(), 0)
    assert.deepEqual(await house.remaining(), [])
  })

  interface Story {
    author: Client
    victims: Victim[]
    uploads: number
  }

  /** Everybody sends at once; after each share of the bytes one process dies. */
  async function shareWhileDying({ author, victims, uploads }: Story): Promise<Post[]> {
    const pictures = await Promise.all(Array.from({ length: uploads }, (_, at) => photograph(at)))
    const total = pictures.reduce((sum, bytes) => sum + bytes.length, 0)
    const waiting = [...victims]
    let sent = 0
    let dying = Promise.resolve()
    const onBytes = (bytes: number) => {
      sent += bytes
      const due = Math.floor((sent / total) * (victims.length + 1))
      while (waiting.length > Math.max(0, victims.length - due)) {
        const victim = waiting.shift()!
        dying = dying.then(() => die(victim))
      }
    }
    const posts = await Promise.all(
      pictures.map((bytes, at) => shareStubbornly(author, bytes, `post-${at}`, onBytes)),
    )
    await dying
    assert.deepEqual(waiting, [], 'each victim was killed while bytes were on their way')
    return posts
  }

  async function die(victim: Victim): Promise<void> {
    // A media child is only there once the first photograph is being prepared.
    while (!(await house.kill(victim))) await sleep(20)
    if (victim !== 'supervisor') return
    await house.ended()
    await house.start()
  }

  async function allReady(author: Client, ids: string[]): Promise<void> {
    for (const id of ids)
      for (;;) {
        const { status, failure } = await retried(() => author.call('GET /api/posts/:id', { params: { id } }))
        assert.ok(status === 'processing' || status === 'ready', `${status} ${failure?.code}`)
        if (status === 'ready') break
        await sleep(100)
      }
  }

  async function assertShown(post: Post): Promise<void> {
    assert.equal(post.media.length, 1)
    const [medium] = post.media
    for (const address of [medium?.thumbnailUrl, medium?.mediumUrl, medium?.largeUrl, medium?.fallbackUrl]) {
      const response = await fetch(`${house.url}${address}`)
      assert.equal(response.status, 200)
      assert.ok((await response.arrayBuffer()).byteLength > 0)
    }
  }

  /** Counters, pairs and files as the operator's own commands prove them. */
  async function assertBooksAgree(): Promise<void> {
    const rows = [
      ...((await house.command('reconcile', '--dry-run')) as Figure[]),
      ...((await house.command('recount')) as Figure[]),
    ]
    const wrong = rows.filter(
      ({ figure, value }) => /added|removed|repaired|missing|orphans/.test(figure) && value !== 0,
    )
    assert.deepEqual(wrong, [])
    const file = (name: string) => rows.find(({ part, figure }) => part === 'files' && figure === name)?.value
    assert.equal(file('objects'), file('referencedObjects'))
    assert.equal(file('bytes'), file('referencedBytes'))
  }
})

interface Running {
  pid: number
  uid: number
  key: string | undefined
}

/** Programs that were started on this folder. */
function processesAt(folder: string): Running[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,uid=,args='], { maxBuffer: 2 ** 26 })
    .toString()
    .split('\n')
  const found = lines
    .filter((line) => line.includes(folder))
    .map((line) => line.trim().split(/\s+/).map(Number))
  return found
    .map(([pid = 0, uid = 0]) => ({ pid, uid, key: processKey(pid) }))
    .filter(({ key }) => key !== undefined)
}

function isRunning({ pid, key }: Running): boolean {
  return processKey(pid) === key
}

interface Figure {
  part: string
  figure: string
  value: number
}

/** An upload in pieces and its post, again and again until both were acknowledged. */
async function shareStubbornly(
  author: Client,
  bytes: Buffer,
  idempotencyKey: string,
  onBytes: (bytes: number) => void,
): Promise<Post> {
  let told = 0
  const uploadId = await retried(() =>
    author.upload(bytes, {
      chunkBytes: 64 * 1024,
      retries: 100,
      onProgress(sent) {
        onBytes(Math.max(0, sent - told))
        told = Math.max(told, sent)
      },
    }),
  )
  const body = { caption: idempotencyKey, media: [{ uploadId }] }
  return await retried(() => author.call('POST /api/posts', { body, idempotencyKey }))
}

/** What a good client does: no connection, or an answer that says "later", is tried again. */
async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await attempt()
    } catch (error) {
      const status = (error as { status?: number }).status
      const isLater = status === undefined ? error instanceof TypeError : status >= 500 || isUnderWay(error)
      if (!isLater) throw error
      await sleep(100)
    }
}

function isUnderWay(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'idempotency.in_progress'
}

function photograph(seed: number): Promise<Buffer> {
  return noise(900, 700, seed + 1)
    .jpeg({ quality: 60 })
    .toBuffer()
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
