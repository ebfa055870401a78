import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { createRedisCache } from '#platform/cache/redis-cache.ts'
import { bucketOf, idAt } from '#platform/ids/ids.ts'
import { createRedis, type Redis } from '#platform/redis/redis.ts'
import { createPostsKit, type Person, type PostsKit } from '../../../../test/helpers/posts-kit.ts'
import { startRedis, type TestRedis, withoutRedis } from '../../../../test/helpers/redis.ts'
import { until } from '../../../../test/helpers/until.ts'
import { createFeedViewers } from '../feed-viewers.ts'
import { createSharedFeeds, type SharedFeeds } from './shared-feeds.ts'

describe('beginnings of feeds that are made before people come', { skip: withoutRedis }, () => {
  let server: TestRedis
  let kit: PostsKit
  /** Of another process, which has nothing in memory. */
  let redis: Redis
  let elsewhere: SharedFeeds
  let ana: Person
  let ben: Person
  let cem: Person

  before(async () => {
    server = await startRedis()
    kit = await createPostsKit({ env: { REDIS_URL: server.url } })
    const log = pino({ level: 'silent' })
    redis = createRedis({ urls: [server.url] }, log)
    await until(() => redis.isUp)
    elsewhere = createSharedFeeds({ cache: createRedisCache({ redis, log }), database: kit.app.database })
    const people = await kit.people(3)
    ;[ana, ben, cem] = people as [Person, Person, Person]
    await kit.follow(ana, ben)
    await kit.follow(ana, cem)
  })
  after(async () => {
    await redis.close()
    await kit[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  const read = async (key: string) => JSON.parse(await server.cli('get', key)) as unknown
  const found = async (person: Person) => {
    const viewer = await createFeedViewers(kit.app.modules.graph.api)(person.user.id)
    return (await elsewhere.find(person.user.id, viewer.following))?.map(({ post_id }) => post_id)
  }
  const ofAna = {
    get params() {
      return { username: ana.user.username }
    },
    query: { limit: 50 },
  }
  const feedOf = async (person: Person) =>
    (await person.call('GET /api/feed', { query: { limit: 50, mode: 'chronological' } })).items.map(
      ({ id }) => id,
    )
  async function looksAt(person: Person, postId: string): Promise<void> {
    const at = new Date().toISOString()
    const signals = [
      { id: 'seen', kind: 'impression' as const, at, postId, dwellMs: 2000 },
      { id: 'here', kind: 'session' as const, at, dwellMs: 60_000 },
    ]
    await person.call('POST /api/signals', { body: { signals } })
  }

  test('are for those who are likely to come, and can be read with redis-cli', async () => {
    const first = await kit.post(ben, { caption: 'Beautiful sunset!' })
    const second = await kit.post(cem)
    const third = await kit.post(ben, { media: 2 })
    await looksAt(ana, first.id)
    assert.equal(await kit.app.modules.feed.api.precompute(), 1)
    const beginning = (await read(`user:feed:${ana.user.id}`)) as string[]
    assert.deepEqual(beginning.toSorted(), [first.id, second.id, third.id].toSorted())
    assert.equal(beginning.at(-1), first.id, 'it is in the order of the feed: what was seen sinks')
    const kept = (await read(`post:${first.id}`)) as Record<string, unknown>
    assert.deepEqual(
      {
        user_id: kept.user_id,
        caption: kept.caption,
        like_count: kept.like_count,
        created_at: kept.created_at,
      },
      {
        user_id: ben.user.id,
        caption: 'Beautiful sunset!',
        like_count: 0,
        created_at: new Date(first.createdAt).toISOString(),
      },
    )
    assert.equal((kept.media_keys as string[]).length, 1)
    assert.equal(((await read(`post:${third.id}`)) as { media_keys: string[] }).media_keys.length, 2)
    assert.ok(Number(await server.cli('ttl', `user:feed:${ana.user.id}`)) <= 30 * 60)
    assert.ok(Number(await server.cli('ttl', `post:${first.id}`)) <= 60 * 60)
    assert.equal((await server.cli('exists', `user:feed:${ben.user.id}`)).trim(), '0')
  })

  test('are made for others the next time, when there are more people than there is time for', async () => {
    await looksAt(cem, (await kit.post(ben)).id)
    const { precompute } = kit.app.modules.feed.api
    const isKept = async ({ user }: Person) => (await server.cli('exists', `user:feed:${user.id}`)).trim()
    const turns: string[] = []
    for (let turn = 0; turn < 4; turn++) {
      await server.flush()
      assert.equal(await precompute({ peopleMax: 1 }), 1)
      turns.push(`${await isKept(ana)}${await isKept(cem)}`)
    }
    assert.deepEqual(turns.slice(0, 2).toSorted(), ['01', '10'])
    assert.deepEqual(turns.slice(2), turns.slice(0, 2), 'and round again')
    await precompute()
  })

  test('are found by another process, with everything that is newer and nothing that is gone', async () => {
    assert.deepEqual(await found(ana), await feedOf(ana))
    const newer = await kit.post(cem)
    assert.equal((await found(ana))?.[0], newer.id)
    const [newest, last] = [await kit.post(ben), (await feedOf(ana)).at(-1)!]
    await ben.call('DELETE /api/posts/:id', { params: { id: last } })
    await until(async () => !(await found(ana))?.includes(last))
    assert.deepEqual(await found(ana), await feedOf(ana))
    assert.ok((await found(ana))?.includes(newest.id))
    await server.flush()
    assert.equal(await found(ana), undefined, 'what is lost is made anew')
    await kit.app.modules.feed.api.precompute()
    assert.deepEqual(await found(ana), await feedOf(ana))
  })

  test('never hold anybody who is not followed or heard any more', async () => {
    const params = { params: { username: cem.user.username } }
    await ana.call('PUT /api/users/:username/mute', params)
    assert.deepEqual(await found(ana), await feedOf(ana))
    await ana.call('DELETE /api/users/:username/mute', params)
    await until(async () => (await found(ana)) === undefined)
    await kit.app.modules.feed.api.precompute()
    await ana.call('DELETE /api/users/:username/follow', params)
    await until(async () => (await found(ana)) === undefined)
    await kit.app.modules.feed.api.precompute()
    assert.deepEqual(await found(ana), await feedOf(ana))
  })

  test('begin the feed of a process that has nothing in memory, and nothing is missing or twice behind them', async () => {
    for (let n = 0; n < 12; n++) await kit.post(n % 3 === 0 ? ana : ben)
    await kit.app.modules.feed.api.precompute()
    const hits = async () => {
      const metrics = await (await fetch(`${kit.app.url}/metrics`)).text()
      return Number(/cache_reads_total\{outcome="hit"\} (\d+)/.exec(metrics)?.[1] ?? 0)
    }
    // What the kept beginning lacks comes later: it is a part of the newest posts, whichever.
    const kept = (await read(`user:feed:${ana.user.id}`)) as string[]
    await server.cli('set', `user:feed:${ana.user.id}`, JSON.stringify(kept.slice(2)))
    kit.app.modules.feed.api.dropMemory()
    const before = await hits()
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await ana.call('GET /api/feed', { query: { mode: 'ranked', limit: 3, cursor } })
      seen.push(...page.items.map(({ id }) => id))
      if (cursor === undefined)
        assert.ok((await hits()) > before + 1, 'the first page came from what was kept')
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    assert.deepEqual(seen.toSorted(), (await feedOf(ana)).toSorted())
    assert.equal(new Set(seen).size, seen.length)
  })

  /** As a process with nothing in memory gives them. */
  async function pagesFromKept() {
    kit.app.modules.feed.api.dropMemory()
    const pages: { ids: string[]; mark: string | null }[] = []
    let cursor: string | undefined
    do {
      const page = await ana.call('GET /api/feed', { query: { mode: 'ranked', limit: 3, cursor } })
      pages.push({ ids: page.items.map(({ id }) => id), mark: page.caughtUpAfter })
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return { order: pages.flatMap(({ ids }) => ids), marks: pages.map(({ mark }) => mark) }
  }

  async function sawAll(): Promise<void> {
    for (const postId of await feedOf(ana)) await looksAt(ana, postId)
  }

  const onlyMark = (marks: readonly (string | null)[], page: number, mark: string | undefined) =>
    assert.deepEqual(
      marks,
      marks.map((_, at) => (at === page ? mark : null)),
    )

  test('do not keep the mark of being caught up from anybody: who reads on has it behind the first post there', async () => {
    await sawAll()
    await kit.app.modules.feed.api.precompute()
    const { order, marks } = await pagesFromKept()
    const own = new Set((await ana.call('GET /api/users/:username/posts', ofAna)).items.map(({ id }) => id))
    const last = order.findLast((id) => !own.has(id))!
    onlyMark(marks, Math.floor(order.indexOf(last) / 3), last)
    const fresh = await kit.post(ben)
    await kit.app.modules.feed.api.precompute()
    const { order: again, marks: then } = await pagesFromKept()
    assert.ok(again.indexOf(fresh.id) < 3)
    onlyMark(then, 1, again[3])
  })

  test('never say that one is caught up before what is new and was not kept', async () => {
    await sawAll()
    const lacking = await kit.post(ben)
    const fresh = await kit.post(ben)
    const earlier = idAt(Date.now() - 2 * 60 * 60 * 1000, bucketOf(ben.user.id), 125, 0)
    const { main } = kit.app.database
    await main.updateTable('outboxes').set({ feed_id: earlier }).where('post_id', '=', lacking.id).execute()
    await kit.app.modules.feed.api.precompute()
    const key = `user:feed:${ana.user.id}`
    const kept = (await read(key)) as string[]
    await server.cli('set', key, JSON.stringify(kept.filter((id) => id !== lacking.id)))
    const { order, marks } = await pagesFromKept()
    assert.ok(order.indexOf(fresh.id) < 3 && order.indexOf(lacking.id) >= 3)
    onlyMark(marks, Math.floor(order.indexOf(lacking.id) / 3), lacking.id)
  })

  test('show nothing that the reader may not see by now', async () => {
    const narrowed = await kit.post(ben)
    const close = await kit.post(ben)
    await kit.app.modules.feed.api.precompute()
    for (const [{ id }, audience] of [
      [narrowed, 'followers'],
      [close, 'close_friends'],
    ] as const)
      await ben.call('PATCH /api/posts/:id', { params: { id }, body: { audience } })
    for (const isKept of [true, false]) {
      if (!isKept) await kit.app.modules.feed.api.precompute()
      kit.app.modules.feed.api.dropMemory()
      kit.app.modules.posts.api.dropMemory()
      const { items } = await ana.call('GET /api/feed', { query: { mode: 'ranked', limit: 50 } })
      const shown = new Set(items.map(({ id }) => id))
      assert.deepEqual([shown.has(narrowed.id), shown.has(close.id)], [true, false])
    }
    await kit.app.modules.feed.api.precompute()
    await ben.call('PUT /api/users/:username/block', { params: { username: ana.user.username } })
    kit.app.modules.feed.api.dropMemory()
    const page = await ana.call('GET /api/feed', { query: { mode: 'ranked', limit: 2 } })
    assert.ok(page.items.length > 0)
    assert.ok(page.items.every(({ author }) => author.id === ana.user.id))
    await ben.call('DELETE /api/users/:username/block', { params: { username: ana.user.username } })
  })

  describe('are not kept of what somebody has taken back', () => {
    const isKept = async (key: string) => (await server.cli('exists', key)).trim() === '1'
    const keyOf = ({ user }: Person) => `user:feed:${user.id}`
    const setState = (person: Person, state: 'deactivated' | 'suspended') =>
      kit.app.modules.accounts.api.setState(person.user.id, state)
    let dora: Person

    beforeEach(async () => {
      ;[dora] = (await kit.people(1)) as [Person]
      await kit.follow(dora, ben)
    })
    after(() => setState(dora, 'deactivated'))

    /** Likely to come, and with a beginning that was made for her. */
    async function isMadeReady(): Promise<void> {
      await looksAt(dora, (await kit.post(ben)).id)
      await kit.app.modules.feed.api.precompute()
      assert.ok(await isKept(keyOf(dora)))
    }

    /** What happens while a round waits for the last that it reads. */
    async function duringRound(happens: () => Promise<unknown>): Promise<void> {
      const { main } = kit.app.database
      await server.flush()
      // Hers is the first turn: whose turn comes later, theirs begins later.
      const after_id = String(BigInt(dora.user.id) - 1n)
      await main.updateTable('feed_walks').set({ after_id }).execute()
      const { promise: isOver, resolve: end } = Promise.withResolvers<void>()
      const { promise: isLocked, resolve: begin } = Promise.withResolvers<void>()
      const lock = kit.app.database.transaction(async (tx) => {
        await sql`lock table media in access exclusive mode`.execute(tx)
        begin()
        await isOver
      })
      await isLocked
      const round = kit.app.modules.feed.api.precompute()
      await until(async () => {
        const { rows } = await sql`
          select 1 from pg_locks where not granted and relation = 'media'::regclass`.execute(main)
        return rows.length > 0
      })
      await happens()
      await kit.app.events.settle()
      end()
      await Promise.all([lock, round])
    }

    const acts: [string, () => Promise<unknown>][] = [
      [
        'personalisation is switched off',
        () => dora.call('PATCH /api/me', { body: { personalisation: false } }),
      ],
      ['the signals are erased', () => dora.call('DELETE /api/me/signals')],
      ['the account is suspended', () => setState(dora, 'suspended')],
      ['the account is closed', () => setState(dora, 'deactivated')],
    ]

    for (const [what, act] of acts) {
      test(`never stay when ${what}, and are not made again`, async () => {
        await isMadeReady()
        await act()
        await kit.app.events.settle()
        assert.ok(!(await isKept(keyOf(dora))))
        await kit.app.modules.feed.api.precompute()
        assert.ok(!(await isKept(keyOf(dora))))
      })

      test(`never come back with a round that began before ${what}`, async () => {
        await isMadeReady()
        await duringRound(act)
        assert.ok(await isKept(keyOf(ana)), 'it went on for others')
        assert.ok(!(await isKept(keyOf(dora))))
      })
    }
  })

  test('are not needed: without Redis feeds are what they were', async () => {
    const before = await feedOf(ana)
    await server.kill()
    assert.equal(await kit.app.modules.feed.api.precompute(), 2)
    assert.deepEqual(await feedOf(ana), before)
    assert.equal(await found(ana), undefined)
    await server.start()
  })
})
