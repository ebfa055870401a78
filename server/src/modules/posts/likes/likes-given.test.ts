import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { createLease, lockLease } from '#platform/events/lease.ts'
import { FOLLOWER_PREFIX } from '#platform/events/purge.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit } from '../../../../test/helpers/posts-kit.ts'
import { until } from '../../../../test/helpers/until.ts'
import { followLikes, type LikeEvent } from './likes-given.ts'

// Two holders of the follower's lease beside each other, as after a process that stood still. The one of the app itself
// does not run here: it begins when a test settles.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

type Holder = (batch: readonly LikeEvent[]) => Promise<void>

let kit: PostsKit
let people: Person[]
let posts: Id[]
/** By id: they may be told twice. */
const told = new Map<Id, LikeEvent>()
let expected = 0
const liked = new Set<string>()

before(async () => {
  kit = await createPostsKit()
  const anna = await kit.person('anna')
  people = await kit.people(3)
  posts = [(await kit.post(anna)).id, (await kit.post(anna)).id]
  for (const kind of ['likes.created', 'likes.deleted'] as const)
    kit.app.events.on(kind, (event) => void told.set(event.id, event as LikeEvent))
  assert.ok(await createLease(kit.app.database, `${FOLLOWER_PREFIX}posts.likes_given`).hold())
})
after(() => kit[Symbol.asyncDispose]())

async function like(who: Person, id: Id): Promise<void> {
  await who.call('PUT /api/posts/:id/like', { params: { id } })
  const pair = `${who.user.id} ${id}`
  if (!liked.has(pair)) expected++
  liked.add(pair)
}

async function unlike(who: Person, id: Id): Promise<void> {
  await who.call('DELETE /api/posts/:id/like', { params: { id } })
  if (liked.delete(`${who.user.id} ${id}`)) expected++
}

let heard = 0
/** What was told since the last time. */
async function hearNew(): Promise<LikeEvent[]> {
  await until(() => told.size === expected)
  const events = [...told.values()].slice(heard)
  heard = told.size
  return events
}

/** What the holder of the lease runs, in the hands of the test. */
function createHolder(): Holder {
  const { database, events } = kit.app
  let handler: Holder | undefined
  followLikes({
    database,
    events: {
      ...events,
      follow(name, _kinds, handle) {
        handler = handle as unknown as Holder
        const lease = FOLLOWER_PREFIX + name
        return { position: () => assert.fail(name), lock: (tx) => lockLease(tx, lease) }
      },
    },
  })
  return (batch) => handler!(batch)
}

/** Both sides, each like with its place among the likes of its giver. */
async function assertBothSidesSame(): Promise<void> {
  const { main } = kit.app.database
  const places = new Map(
    [...told.values()].flatMap((event) =>
      event.kind === 'likes.created' ? [[event.id, event.data.givenId]] : [],
    ),
  )
  const likes = await main.selectFrom('likes').select(['id', 'post_id', 'user_id', 'created_at']).execute()
  const given = await main.selectFrom('likes_given').selectAll().execute()
  const sorted = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort()
  assert.deepEqual(
    sorted(given.map(({ id, post_id, user_id, created_at }) => ({ id, post_id, user_id, created_at }))),
    sorted(likes.map((row) => ({ ...row, id: places.get(row.id) }))),
  )
  for (const row of given) assert.equal(row.bucket, bucketOf(row.user_id))
}

async function countWaiting(): Promise<number> {
  const waiting = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  `.execute(kit.app.database.main)
  return waiting.rows.length
}

test('what one holder saw is never written over what the next one saw later', async () => {
  const [one, next] = [createHolder(), createHolder()]
  const [ben] = people as [Person]
  const [id] = posts as [Id]
  await like(ben, id)
  const [created] = await hearNew()
  const stop = new Error('taken back')
  const work: Promise<unknown>[] = []
  const inTheWay = kit.app.database.transaction(async (tx) => {
    // The first holder has seen the like, and waits for this row when it writes it down.
    const at = { bucket: bucketOf(ben.user.id), user_id: ben.user.id, post_id: id, id: created!.id }
    await tx
      .insertInto('likes_given')
      .values({ ...at, created_at: new Date() })
      .execute()
    work.push(one([created!]))
    await until(async () => (await countWaiting()) === 1)
    await unlike(ben, id)
    // Nothing to take back yet, for one that does not wait for the first.
    const second = next(await hearNew())
    work.push(second)
    await Promise.race([second, until(async () => (await countWaiting()) === 2)])
    throw stop
  })
  await assert.rejects(inTheWay, stop)
  await Promise.all(work)
  await assertBothSidesSame()
})

test('batches in any order, twice and beside each other, end where the likes are', async () => {
  const act = fc.record({ who: fc.nat({ max: 2 }), at: fc.nat({ max: 1 }), isLike: fc.boolean() })
  const acts = fc.array(act, { minLength: 3, maxLength: 8 })
  const order = fc.array(fc.nat(), { minLength: 16, maxLength: 16 })
  const holders = [createHolder(), createHolder()]
  const run = async (steps: readonly { who: number; at: number; isLike: boolean }[]) => {
    for (const { who, at, isLike } of steps) await (isLike ? like : unlike)(people[who]!, posts[at]!)
  }
  /** Each event twice, in this order, by threes, dealt to both holders. */
  const replay = async (events: readonly LikeEvent[], keys: readonly number[]) => {
    const all = [...events, ...events].map((event, place) => ({ event, key: keys[place % keys.length]! }))
    all.sort((a, b) => a.key - b.key)
    const lane = async (turn: number) => {
      for (let at = turn * 3; at < all.length; at += 6)
        await holders[turn]!(all.slice(at, at + 3).map(({ event }) => event))
    }
    await Promise.all([lane(0), lane(1)])
  }
  await fc.assert(
    fc.asyncProperty(acts, acts, order, order, async (first, second, oneOrder, otherOrder) => {
      await run(first)
      await Promise.all([replay(await hearNew(), oneOrder), run(second)])
      await replay(await hearNew(), otherOrder)
      await assertBothSidesSame()
    }),
    { numRuns: isLong ? 300 : 10, endOnFailure: true },
  )
})
