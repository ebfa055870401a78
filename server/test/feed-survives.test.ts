import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Client } from '@heliograph/client'
import type { FeedMode } from '@heliograph/contract/accounts'
import fc from 'fast-check'
import { compareIds, type Id, idAt } from '#platform/ids/ids.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { createTestDatabase, type TestDatabase } from './helpers/database.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from './helpers/posts-kit.ts'
import { seedFeed, seedFollows } from './helpers/seed-feed.ts'

// What feeds must survive (failures 17, 19, 20 and 21 of the systems before us): two processes on one database, each
// with a memory of its own, and nothing said to either that is not in the database.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const modes: readonly FeedMode[] = ['ranked', 'chronological', 'favourites']

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

/** Each page from the other process. */
async function pageThrough(viewer: Person, mode: FeedMode, limit: number): Promise<Id[]> {
  const seen: Id[] = []
  let cursor: string | undefined
  let turn = 0
  do {
    const app = turn++ % 2 === 0 ? one : other
    const page = await at(app, viewer).call('GET /api/feed', { query: { mode, limit, cursor } })
    if (page.nextCursor !== null) assert.equal(page.items.length, limit, 'every page but the last is full')
    seen.push(...idsOf(page.items))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return seen
}

/** Plain lists of what was acknowledged. */
class World {
  readonly people: readonly Person[]
  posts: { author: number; id: Id }[] = []
  readonly follows = new Map<string, 'requested' | 'yes'>()
  readonly favourites = new Set<string>()
  readonly mutes = new Set<string>()
  readonly blocks = new Set<string>()

  constructor(people: readonly Person[]) {
    this.people = people
  }

  end(who: number, whom: number): void {
    this.follows.delete(`${who}:${whom}`)
    this.favourites.delete(`${who}:${whom}`)
  }

  feedOf(who: number, mode: FeedMode): Id[] {
    const isHeard = (author: number) => {
      const pair = `${who}:${author}`
      if (author === who) return mode !== 'favourites'
      if (this.blocks.has(pair) || this.blocks.has(`${author}:${who}`) || this.mutes.has(pair)) return false
      return this.follows.get(pair) === 'yes' && (mode !== 'favourites' || this.favourites.has(pair))
    }
    return this.posts.filter(({ author }) => isHeard(author)).map(({ id }) => id)
  }
}

const kinds = [
  ...(['follow', 'follow', 'unfollow', 'favourite', 'mute', 'unmute', 'block', 'unblock'] as const),
  ...(['delete', 'private', 'public', 'forget'] as const),
]
type Kind = 'post' | (typeof kinds)[number]

interface Step {
  kind: Kind
  who: number
  whom: number
  isElsewhere: boolean
}

const count = 4
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Kind>('post') },
    { weight: 3, arbitrary: fc.constantFrom<Kind>(...kinds) },
  ),
  who: fc.nat({ max: count - 1 }),
  whom: fc.nat({ max: count - 1 }),
  isElsewhere: fc.boolean(),
})

async function take(world: World, { kind, who, whom, isElsewhere }: Step): Promise<void> {
  const app = isElsewhere ? other : one
  const me = at(app, world.people[who]!)
  const you = named(world.people[whom]!)
  const pair = `${who}:${whom}`
  switch (kind) {
    case 'post':
      world.posts.push({ author: who, id: (await kit.post(world.people[who]!)).id })
      return
    case 'delete': {
      const post = world.posts.find(({ author }) => author === who)
      if (!post) return
      await me.call('DELETE /api/posts/:id', { params: { id: post.id } })
      world.posts = world.posts.filter((each) => each !== post)
      return
    }
    case 'follow':
      await me.call('PUT /api/users/:username/follow', you).then(
        ({ relationship: { following } }) => void (following !== 'no' && world.follows.set(pair, following)),
        () => undefined,
      )
      return
    case 'unfollow':
      await refusal(me.call('DELETE /api/users/:username/follow', you))
      world.end(who, whom)
      return
    case 'favourite':
      if ((await refusal(me.call('PUT /api/users/:username/favourite', you))) === 'none')
        world.favourites.add(pair)
      return
    case 'mute':
      if ((await refusal(me.call('PUT /api/users/:username/mute', you))) === 'none') world.mutes.add(pair)
      return
    case 'unmute':
      await refusal(me.call('DELETE /api/users/:username/mute', you))
      world.mutes.delete(pair)
      return
    case 'block':
      if ((await refusal(me.call('PUT /api/users/:username/block', you))) !== 'none') return
      world.blocks.add(pair)
      world.end(who, whom)
      world.end(whom, who)
      return
    case 'unblock':
      await refusal(me.call('DELETE /api/users/:username/block', you))
      world.blocks.delete(pair)
      return
    case 'private':
      await me.call('PATCH /api/me', { body: { isPrivate: true } })
      return
    case 'public':
      await me.call('PATCH /api/me', { body: { isPrivate: false } })
      await one.settle()
      for (const [each, state] of world.follows)
        if (state === 'requested' && each.endsWith(`:${who}`)) world.follows.set(each, 'yes')
      return
    case 'forget':
      app.modules.feed.api.dropMemory()
  }
}

describe('on two processes, under any history', () => {
  test('paging gives exactly what may be seen, each once, in full pages until the last', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 15, maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (steps, limit) => {
          const world = new World(await kit.people(count))
          for (const each of steps) await take(world, each)
          await heard()
          for (const [who, viewer] of world.people.entries())
            for (const mode of modes) {
              const seen = await pageThrough(viewer, mode, limit)
              const expected = world.feedOf(who, mode)
              const inOrder = mode === 'ranked' ? seen.toSorted(compareIds) : seen
              const wanted = mode === 'ranked' ? expected.toSorted(compareIds) : expected.toReversed()
              assert.deepEqual(inOrder, wanted, `${mode} of ${who}`)
            }
        },
      ),
      { numRuns: isLong ? 60 : 3, seed: isLong ? Date.now() : 20261126, endOnFailure: true },
    )
  })
})

describe('feeds', () => {
  test('17: are there at once when all memory is lost, and for who comes back after 30 days', async () => {
    const { main } = one.database
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    const post = await kit.post(anna)
    await main
      .updateTable('sessions')
      .set({ last_used_at: new Date(Date.now() - 30 * 86_400_000) })
      .execute()
    const monthAgo = idAt(Date.now() - 31 * 86_400_000, 1, 1, 1)
    await main.updateTable('outboxes').set({ feed_id: monthAgo }).where('post_id', '=', post.id).execute()
    await main.updateTable('posts').set({ feed_id: monthAgo }).where('id', '=', post.id).execute()
    for (const app of [one, other]) app.modules.feed.api.dropMemory()
    for (const app of [one, other])
      for (const mode of ['ranked', 'chronological'] as const) {
        const page = await at(app, ben).call('GET /api/feed', { query: { mode } })
        assert.deepEqual(idsOf(page.items), [post.id])
        app.modules.feed.api.dropMemory()
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
    for (const app of [one, other]) app.modules.feed.api.dropMemory()
    const newestFirst = idsOf(seeded.posts).toReversed()
    assert.deepEqual(await pageThrough(ben, 'chronological', 50), newestFirst)
    const ranked = await pageThrough(ben, 'ranked', 50)
    assert.deepEqual(ranked.toSorted(compareIds), newestFirst.toSorted(compareIds))
  })

  test('20: have no fault with none, one and two posts, and nobody who was let go', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    const posts: Id[] = []
    for (let round = 0; round < 3; round++) {
      await heard()
      for (const mode of ['ranked', 'chronological'] as const)
        for (const limit of [1, 2, 20])
          assert.deepEqual((await pageThrough(ben, mode, limit)).toSorted(), posts.toSorted())
      posts.push((await kit.post(anna)).id)
    }
    await at(other, ben).call('DELETE /api/users/:username/follow', named(anna))
    await heard()
    for (const mode of modes) assert.deepEqual(await pageThrough(ben, mode, 20), [])
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
    for (const each of others) await kit.follow(ben, each)
    for (let i = 0; i < 9; i++) await kit.post(others[i % 3]!)
    const stop = { now: false }
    const writers = others.map(async (author) => {
      while (!stop.now) await kit.post(author)
    })
    await using cold = await createTestApp({ env: { DATABASE_URL: database.url, HELIOGRAPH_DATA: folder } })
    for (let i = 0; i < (isLong ? 12 : 6); i++) {
      const mode = modes[i % 2]!
      const before = await at(one, ben).call('GET /api/feed', { query: { mode, limit: 5 } })
      const again = await at(cold, ben).call('GET /api/feed', {
        query: { mode, limit: 5, cursor: before.nextCursor! },
      })
      const seen = [...idsOf(before.items), ...idsOf(again.items)]
      assert.equal(new Set(seen).size, seen.length, 'no post comes twice')
    }
    stop.now = true
    await Promise.all(writers)
    await heard()
    await cold.events.settle()
    const ofCold = await at(cold, ben).call('GET /api/feed', { query: { mode: 'chronological', limit: 50 } })
    const ofOne = await at(one, ben).call('GET /api/feed', { query: { mode: 'chronological', limit: 50 } })
    assert.deepEqual(idsOf(ofCold.items), idsOf(ofOne.items))
  })
})
