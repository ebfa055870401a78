import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AskArgument } from '@heliograph/contract/call'
import type { Post } from '@heliograph/contract/posts'
import type { AccountRow } from '#modules/accounts'
import { createTasteSums, rhythmKey } from '#modules/ranking'
import { createTestClock } from '#platform/clock/clock.ts'
import type { Tx } from '#platform/db/db.ts'
import { halvesOf } from '#platform/ids/id-halves.ts'
import { bucketOf, type Id, idAt, MIN_ID, minIdAt } from '#platform/ids/ids.ts'
import {
  collect,
  createPostsKit,
  type Person,
  type PostsKit,
  refusal,
} from '../../../test/helpers/posts-kit.ts'
import { queriesDuring } from '../../../test/helpers/query-plans.ts'
import { seedFeed } from '../../../test/helpers/seed-feed.ts'
import { createHours } from './signals-hours.ts'
import { addSums } from './sums-repository.ts'

let kit: PostsKit

/** How far the app's clock, which goes on, is ahead of what it is. */
const ahead = createTestClock(0)

before(async () => {
  kit = await createPostsKit({ clock: { ...ahead, now: () => Date.now() + ahead.now() } })
})
after(() => kit[Symbol.asyncDispose]())

type Sent = NonNullable<AskArgument<'POST /api/signals'>[0]>['body']['signals'][number]
let sent = 0
const signal = (kind: Sent['kind'], about: Partial<Sent> = {}): Sent => ({
  id: `s${++sent}`,
  kind,
  at: new Date().toISOString(),
  ...about,
})
const seen = (post: Pick<Post, 'id'>, dwellMs = 2000) => signal('impression', { postId: post.id, dwellMs })
const send = (person: Person, ...signals: Sent[]) =>
  person.call('POST /api/signals', { body: { signals, sentAt: new Date().toISOString() } })
const named = (person: Person) => ({ params: { username: person.user.username } })
const about = (post: Post) => ({ params: { id: post.id } })
const kept = async (person: Person) =>
  (await person.call('GET /api/me/signals', { query: { limit: 50 } })).items.map(({ kind }) => kind)
const tasteOf = (person: Person) => kit.app.modules.signals.api.tasteOf(person.user.id)
const givenTo = async (person: Person, author: Person) =>
  (await tasteOf(person)).authors.get(author.user.id)?.given ?? 0

/** Every table of the module, for one person. */
async function rowsOf(userId: Id): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of ['signals', 'signal_authors', 'signal_features', 'signal_rhythm'] as const) {
    const rows = await kit.app.database.main
      .selectFrom(table)
      .select('bucket')
      .where('bucket', '=', bucketOf(userId))
      .where('user_id', '=', userId)
      .execute()
    counts[table] = rows.length
  }
  return counts
}
const none = { signals: 0, signal_authors: 0, signal_features: 0, signal_rhythm: 0 }

async function attentionOf(post: Pick<Post, 'id'>, { app } = kit) {
  await app.modules.signals.api.upkeep.countAttention()
  const row = await app.database.main
    .selectFrom('post_attention')
    .select(['impressions', 'dwells', 'dwell_ms'])
    .where('bucket', '=', bucketOf(post.id))
    .where('post_id', '=', post.id)
    .executeTakeFirst()
  return row ? [row.impressions, row.dwells, Number(row.dwell_ms)] : [0, 0, 0]
}

describe('what is looked at', () => {
  test('becomes what the feed knows: authors, hashtags, kinds, hours', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna, { caption: 'Evening over the harbour #sunset' })
    assert.deepEqual(
      await send(
        ben,
        seen(post),
        signal('profile_visit', named(anna).params),
        signal('hashtag_tap', { tag: 'Boats' }),
      ),
      { accepted: 3 },
    )
    assert.deepEqual(await kept(ben), ['hashtag_tap', 'profile_visit', 'impression'])
    const interests = await ben.call('GET /api/me/interests')
    assert.deepEqual(
      interests.people.map(({ user }) => user.username),
      [anna.user.username],
    )
    assert.ok(interests.hashtags.some(({ name }) => name === 'boats'))
    assert.ok(interests.hashtags.some(({ name }) => name === 'sunset'))
    assert.ok(interests.words.some(({ name }) => name === 'harbour'))
    assert.ok(Math.abs(interests.hours.reduce((sum, share) => sum + share, 0) - 1) < 0.01)
    assert.ok((await givenTo(ben, anna)) > 0)
  })

  test('sent again, by one id or another, raises nothing', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna, { caption: '#again' })
    const batch = [
      seen(post),
      signal('profile_visit', { userId: anna.user.id }),
      signal('session', { dwellMs: 1000, at: new Date(Date.now() - 60_000).toISOString() }),
    ]
    await send(ben, ...batch)
    const [rows, taste, attention] = [await rowsOf(ben.user.id), await tasteOf(ben), await attentionOf(post)]
    for (let i = 0; i < 3; i++) assert.deepEqual(await send(ben, ...batch, ...batch), { accepted: 6 })
    await Promise.all(Array.from({ length: 4 }, () => send(ben, seen(post, 200_000))))
    assert.deepEqual(await rowsOf(ben.user.id), rows)
    assert.deepEqual({ ...(await tasteOf(ben)), asOf: 0 }.authors.size, taste.authors.size)
    assert.ok(Math.abs((await givenTo(ben, anna)) - taste.authors.get(anna.user.id)!.given) < 1e-6)
    assert.deepEqual(await attentionOf(post), attention)
    assert.deepEqual(attention, [1, 1, 2000])
  })

  test('of one’s own raises neither oneself nor one’s posts', async () => {
    const [ben] = (await kit.people(1)) as [Person]
    const post = await kit.post(ben, { caption: '#mine' })
    assert.deepEqual(await send(ben, seen(post), signal('profile_visit', { userId: ben.user.id })), {
      accepted: 2,
    })
    await ben.call('PUT /api/posts/:id/like', about(post))
    await ben.call('PUT /api/posts/:id/save', about(post))
    await ben.call('POST /api/posts/:id/shares', about(post))
    await ben.call('POST /api/posts/:id/comments', { ...about(post), body: { text: 'look' } })
    await ben.call('PUT /api/posts/:id/hidden', about(post))
    await kit.app.settle()
    assert.deepEqual(await rowsOf(ben.user.id), none)
    assert.deepEqual(await attentionOf(post), [0, 0, 0])
  })

  test('that one may not see leaves no trace and has no other answer', async () => {
    const hidden = await kit.person(undefined, { isPrivate: true })
    const [ben, blocker] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(hidden, { caption: '#secret' })
    const blocked = await kit.post(blocker)
    await blocker.call('PUT /api/users/:username/block', named(ben))
    const answers = [
      await send(ben, seen(post)),
      await send(ben, seen(blocked)),
      await send(ben, signal('impression', { postId: '123456789' })),
      await send(ben, signal('profile_visit', { userId: blocker.user.id })),
      await send(ben, signal('profile_visit', named(blocker).params)),
      await send(ben, signal('profile_visit', { username: 'nobody_at_all' })),
    ]
    for (const answer of answers) assert.deepEqual(answer, { accepted: 1 })
    assert.deepEqual(await rowsOf(ben.user.id), none)
    assert.deepEqual(await attentionOf(post), [0, 0, 0])
    assert.equal(await refusal(ben.call('PUT /api/posts/:id/hidden', about(post))), 'post.not_found')
    assert.equal(await refusal(ben.call('DELETE /api/posts/:id/hidden', about(post))), 'post.not_found')
  })

  test('long ago, or tomorrow, counts nothing; and no more counts than a person can do in a day', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const at = (ms: number) => ({ at: new Date(Date.now() + ms).toISOString() })
    await send(ben, signal('hashtag_tap', { tag: 'old', ...at(-49 * 3_600_000) }))
    await send(ben, signal('hashtag_tap', { tag: 'new', ...at(3_600_000) }))
    assert.deepEqual(await rowsOf(ben.user.id), none)
    await send(ben, signal('hashtag_tap', { tag: 'first' }))
    await kit.app.database.main
      .updateTable('signal_people')
      .set({ day_count: 1998 })
      .where('bucket', '=', bucketOf(ben.user.id))
      .where('user_id', '=', ben.user.id)
      .execute()
    await Promise.all([1, 2, 3].map((n) => send(ben, signal('hashtag_tap', { tag: `more${n}` }))))
    assert.equal((await rowsOf(ben.user.id)).signals, 3, 'two of the three were the last')
    const many = Array.from({ length: 101 }, () => signal('profile_visit', { userId: anna.user.id }))
    assert.equal(await refusal(send(ben, ...many)), 'request.invalid')
    for (const incomplete of ['impression', 'profile_visit', 'hashtag_tap'] as const)
      assert.equal(await refusal(send(ben, signal(incomplete))), 'request.invalid')
    assert.equal(await refusal(send(ben, { ...signal('session'), secret: 1 } as never)), 'request.invalid')
    assert.equal(
      await refusal(kit.app.client.call('POST /api/signals', { body: { signals: [signal('session')] } })),
      'auth.required',
    )
  })

  test('never makes one account several, and nobody has looked at a post before it was there', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const { main } = kit.app.database
    const seeded = await seedFeed(main, { people: 1, posts: 1, likes: 0, comments: 0 })
    await main.updateTable('users').set({ is_private: false }).where('id', 'in', seeded.people).execute()
    const at = (hours: number) => ({ at: new Date(Date.now() - hours * 3_600_000).toISOString() })
    for (const [post, times] of [
      [await kit.post(anna), 1],
      [seeded.posts[0]!, 3],
    ] as const) {
      const before = (await kept(ben)).length
      await send(ben, ...[47, 24, 0].map((hours) => ({ ...seen(post), ...at(hours) })))
      assert.equal((await kept(ben)).length - before, times)
      assert.deepEqual(await attentionOf(post), [1, 1, 2000])
    }
  })

  test('just before midnight and told just after it reaches the post, and what is of long before does not', async () => {
    const day = 86_400_000
    const midnight = Math.ceil(Date.now() / day) * day
    const aheadMs = midnight + 5000 - Date.now()
    await using night = await createPostsKit({ clock: { ...ahead, now: () => Date.now() + aheadMs } })
    const ben = await night.person()
    const { main } = night.app.database
    const { people, posts } = await seedFeed(main, { people: 1, posts: 2, likes: 0, comments: 0 })
    await main.updateTable('users').set({ is_private: false }).where('id', 'in', people).execute()
    const [post, other] = [posts[0]!, posts[1]!]
    const look = (at: { id: Id }, ms: number) =>
      send(ben, { ...seen(at), at: new Date(midnight + ms).toISOString() })
    await look(post, -2000)
    assert.deepEqual(await attentionOf(post, night), [1, 1, 2000])
    await look(post, -3000)
    assert.deepEqual(await attentionOf(post, night), [1, 1, 2000], 'once for that day')
    await look(other, -30 * 60_000)
    assert.deepEqual(await attentionOf(other, night), [0, 0, 0])
    assert.equal((await ben.call('GET /api/me/signals', { query: { limit: 50 } })).items.length, 2)
  })

  test('is taken as a browser’s last word, by cookie, and from no other site', async () => {
    const post = await kit.post(await kit.person(), {})
    const username = `beacon_${Date.now()}`
    const signUp = await fetch(`${kit.app.url}/api/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: kit.app.url },
      body: JSON.stringify({
        username,
        email: `${username}@example.org`,
        password: 'correct horse battery',
        cookie: true,
      }),
    })
    const cookie = signUp.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ')
    const beacon = (origin: string) =>
      fetch(`${kit.app.url}/api/signals`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, cookie },
        body: new Blob([JSON.stringify({ signals: [seen(post)] })], { type: 'application/json' }),
      })
    assert.equal((await beacon('https://elsewhere.example')).status, 403)
    assert.equal((await beacon(kit.app.url)).status, 202)
    assert.deepEqual(await attentionOf(post), [1, 1, 2000])
  })
})

describe('what is done', () => {
  test('counts once for who does it and, from those one follows, for whom it is done to; and is taken back', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    const post = await kit.post(anna, { caption: '#sunset' })
    await kit.follow(anna, ben)
    await kit.app.settle()
    const like = (person: Person) => person.call('PUT /api/posts/:id/like', about(post))
    for (const person of [ben, carl]) assert.equal(await givenTo(person, anna), 0)
    await Promise.all([like(ben), like(carl)])
    await kit.app.settle()
    assert.ok((await givenTo(carl, anna)) > 0.99, 'told of together, and both are known anew')
    assert.deepEqual(await kept(ben), ['like'])
    assert.deepEqual(await kept(anna), ['received_like', 'follow'], 'carl is nobody whose posts come to anna')
    const once = await givenTo(ben, anna)
    assert.ok(once > 0.99 && once < 1.01)
    assert.ok((await tasteOf(anna)).authors.get(ben.user.id)!.received > 0.9)

    const unlike = () => ben.call('DELETE /api/posts/:id/like', about(post))
    for (let i = 0; i < 3; i++) {
      await unlike()
      await kit.app.settle()
      assert.deepEqual(await kept(ben), [])
      assert.ok(Math.abs(await givenTo(ben, anna)) < 1e-6)
      await like(ben)
      await kit.app.settle()
    }
    for (let i = 0; i < 5; i++) {
      await unlike()
      await like(ben)
    }
    await kit.app.settle()
    assert.ok(Math.abs((await givenTo(ben, anna)) - 1) < 0.01, 'liking six times is liking once')
    assert.ok(Math.abs((await tasteOf(anna)).authors.get(ben.user.id)!.received - 1) < 0.01)
  })

  test('comments that were taken back raise nobody, and one that stays counts once', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    const post = await kit.post(anna)
    await kit.follow(anna, ben)
    const say = async (person: Person, parentId?: Id) => {
      const body = { text: 'lovely', parentId }
      const { id } = await person.call('POST /api/posts/:id/comments', { ...about(post), body })
      const params = { id: post.id, commentId: id }
      const takeBack = () => person.call('DELETE /api/posts/:id/comments/:commentId', { params })
      return Object.assign(takeBack, { id })
    }
    const known = async () => {
      await kit.app.settle()
      const received = (await tasteOf(anna)).authors.get(ben.user.id)?.received ?? 0
      return { his: await kept(ben), hers: await kept(anna), received: Math.round(received) }
    }
    const counted = { his: ['comment'], hers: ['received_comment', 'follow'], received: 2 }
    const nothing = { his: [], hers: ['follow'], received: 0 }
    const takeBack = await say(ben)
    assert.deepEqual(await known(), counted)
    await takeBack()
    assert.deepEqual(await known(), nothing)
    const two = await Promise.all([say(ben), say(ben)])
    await two[0]()
    assert.deepEqual(await known(), counted, 'one of two is left')
    await two[1]()
    assert.deepEqual(await known(), nothing)
    const both = await Promise.all([say(ben), say(ben)])
    await Promise.all(both.map((take) => take()))
    assert.deepEqual(await known(), nothing, 'both were taken back at once')
    const question = await say(carl)
    await say(ben, question.id)
    assert.deepEqual(await known(), counted)
    await question()
    assert.deepEqual(await known(), nothing, 'his answer went with what it answered')
  })

  test('on one day, taken back and done again on another, counts once', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna, { caption: '#daily' })
    await kit.follow(anna, ben)
    await ben.call('PUT /api/posts/:id/like', about(post))
    await kit.app.settle()
    const db = kit.app.database.main
    for (const { user } of [ben, anna])
      await db
        .updateTable('signals')
        .set((column) => ({ day: column('day', '-', 1) }))
        .where('bucket', '=', bucketOf(user.id))
        .where('user_id', '=', user.id)
        .execute()
    const { data } = await db
      .selectFrom('events')
      .select('data')
      .where('kind', '=', 'likes.created')
      .where('subject_id', '=', post.id)
      .executeTakeFirstOrThrow()
    // Both in the hands of the follower at once.
    const event = { bucket: bucketOf(post.id), subjectId: post.id, data: data as never }
    await kit.app.database.transaction((tx) =>
      kit.app.events.emitAll(tx, [
        { kind: 'likes.deleted', ...event },
        { kind: 'likes.created', ...event },
      ]),
    )
    await kit.app.settle()
    assert.deepEqual(await kept(ben), ['like'])
    assert.deepEqual(await kept(anna), ['received_like', 'follow'])
    assert.ok(Math.abs((await givenTo(ben, anna)) - 1) < 0.01)
    assert.ok(Math.abs((await tasteOf(anna)).authors.get(ben.user.id)!.received - 1) < 0.01)
  })

  test('by others again and again leaves a person room for what they do themselves', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const posts = [await kit.post(anna), await kit.post(anna)]
    await kit.follow(anna, ben)
    await kit.app.settle()
    const countToday = (count: number) =>
      kit.app.database.main
        .updateTable('signal_people')
        .set({ day_count: count })
        .where('bucket', '=', bucketOf(anna.user.id))
        .where('user_id', '=', anna.user.id)
        .execute()
    await countToday(999)
    for (const post of posts) {
      await ben.call('PUT /api/posts/:id/like', about(post))
      await kit.app.settle()
    }
    await send(anna, signal('hashtag_tap', { tag: 'mine' }))
    assert.deepEqual(await kept(anna), ['hashtag_tap', 'received_like', 'follow'])
    assert.deepEqual(await kept(ben), ['like', 'like'])
  })

  test('that is nobody’s business stays so: a save or a share tells its receiver nothing', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna)
    await kit.follow(anna, ben)
    await ben.call('PUT /api/posts/:id/save', about(post))
    await ben.call('POST /api/posts/:id/shares', about(post))
    await send(ben, signal('profile_visit', { userId: anna.user.id }), seen(post))
    await kit.app.settle()
    assert.deepEqual((await kept(ben)).sort(), ['impression', 'profile_visit', 'save', 'share'])
    assert.deepEqual(await kept(anna), ['follow'])
    await ben.call('DELETE /api/posts/:id/save', about(post))
    await kit.app.settle()
    assert.ok(!(await kept(ben)).includes('save'))
  })

  test('handed on twice counts once', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna)
    await ben.call('PUT /api/posts/:id/like', about(post))
    await kit.app.settle()
    const before = await givenTo(ben, anna)
    const db = kit.app.database.main
    const event = await db
      .selectFrom('events')
      .selectAll()
      .where('kind', '=', 'likes.created')
      .where('subject_id', '=', post.id)
      .executeTakeFirstOrThrow()
    await kit.app.database.transaction((tx) =>
      kit.app.events.emit(tx, 'likes.created', {
        bucket: event.bucket,
        subjectId: post.id,
        data: event.data as never,
      }),
    )
    await kit.app.settle()
    assert.deepEqual(await kept(ben), ['like'])
    assert.ok(Math.abs((await givenTo(ben, anna)) - before) < 1e-6)
  })
})

describe('what is kept', () => {
  test('of one person is read by that person alone, page by page', async () => {
    const [ben, anna, eve] = (await kit.people(3)) as [Person, Person, Person]
    await send(ben, ...['a1', 'a2', 'a3'].map((tag) => signal('hashtag_tap', { tag })))
    const first = await ben.call('GET /api/me/signals', { query: { limit: 2 } })
    const cursor = first.nextCursor!
    const second = await ben.call('GET /api/me/signals', { query: { limit: 2, cursor } })
    assert.deepEqual(
      [...first.items, ...second.items].map(({ tag }) => tag),
      ['a3', 'a2', 'a1'],
    )
    assert.equal(second.nextCursor, null)
    assert.equal(await refusal(eve.call('GET /api/me/signals', { query: { cursor } })), 'cursor.invalid')
    assert.deepEqual(await kept(eve), [])
    assert.deepEqual((await eve.call('GET /api/me/interests')).hashtags, [])
    await eve.call('DELETE /api/me/signals')
    assert.equal((await kept(ben)).length, 3)
    for (const route of ['GET /api/me/signals', 'GET /api/me/interests', 'DELETE /api/me/signals'] as const)
      assert.equal(await refusal(kit.app.client.call(route)), 'auth.required')
    await send(ben, signal('profile_visit', { userId: anna.user.id }))
    await anna.call('PUT /api/users/:username/block', named(ben))
    const [newest] = (await ben.call('GET /api/me/signals')).items
    assert.equal(newest?.username ?? null, null, 'who blocks one has no name any more')
  })

  test('erased is erased: rows, sums, memory, and what was on its way', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna, { caption: '#gone' })
    const early = seen(post)
    await send(ben, early, signal('session', { dwellMs: 0 }))
    await ben.call('PUT /api/posts/:id/like', about(post))
    assert.equal((await tasteOf(ben)).authors.size, 1)
    await ben.call('DELETE /api/me/signals')
    await kit.app.settle()
    await send(ben, { ...early, id: 'another' })
    assert.deepEqual(await rowsOf(ben.user.id), none, 'the like was made before')
    const taste = await tasteOf(ben)
    assert.deepEqual([taste.authors.size, taste.tags.size, taste.lastEndedAt], [0, 0, null])
    assert.ok(taste.features.keys.every((key) => key === 0))
    assert.equal(taste.isPersonal, true)
    const { people, hashtags, usualSessionSeconds } = await ben.call('GET /api/me/interests')
    assert.deepEqual([people, hashtags, usualSessionSeconds], [[], [], null])
    assert.equal((await kit.app.modules.signals.api.seenOf(ben.user.id)).countOf(post.id), 0)
    await send(ben, signal('hashtag_tap', { tag: 'later' }))
    assert.deepEqual(await kept(ben), ['hashtag_tap'], 'from now on it is kept again')
  })

  test('erased does not come back with what a clock that is ahead told of before', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna, { caption: '#ahead' })
    const byClock = (aheadMs: number) => new Date(Date.now() + aheadMs).toISOString()
    for (const aheadMs of [4 * 60_000, 24 * 3_600_000]) {
      const tell = (...signals: Sent[]) =>
        ben.call('POST /api/signals', { body: { signals, sentAt: byClock(aheadMs) } })
      const waiting = [
        { ...seen(post), at: byClock(aheadMs - 2000) },
        signal('hashtag_tap', { tag: 'early', at: byClock(aheadMs - 2000) }),
        signal('session', { dwellMs: 0, at: byClock(aheadMs - 2000) }),
      ]
      await ben.call('DELETE /api/me/signals')
      await tell(...waiting)
      assert.deepEqual(await rowsOf(ben.user.id), none)
      await tell(signal('hashtag_tap', { tag: 'late', at: byClock(aheadMs) }))
      assert.deepEqual(await kept(ben), ['hashtag_tap'])
    }
  })

  test('erased does not come back with what is told without a word on the clock', async () => {
    const [ben] = (await kit.people(1)) as [Person]
    const tell = (tag: string) =>
      ben.call('POST /api/signals', {
        body: { signals: [signal('hashtag_tap', { tag, at: new Date(Date.now() + 60_000).toISOString() })] },
      })
    await ben.call('DELETE /api/me/signals')
    await tell('early')
    assert.deepEqual(await rowsOf(ben.user.id), none)
    await kit.app.database.main
      .updateTable('signal_people')
      .set({ erased_at: new Date(Date.now() - 6 * 60_000) })
      .where('bucket', '=', bucketOf(ben.user.id))
      .where('user_id', '=', ben.user.id)
      .execute()
    await tell('late')
    assert.deepEqual(await kept(ben), ['hashtag_tap'])
  })

  test('is what the feed goes by, until it is erased or switched off', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const author of [anna, carl]) await kit.follow(ben, author)
    const post = await kit.post(anna)
    await kit.post(carl)
    await ben.call('PUT /api/posts/:id/like', about(post))
    await send(ben, signal('profile_visit', { userId: anna.user.id }))
    await kit.app.settle()
    const parts = async () => {
      const { items } = await ben.call('GET /api/feed', { query: { mode: 'ranked' } })
      const of = (person: Person) => items.find(({ author }) => author.id === person.user.id)!.reason!.parts
      return [of(anna), of(carl)] as const
    }
    const [liked, other] = await parts()
    assert.ok(liked.relationship > other.relationship)
    await ben.call('DELETE /api/me/signals')
    const [one, two] = await parts()
    assert.equal(one.relationship, two.relationship)
    await ben.call('PATCH /api/me', { body: { personalisation: false } })
    for (const { relationship, interest, activity } of await parts())
      assert.deepEqual([relationship, interest, activity], [0, 0, 0])
  })

  test('erased while more of it arrives is erased', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const posts = await Promise.all(Array.from({ length: 8 }, () => kit.post(anna, { caption: '#race' })))
    const batches = posts.map((post) => [seen(post)])
    const sending = batches.map((batch) => send(ben, ...batch))
    await Promise.all([...sending.slice(0, 4), ben.call('DELETE /api/me/signals'), ...sending.slice(4)])
    await ben.call('DELETE /api/me/signals')
    await Promise.all(batches.map((batch) => send(ben, ...batch)))
    assert.deepEqual(await rowsOf(ben.user.id), none)
    assert.equal((await tasteOf(ben)).authors.size, 0)
  })

  test('of a deleted post’s attention is nothing, also of what was on its way', async () => {
    const [ben, carl, anna] = (await kit.people(3)) as [Person, Person, Person]
    const post = await kit.post(anna)
    await send(ben, seen(post))
    assert.deepEqual(await attentionOf(post), [1, 1, 2000])
    await send(carl, seen(post))
    await anna.call('DELETE /api/posts/:id', about(post))
    await kit.app.settle()
    assert.deepEqual(await attentionOf(post), [0, 0, 0])
  })

  test('is nothing while personalisation is off, and nothing comes back when it is on again', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna, { caption: '#off' })
    await send(ben, seen(post))
    const patch = (personalisation: boolean) => ben.call('PATCH /api/me', { body: { personalisation } })
    assert.equal((await patch(false)).personalisation, false)
    assert.deepEqual(await rowsOf(ben.user.id), none)
    assert.deepEqual(await send(ben, seen(post), signal('session')), { accepted: 2 })
    await ben.call('PUT /api/posts/:id/like', about(post))
    await ben.call('PUT /api/posts/:id/hidden', about(post))
    await kit.app.settle()
    assert.deepEqual(await rowsOf(ben.user.id), none)
    assert.equal((await tasteOf(ben)).isPersonal, false)
    assert.ok(
      (await kit.app.modules.signals.api.seenOf(ben.user.id)).hides(halvesOf(post.id)),
      'asked for is asked for',
    )
    assert.equal((await ben.call('GET /api/me/interests')).personalisation, false)
    await patch(true)
    await kit.app.settle()
    assert.deepEqual(await rowsOf(ben.user.id), none)
    assert.equal((await tasteOf(ben)).isPersonal, true)
  })

  test('of who was blocked, or left, vanishes from what others’ feeds know', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const author of [anna, carl]) {
      await kit.follow(author, ben)
      await send(ben, seen(await kit.post(author)))
    }
    await ben.call('PUT /api/users/:username/block', named(anna))
    await kit.app.settle()
    assert.deepEqual(
      Array.from((await tasteOf(ben)).authors, ([id]) => id),
      [carl.user.id],
    )
    assert.equal((await rowsOf(anna.user.id)).signals, 0)
    await kit.app.modules.accounts.api.setState(carl.user.id, 'deleted')
    await kit.app.settle()
    assert.deepEqual(
      Array.from((await tasteOf(ben)).authors, ([id]) => id),
      [],
    )
    assert.equal((await rowsOf(ben.user.id)).signals, 0)
    assert.deepEqual(await rowsOf(carl.user.id), none)
  })

  test('goes after 90 days, and what it came to stays', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await send(ben, seen(await kit.post(anna)), signal('hashtag_tap', { tag: 'today' }))
    const age = (days: number) => minIdAt(Date.now() - days * 86_400_000)
    const set = (kind: 'impression' | 'hashtag_tap', id: Id) =>
      kit.app.database.main
        .updateTable('signals')
        .set({ id })
        .where('bucket', '=', bucketOf(ben.user.id))
        .where('user_id', '=', ben.user.id)
        .where('kind', '=', kind)
        .execute()
    await set('impression', age(91))
    await set('hashtag_tap', age(89))
    const before = await givenTo(ben, anna)
    await kit.app.modules.signals.api.upkeep.purge()
    assert.deepEqual(await kept(ben), ['hashtag_tap'])
    assert.ok(before > 0 && Math.abs((await givenTo(ben, anna)) - before) < 1e-6)
  })
})

describe('show less of this', () => {
  test('hides for oneself alone, lowers what is like it, and is undone', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    const post = await kit.post(anna, { caption: '#cars' })
    const { seenOf } = kit.app.modules.signals.api
    const hide = () => ben.call('PUT /api/posts/:id/hidden', about(post))
    await hide()
    await hide()
    assert.ok((await seenOf(ben.user.id)).hides(halvesOf(post.id)))
    assert.ok(!(await seenOf(carl.user.id)).hides(halvesOf(post.id)))
    assert.ok(Math.abs((await givenTo(ben, anna)) + 2) < 0.01, 'hiding twice is hiding once')
    assert.deepEqual(await kept(ben), ['hide'])
    const unhide = () => ben.call('DELETE /api/posts/:id/hidden', about(post))
    await unhide()
    await unhide()
    assert.ok(!(await seenOf(ben.user.id)).hides(halvesOf(post.id)))
    assert.ok(Math.abs(await givenTo(ben, anna)) < 1e-6)
    await hide()
    await anna.call('DELETE /api/posts/:id', about(post))
    await unhide()
    assert.equal(await refusal(hide()), 'post.not_found')
  })
})

describe('of a post that one may not see', () => {
  test('less can be wished neither now nor later, and nobody learns from it that there is one', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const uploadId = await kit.upload(anna, 'processing')
    const unready = await anna.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    const removed = await kit.post(anna)
    await anna.call('DELETE /api/posts/:id', about(removed))
    for (const id of [unready.id, removed.id, '123456789'])
      for (const route of ['PUT /api/posts/:id/hidden', 'DELETE /api/posts/:id/hidden'] as const)
        assert.equal(await refusal(ben.call(route, { params: { id } })), 'post.not_found')
    assert.equal(await refusal(anna.call('PUT /api/posts/:id/hidden', about(unready))), 'post.not_ready')
    await anna.call('DELETE /api/posts/:id/hidden', about(unready))
    assert.deepEqual(await rowsOf(ben.user.id), none)
  })
})

describe('hours', () => {
  test('are those of the person’s own clock, and tell who will come soon', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await ben.call('PATCH /api/me', { body: { timeZone: 'Asia/Kathmandu' } })
    await send(ben, seen(await kit.post(anna)), signal('session', { dwellMs: 0 }))
    const { hoursOf, likelyToOpen } = kit.app.modules.signals.api
    const hours = (await hoursOf([ben.user.id])).get(ben.user.id)!
    const local = new Date(Date.now() + 5.75 * 3_600_000).getUTCHours()
    assert.equal(hours.timeZone, 'Asia/Kathmandu')
    assert.equal(hours.shares[local], 1)
    const likely = async (ms: number) => (await collect(likelyToOpen(ms))).flat().includes(ben.user.id)
    assert.equal(await likely(Date.now()), true)
    assert.equal(await likely(Date.now() + 10 * 3_600_000), false)
    assert.equal(
      await likely(Date.now() + 24 * 20 * 3_600_000),
      false,
      'who is away for weeks is not expected',
    )
    await kit.app.modules.accounts.api.setState(ben.user.id, 'deactivated')
    assert.equal(await likely(Date.now()), false, 'nor whose account is closed')
  })

  test('pass nobody over who stands behind somebody else, in whichever order accounts are found', async () => {
    const { database } = kit.app
    const bucket = 1023
    const people = [1, 2, 3, 4].map((n) => idAt(Date.now(), bucket, 125, n))
    const now = new Date()
    const nothing = { day_count: 0, session_count: 0, session_ms: 0, gap_count: 0, gap_ms: 0 }
    await database.transaction(async (tx) => {
      const rows = people.map((user_id) => ({ ...nothing, bucket, user_id, day: 0, last_ended_at: now }))
      await tx.insertInto('signal_people').values(rows).execute()
      const sums = people.map((id) => {
        const each = createTasteSums()
        each.rhythm.set(rhythmKey(now.getUTCHours(), 0), { answered: 0, shown: 1 })
        return [id, each] as const
      })
      await addSums(tx, new Map(sums))
    })
    const preferences = { timeZone: 'UTC', language: 'en', personalisation: true } as const
    const { likelyToOpen } = createHours({
      database,
      accounts: {
        preferencesOf: async (ids) => new Map(ids.toReversed().map((id) => [id, preferences])),
        findByIds: async (ids) =>
          new Map(Array.from(ids, (id) => [id, { id, state: 'active' } as AccountRow])),
      },
    })
    const from = async (after: Id) =>
      (await collect(likelyToOpen(now.getTime(), after))).flat().filter((id) => people.includes(id))
    const [first, second, third, last] = people as [Id, Id, Id, Id]
    assert.deepEqual(await from(MIN_ID), people)
    assert.deepEqual(await from(second), [third, last, first, second])
  })
})

describe('whoever reads on and is shown to look', () => {
  const ofSignals = /\b(?:signals|signal_\w+|hidden_posts|preferences|personalisation)\b/
  /** What is asked of these tables meanwhile. */
  async function askedBy(work: () => Promise<unknown>): Promise<string[]> {
    const queries = await queriesDuring(kit.app.database.main, work)
    return queries.map(({ sql }) => sql).filter((text) => ofSignals.test(text))
  }

  test('is not read from the database at each page, knows at once what was seen, and within a minute what it means', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    const posts: Post[] = []
    for (let n = 0; n < 8; n++) posts.unshift(await kit.post(anna))
    const page = (cursor?: string) =>
      ben.call('GET /api/feed', { query: { mode: 'ranked', limit: 2, ...(cursor && { cursor }) } })
    const first = await page()
    const second = await page(first.nextCursor!)
    await page(second.nextCursor!)
    const countOf = async (post: Post) =>
      (await kit.app.modules.signals.api.seenOf(ben.user.id)).countOf(post.id)
    assert.equal(await countOf(posts[0]!), 0)
    const followed = await givenTo(ben, anna)

    await send(ben, ...posts.slice(0, 4).map((post) => seen(post)), signal('session', { dwellMs: 0 }))
    await kit.app.settle()
    assert.deepEqual(await askedBy(() => page(second.nextCursor!)), [])
    assert.deepEqual(await askedBy(() => page()), [])
    for (let times = 0; times < 2; times++) {
      assert.deepEqual(await Promise.all(posts.slice(0, 5).map(countOf)), [1, 1, 1, 1, 0])
      await send(ben, seen(posts[0]!))
    }
    assert.equal(await givenTo(ben, anna), followed)
    await ahead.advance(61_000)
    const looked = await givenTo(ben, anna)
    assert.ok(looked > followed + 0.1)

    // What one does on purpose counts at once, and reading on waits for none of it.
    await ben.call('PUT /api/posts/:id/like', about(posts[6]!))
    await kit.app.settle()
    assert.deepEqual(await askedBy(() => page(second.nextCursor!)), [])
    assert.ok((await givenTo(ben, anna)) > looked + 0.9)
  })

  test('in another process is known in this one, and hiding there hides here', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna)
    const { seenOf, hiddenOf } = kit.app.modules.signals.api
    const { id } = ben.user
    const row = { bucket: bucketOf(id), user_id: id, id: post.id }
    const day = Math.floor(Date.now() / 86_400_000)
    const tell = (tx: Tx, data: { grown?: 'looks' }) =>
      kit.app.events.emit(tx, 'signals.changed', { bucket: row.bucket, subjectId: id, data })
    assert.equal((await seenOf(id)).countOf(post.id), 0)
    await kit.app.database.transaction(async (tx) => {
      const look = { ...row, kind: 'impression' as const, subject: post.id, target_id: post.id }
      await tx
        .insertInto('signals')
        .values({ ...look, day, at: new Date() })
        .execute()
      await tell(tx, { grown: 'looks' })
    })
    assert.equal((await seenOf(id)).countOf(post.id), 1)
    await kit.app.database.transaction(async (tx) => {
      await tx
        .insertInto('hidden_posts')
        .values({ ...row, post_id: post.id, created_at: new Date() })
        .execute()
      await tell(tx, {})
    })
    assert.ok((await seenOf(id)).hides(halvesOf(post.id)))
    const [hi, lo] = [Number(BigInt(post.id) >> 32n), Number(BigInt(post.id) & 0xffff_ffffn)]
    assert.ok((await hiddenOf(id)).hides({ hi, lo }))
  })
})
