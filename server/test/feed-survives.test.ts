import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@heliograph/client'
import { compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { createTestDatabase, type TestDatabase } from './helpers/database.ts'
import { assertAnyHistory, lookAt, modes, pageThrough, type TwoProcesses } from './helpers/feed-history.ts'
import { createPostsKit, type Person, type PostsKit } from './helpers/posts-kit.ts'
import { seedFeed, seedFollows } from './helpers/seed-feed.ts'

// What feeds must survive (failures 17, 19, 20 and 21 of the systems before us): two processes on one database, each
// with a memory of its own, and nothing said to either that is not in the database.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

let database: TestDatabase
let folder: string
let kit: PostsKit
let one: TestApp
let other: TestApp

before(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'heliograph-feeds-'))
  const env = { DATABASE_URL: database.url, HELIOGRAPH_DATA: folder }
  kit = await createPostsKit({ env })
  one = kit.app
  other = await createTestApp({ env })
})
after(async () => {
  await other[Symbol.asyncDispose]()
  await kit[Symbol.asyncDispose]()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const named = (person: Person) => ({ params: { username: person.user.username } })
const idsOf = (posts: Iterable<{ id: Id }>) => Array.from(posts, (post) => post.id)
const at = (app: TestApp, person: Person): Client => app.client.as(person.token)

/** What is committed has reached both; truth is asked for at once, memory within the second. */
async function heard(): Promise<void> {
  await one.events.settle()
  await other.events.settle()
}

/** All that this process has in memory: feeds with their orders, and what is known of people and posts. */
function forgetAll(app: TestApp): void {
  app.modules.feed.api.dropMemory()
  app.coherence.forget()
}

async function forgetLater(afterMs: number): Promise<void> {
  await sleep(afterMs)
  for (const app of [one, other]) forgetAll(app)
}

const two: TwoProcesses = {
  at: (isElsewhere, person) => at(isElsewhere ? other : one, person),
  people: (count) => kit.people(count),
  post: async (author) => (await kit.post(author)).id,
  forget: async (isElsewhere) => forgetAll(isElsewhere ? other : one),
  forgetLater,
  // Each has a cache of its own.
  async precompute() {
    for (const app of [one, other]) await app.modules.feed.api.precompute()
  },
  cool: async (isElsewhere) => forgetAll(isElsewhere ? other : one),
  work: () => one.settle(),
}

/** First pages that began with what was made before, at both. */
async function fromKept(): Promise<number> {
  let count = 0
  for (const { url } of [one, other]) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    count += Number(/cold_feeds_total\{from="kept"\} (\d+)/.exec(metrics)?.[1] ?? 0)
  }
  return count
}

describe('on two processes, under any history', () => {
  test('paging gives exactly what may be seen, each once, in full pages until the last', async () => {
    await assertAnyHistory(two, { numRuns: isLong ? 60 : 3, seed: isLong ? Date.now() : 20261126 })
    const count = await fromKept()
    assert.ok(count >= 3, `${count} began with what was made before`)
  })
})

describe('feeds', () => {
  test('never lack posts, nor end, because memory was lost while a page was made', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    const posts = [(await kit.post(anna)).id]
    const page = async () => {
      const query = { mode: 'ranked', limit: 50 } as const
      const { items, nextCursor } = await ben.call('GET /api/feed', { query })
      assert.deepEqual(idsOf(items).toSorted(compareIds), posts.toSorted(compareIds))
      assert.equal(nextCursor, null)
    }
    for (let round = 0; round < 24; round++) {
      await page()
      // Of this one alone the features are loaded.
      posts.push((await kit.post(anna)).id)
      await heard()
      await Promise.all([page(), forgetLater(round / 3)])
    }
  })

  test('17: are there at once when all memory is lost, and for who comes back after 30 days', async () => {
    const { main } = one.database
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    await ben.call('PUT /api/users/:username/favourite', named(anna))
    const post = await kit.post(anna)
    await main
      .updateTable('sessions')
      .set({ last_used_at: new Date(Date.now() - 30 * 86_400_000) })
      .execute()
    const monthAgo = idAt(Date.now() - 31 * 86_400_000, 1, 1, 1)
    await main.updateTable('outboxes').set({ feed_id: monthAgo }).where('post_id', '=', post.id).execute()
    await main.updateTable('posts').set({ feed_id: monthAgo }).where('id', '=', post.id).execute()
    for (const app of [one, other]) forgetAll(app)
    for (const app of [one, other])
      for (const mode of modes) {
        const page = await at(app, ben).call('GET /api/feed', { query: { mode } })
        assert.deepEqual(idsOf(page.items), [post.id])
        forgetAll(app)
      }
  })

  test('19: a gap in memory hides nothing, and a page is neither short nor long', async () => {
    const { main } = one.database
    // Of one of them more than is kept of anybody in memory.
    const size = { people: 3, posts: isLong ? 1700 : 1100, likes: 0, comments: 0 }
    const seeded = await seedFeed(main, size)
    await main.updateTable('users').set({ is_private: false }).where('id', 'in', seeded.people).execute()
    const [ben] = (await kit.people(1)) as [Person]
    await seedFollows(main, ben.user.id, seeded.people)
    for (const app of [one, other]) forgetAll(app)
    const newestFirst = idsOf(seeded.posts).toReversed()
    assert.deepEqual(await pageThrough(two, ben, 'chronological', 50), newestFirst)
    const ranked = await pageThrough(two, ben, 'ranked', 50)
    assert.deepEqual(ranked.toSorted(compareIds), newestFirst.toSorted(compareIds))
  })

  test('lack nothing and repeat nothing beyond what is ranked, when they began with what was made before', async () => {
    const { main } = one.database
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const seeded = await seedFeed(main, { people: 4, posts: 560, likes: 0, comments: 0 })
    await main.updateTable('users').set({ is_private: false }).where('id', 'in', seeded.people).execute()
    await seedFollows(main, ben.user.id, seeded.people)
    await kit.follow(ben, anna)
    const posts = [...idsOf(seeded.posts)]
    for (let n = 0; n < 3; n++) posts.push((await kit.post(anna)).id)
    await lookAt(ben, posts.at(-1)!)
    await heard()
    for (const limit of [40, 12]) {
      await two.precompute()
      for (const app of [one, other]) forgetAll(app)
      const before = await fromKept()
      const seen: Id[] = []
      let cursor: string | undefined
      for (let page = 0; page === 0 || cursor !== undefined; page++) {
        const query = { mode: 'ranked', limit, cursor } as const
        const { items, nextCursor } = await at(page % 2 ? other : one, ben).call('GET /api/feed', { query })
        if (nextCursor !== null) assert.equal(items.length, limit, 'every page but the last is full')
        seen.push(...idsOf(items))
        cursor = nextCursor ?? undefined
        // What is published meanwhile is for the next time.
        if (page === 1) posts.push((await kit.post(anna)).id)
        if (page % 5 === 2) forgetAll(page % 2 ? one : other)
      }
      assert.equal(await fromKept(), before + 1)
      const expected = posts.slice(0, -1)
      assert.deepEqual(seen.toSorted(compareIds), expected.toSorted(compareIds))
      await heard()
    }
  })

  test('20: have no fault with none, one and two posts, and nobody who was let go', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    const posts: Id[] = []
    for (let round = 0; round < 3; round++) {
      await heard()
      for (const mode of ['ranked', 'chronological'] as const)
        for (const limit of [1, 2, 20])
          assert.deepEqual((await pageThrough(two, ben, mode, limit)).toSorted(), posts.toSorted())
      posts.push((await kit.post(anna)).id)
    }
    await at(other, ben).call('DELETE /api/users/:username/follow', named(anna))
    await heard()
    for (const mode of modes) assert.deepEqual(await pageThrough(two, ben, mode, 20), [])
  })

  const crowd = isLong ? 20_000 : 2000

  test(`21: a post of somebody with ${crowd} followers is one row, like anybody’s`, async () => {
    const { main } = one.database
    const [star, nobody] = (await kit.people(2)) as [Person, Person]
    const seeded = await seedFeed(main, { people: crowd, posts: 1, likes: 0, comments: 0 })
    await main
      .insertInto('followers')
      .columns(['bucket', 'followed_id', 'follower_id', 'id', 'created_at'])
      .expression((of) =>
        of
          .selectFrom('users')
          .select((row) => [
            row.val(Number((BigInt(star.user.id) >> 12n) & 1023n)).as('bucket'),
            row.val(star.user.id).as('followed_id'),
            'id as follower_id',
            'id',
            'created_at',
          ])
          .where('id', 'in', seeded.people),
      )
      .execute()
    const tables = ['outboxes', 'events', 'feed_snapshots', 'posts'] as const
    const rows = async () =>
      await Promise.all(
        tables.map(async (table) => {
          const found = await main
            .selectFrom(table)
            .select((of) => of.fn.countAll<string>().as('n'))
            .execute()
          return Number(found[0]!.n)
        }),
      )
    const written = async (author: Person) => {
      // What others deleted goes by a job.
      await one.settle()
      const before = await rows()
      await kit.post(author)
      await one.settle()
      return (await rows()).map((number, place) => number - before[place]!)
    }
    assert.deepEqual(await written(star), await written(nobody))
  })

  test('of a process that starts in the middle of it all are the same as those of one that knows', async () => {
    const people = await kit.people(4)
    const [ben, ...others] = people as [Person, ...Person[]]
    for (const each of others) {
      await kit.follow(ben, each)
      await ben.call('PUT /api/users/:username/favourite', named(each))
    }
    const posts: Id[] = []
    for (let i = 0; i < 9; i++) posts.push((await kit.post(others[i % 3]!)).id)
    const before = [...posts]
    const stop = { now: false }
    const writers = others.map(async (author) => {
      while (!stop.now) posts.push((await kit.post(author)).id)
    })
    await using cold = await createTestApp({ env: { DATABASE_URL: database.url, HELIOGRAPH_DATA: folder } })
    const warmAndCold = {
      at: (isElsewhere: boolean, person: Person) => at(isElsewhere ? cold : one, person),
    }
    for (let i = 0; i < (isLong ? 12 : 3); i++) {
      const mode = modes[i % 3]!
      const seen = await pageThrough(warmAndCold, ben, mode, 10)
      assert.equal(new Set(seen).size, seen.length, `no post comes twice: ${mode}`)
      const missing = before.filter((id) => !seen.includes(id))
      assert.deepEqual(missing, [], `none is missing that was there before it started: ${mode}`)
    }
    stop.now = true
    await Promise.all(writers)
    await heard()
    await cold.events.settle()
    for (const mode of modes) {
      const seen = await pageThrough(warmAndCold, ben, mode, 20)
      assert.deepEqual(seen.toSorted(compareIds), posts.toSorted(compareIds), mode)
    }
  })
})
