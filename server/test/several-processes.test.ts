import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import type { Client } from '@heliograph/client'
import type { LiveEvent } from '@heliograph/contract/live'
import type { Post } from '@heliograph/contract/posts'
import { createTusClient } from '../src/modules/media/uploads/media-test-tus.ts'
import { noise } from './corpus/drawn-pictures.ts'
import { writeGood } from './corpus/videos.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { assertRefused, buildPerson, follow, type Person } from './helpers/factories.ts'
import { assertAnyHistory, lookAt, type TwoProcesses } from './helpers/feed-history.ts'
import { type Listener, listen } from './helpers/listener.ts'
import { createPostsKit } from './helpers/posts-kit.ts'
import { createProcesses, type TestProcess, type TestProcesses } from './helpers/processes.ts'
import { startRedis, type TestRedis, withoutRedis } from './helpers/redis.ts'
import { until } from './helpers/until.ts'
import { createWire, type Wire } from './helpers/wire.ts'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

describe('two web processes and a worker behave as one', { skip: withoutRedis }, () => {
  let redis: TestRedis
  /** Between B and Redis. */
  let wire: Wire
  let all: TestProcesses
  /** Makes beginnings of feeds ready when a test wants it, as the worker does every 25 minutes; serves nobody. */
  let maker: TestApp
  let ana: Person
  let ben: Person
  /** Ben follows Ana and looks at B. */
  let benSees: Listener
  let picture: Buffer

  before(async () => {
    redis = await startRedis()
    wire = await createWire(redis.ports[0]!)
    all = await createProcesses({
      env: { REDIS_URL: redis.url, RATE_LIMITS: 'strict' },
      b: { REDIS_URL: `redis://127.0.0.1:${wire.port}` },
    })
    maker = await createTestApp({ env: { DATABASE_URL: all.databaseUrl, REDIS_URL: redis.url } })
    await maker.coherence.stop()
    ana = await buildPerson(all.a.client, { username: 'ana' })
    ben = await buildPerson(all.a.client, { username: 'ben' })
    await follow(ben, ana)
    benSees = await listen(all.b.url, ben.token!)
    picture = await noise(320, 400).jpeg().toBuffer()
  })
  after(async () => {
    await benSees[Symbol.asyncDispose]()
    await maker[Symbol.asyncDispose]()
    await all[Symbol.asyncDispose]()
    await wire[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
  })

  const at = (process: TestProcess, person: Person): Client => process.client.as(person.token)
  const readPost = (client: Client, id: string) => client.call('GET /api/posts/:id', { params: { id } })
  const hears = (listener: Listener, type: LiveEvent['type'], postId: string) =>
    until(
      () =>
        listener.events.some((event) => event.type === type && 'postId' in event && event.postId === postId),
      30_000,
    )
  const feedOf = async (client: Client): Promise<string[]> =>
    (await client.call('GET /api/feed', {})).items.map(({ id }: { id: string }) => id)

  async function share(client: Client, uploadId?: string): Promise<Post> {
    const media = [{ uploadId: uploadId ?? (await client.upload(picture)) }]
    return await client.call('POST /api/posts', { body: { media } })
  }

  test('an upload comes in pieces at both, and its post from A is in the feed of a follower at B', async () => {
    const [toA, toB] = [createTusClient(all.a.url, ana.token), createTusClient(all.b.url, ana.token)]
    const { id } = await toA.create(picture.length)
    const third = Math.floor(picture.length / 3)
    assert.equal((await toA.patch(id, 0, picture.subarray(0, third))).status, 204)
    assert.equal((await toB.patch(id, third, picture.subarray(third, 2 * third))).status, 204)
    assert.equal((await toA.head(id)).offset, 2 * third)
    assert.equal((await toA.patch(id, 2 * third, picture.subarray(2 * third))).status, 204)
    const anaSees = await listen(all.b.url, ana.token!)
    const post = await share(at(all.a, ana), id)
    await hears(benSees, 'feed.post', post.id)
    assert.ok((await feedOf(at(all.b, ben))).includes(post.id))
    await hears(anaSees, 'post.status', post.id)
    await anaSees[Symbol.asyncDispose]()
  })

  test('a client that lost its connection to A goes on at B without waiting for its own ghost', async () => {
    const [toA, toB] = [createTusClient(all.a.url, ana.token), createTusClient(all.b.url, ana.token)]
    const { id } = await toA.create(picture.length)
    const half = Math.floor(picture.length / 2)
    const reached = Promise.withResolvers<void>()
    // Told to end, or its connection is lost.
    const ghost = toA
      .patchAndVanish(id, 0, picture.subarray(0, half), picture.length, () => reached.promise)
      .catch(() => undefined)
    await until(async () => (await toB.head(id)).status === 200)
    await until(async () => {
      const { offset } = await toB.head(id)
      return (await toB.patch(id, offset!, picture.subarray(offset))).status === 204
    })
    reached.resolve()
    await ghost
    const post = await share(at(all.b, ana), id)
    await hears(benSees, 'feed.post', post.id)
  })

  test('a like at A is seen at B, and counted once', async () => {
    const post = await share(at(all.a, ana))
    await hears(benSees, 'feed.post', post.id)
    const like = (process: TestProcess) =>
      at(process, ben).call('PUT /api/posts/:id/like', { params: { id: post.id } })
    await Promise.all([like(all.a), like(all.b), like(all.a), like(all.b)])
    for (const process of [all.a, all.b])
      await until(async () => {
        const { likeCount, liked } = await readPost(at(process, ben), post.id)
        return likeCount === 1 && liked
      })
  })

  test('a session that ended at A is refused by B from then on, and its socket there is closed', async () => {
    const phone = await all.a.client.signIn('ben', ben.password)
    const listener = await listen(all.b.url, phone.token!)
    await all.b.client.as(phone.token).call('GET /api/me')
    await phone.call('DELETE /api/sessions/current')
    await assertRefused(all.b.client.as(phone.token).call('GET /api/me'), 'auth.invalid')
    await until(() => listener.events.some(({ type }) => type === 'session.ended'))
    await listener[Symbol.asyncDispose]()
  })

  test('limits are counted over both', async () => {
    const wrong = (process: TestProcess) =>
      process.client.signIn('ana', 'not her password').then(
        () => 'in',
        (error: { code: string }) => error.code,
      )
    const told: string[] = []
    for (let n = 0; n < 6; n += 1) told.push(await wrong(all.a), await wrong(all.b))
    assert.equal(told.filter((code) => code === 'auth.wrong_credentials').length, 10)
    assert.equal(told.at(-1), 'rate.limited')
  })

  test('progress of a film is heard at both', async () => {
    const listeners = await Promise.all([listen(all.a.url, ana.token!), listen(all.b.url, ana.token!)])
    const film = await readFile(await writeGood('a landscape', all.dataFolder))
    const post = await share(at(all.a, ana), await at(all.a, ana).upload(film))
    for (const listener of listeners) await hears(listener, 'post.progress', post.id)
    await hears(benSees, 'feed.post', post.id)
    for (const listener of listeners) await listener[Symbol.asyncDispose]()
  })

  /** There is a beginning of Ben's feed. */
  async function makeReady(): Promise<void> {
    await lookAt(at(all.a, ben), (await feedOf(at(all.a, ben)))[0]!)
    await maker.modules.feed.api.precompute()
    assert.equal((await redis.cli('exists', `user:feed:${ben.user.id}`)).trim(), '1')
  }

  test('FLUSHALL takes nothing from anybody', async () => {
    await makeReady()
    const before = (await feedOf(at(all.b, ben))).toSorted()
    assert.ok(before.length >= 4)
    await redis.flush()
    for (const process of [all.a, all.b])
      assert.deepEqual((await feedOf(at(process, ben))).toSorted(), before)
  })

  test('a feed that began with what was kept lacks nothing when Redis is killed behind its first page', async () => {
    const expected = await feedOf(at(all.a, ben))
    await benSees[Symbol.asyncDispose]()
    await all.b.kill()
    await all.b.start()
    benSees = await listen(all.b.url, ben.token!)
    await until(async () => (await redisAt(all.b)).isThere)
    // Only now: it has heard again of what was done within the last minute, and has forgotten what that outdated.
    await makeReady()
    const seen: string[] = []
    let cursor: string | undefined
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      const query = { mode: 'ranked', limit: 2, cursor } as const
      const { items, nextCursor } = await at(page % 2 ? all.a : all.b, ben).call('GET /api/feed', { query })
      seen.push(...items.map(({ id }: { id: string }) => id))
      cursor = nextCursor ?? undefined
      if (page === 0) await redis.kill()
    }
    await redis.start()
    for (const process of [all.a, all.b, all.worker])
      await until(async () => (await redisAt(process)).hearsOthers)
    const metrics = await (await fetch(`${all.b.url}/metrics`)).text()
    assert.deepEqual(metrics.match(/(?<=cold_feeds_total)\{.*/g), ['{from="kept"} 1'])
    assert.deepEqual(seen.toSorted(), expected.toSorted())
  })

  test('any history gives both the same feeds: all that may be seen, each once, whatever is lost on the way', async () => {
    await using kit = await createPostsKit({ env: { DATABASE_URL: all.databaseUrl } })
    // It tells the two what happens, as commands do, and serves nobody.
    await kit.app.coherence.stop()
    // Each lasts until something else is lost: pages are read while Redis is away, and when it is back and empty.
    const losses = ['cut', 'kill', 'flush', ...(isLong ? (['hush'] as const) : [])] as const
    let lost = 0
    const lose = async () => {
      const loss = losses[lost++ % losses.length]!
      if (loss === 'kill') await redis.kill()
      else if (loss === 'flush') await redis.flush()
      else wire[loss]()
    }
    const repair = async () => {
      wire.mend()
      if (!redis.isRunning) await redis.start()
    }
    const two: TwoProcesses = {
      at: (isElsewhere, person) => (isElsewhere ? all.b : all.a).client.as(person.token),
      people: (count) => kit.people(count),
      post: async (author) => (await kit.post(author)).id,
      async forget(isElsewhere) {
        await repair()
        if (isLong && isElsewhere) {
          await all.b.kill()
          await all.b.start()
        }
        await lose()
      },
      async precompute() {
        await maker.modules.feed.api.precompute()
      },
      async cool(isElsewhere) {
        if (!isLong) return
        await repair()
        const process = isElsewhere ? all.b : all.a
        await process.kill()
        await process.start()
      },
      work: async () => undefined,
    }
    await lose()
    try {
      await assertAnyHistory(two, { numRuns: isLong ? 40 : 1, seed: isLong ? Date.now() : 20261126 })
    } finally {
      await repair()
      for (const process of [all.a, all.b, all.worker])
        await until(async () => (await redisAt(process)).hearsOthers)
    }
    if (!isLong) return
    await benSees[Symbol.asyncDispose]()
    benSees = await listen(all.b.url, ben.token!)
  })

  test('a process cut off from Redis serves, and hears what happens at the other', async () => {
    for (const how of ['cut', 'hush'] as const) {
      wire[how]()
      const post = await share(at(all.a, ana))
      await hears(benSees, 'feed.post', post.id)
      assert.ok((await feedOf(at(all.b, ben))).includes(post.id))
      await at(all.b, ben).call('PUT /api/posts/:id/like', { params: { id: post.id } })
      await until(async () => (await readPost(at(all.a, ben), post.id)).liked)
      wire.mend()
      await until(async () => (await redisAt(all.b)).hearsOthers)
    }
  })

  test('live updates never stop because Redis was killed, and no notification is lost or told twice', async () => {
    await using anaSees = await listen(all.a.url, ana.token!)
    await redis.kill()
    const during = await share(at(all.a, ana))
    await hears(benSees, 'feed.post', during.id)
    assert.equal((await fetch(`${all.b.url}/readyz`)).status, 200)
    const notificationsAt = async (process: TestProcess) => {
      const { items, unreadCount } = await at(process, ana).call('GET /api/notifications')
      const below = items.filter(({ post }) => post?.id === during.id)
      return `${unreadCount} ${below.map(({ kind, peopleCount }) => `${kind} ${peopleCount}`)}`
    }
    await at(all.a, ana).call('PUT /api/notifications/seen')
    const params = { id: during.id }
    await at(all.b, ben).call('PUT /api/posts/:id/like', { params })
    await at(all.b, ben).call('POST /api/posts/:id/comments', { params, body: { text: 'lovely' } })
    for (const process of [all.a, all.b])
      await until(async () => (await notificationsAt(process)) === '2 comment 1,like 1')
    const isTold = (count: number) =>
      anaSees.events
        .flatMap((event) => (event.type === 'notifications.changed' ? event.unreadCount : []))
        .at(-1) === count
    await until(() => isTold(2))
    await at(all.b, ana).call('PUT /api/notifications/seen')
    await until(() => isTold(0))
    // Without Redis it hears that these were seen when it next looks, which may be after its own word.
    await until(async () => (await notificationsAt(all.a)) === '0 comment 1,like 1')
    await redis.start()
    for (const process of [all.a, all.b, all.worker])
      await until(async () => (await redisAt(process)).hearsOthers)
    const after = await share(at(all.a, ana))
    await hears(benSees, 'feed.post', after.id)
  })

  test('a killed worker is followed by the next, and what waited is done', async () => {
    await all.worker.kill()
    const post = await share(at(all.a, ana))
    await all.worker.start()
    await hears(benSees, 'feed.post', post.id)
  })

  test('the one that only works answers for its health, and nothing of people', async () => {
    const statusOf = async (url: string) => (await fetch(url)).status
    for (const path of ['/readyz', '/metrics'])
      for (const { url } of [all.a, all.b, all.worker]) assert.equal(await statusOf(url + path), 200, path)
    assert.equal(await statusOf(`${all.a.url}/api/capabilities`), 200)
    assert.equal(await statusOf(`${all.worker.url}/api/capabilities`), 404)
    assert.equal(await statusOf(`${all.worker.url}/`), 404)
    for (const process of [all.a, all.worker]) assert.equal(await process.stop(), 0)
  })
})

async function redisAt({ url }: TestProcess): Promise<{ isThere: boolean; hearsOthers: boolean }> {
  const ready = (await (await fetch(`${url}/readyz`)).json()) as {
    checks: { redis: { isThere: boolean; hearsOthers: boolean } }
  }
  return ready.checks.redis
}
