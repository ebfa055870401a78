import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FeedMode } from '@heliograph/contract/accounts'
import { limits } from '@heliograph/contract/limits'
import type { Post } from '@heliograph/contract/posts'
import { sql } from 'kysely'
import { bucketOf, compareIds, type Id, idAt, timeOf } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'
import { seedFeed, seedFollows } from '../../../test/helpers/seed-feed.ts'
import { until } from '../../../test/helpers/until.ts'

let kit: PostsKit

before(async () => {
  kit = await createPostsKit()
})
after(() => kit[Symbol.asyncDispose]())

const named = (person: Person) => ({ params: { username: person.user.username } })
const idsOf = (posts: Iterable<{ id: Id }>) => Array.from(posts, (post) => post.id)

interface Asked {
  cursor?: string | undefined
  limit?: number
  mode?: FeedMode
}

const feed = (viewer: Person, { limit = 2, mode = 'ranked', cursor }: Asked = {}) =>
  viewer.call('GET /api/feed', { query: { limit, mode, cursor } })

async function allOf(
  viewer: Person,
  limit: number,
  mode: FeedMode = 'ranked',
  from?: string,
): Promise<Post[]> {
  const posts: Post[] = []
  let cursor = from
  do {
    const page = await feed(viewer, { cursor, limit, mode })
    posts.push(...page.items)
    if (page.nextCursor !== null) assert.equal(page.items.length, limit, 'every page but the last is full')
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return posts
}

async function pair(count: number): Promise<{ ben: Person; anna: Person; posts: Id[] }> {
  const [ben, anna] = (await kit.people(2)) as [Person, Person]
  await kit.follow(ben, anna)
  const posts: Id[] = []
  for (let i = 0; i < count; i++) posts.push((await kit.post(i % 3 === 0 ? ben : anna)).id)
  return { ben, anna, posts }
}

const snapshotsOf = (viewer: Person) =>
  kit.app.database.main
    .selectFrom('feed_snapshots')
    .selectAll()
    .where('user_id', '=', viewer.user.id)
    .execute()

describe('paging through a ranked feed', () => {
  test('every post says why it stands there, on every page', async () => {
    const { ben, anna } = await pair(6)
    for (const post of await allOf(ben, 2)) {
      assert.ok(post.reason, 'it has a reason')
      assert.ok(post.reason.text.length > 0)
      const parts = Object.keys(post.reason.parts).sort()
      assert.deepEqual(parts, ['activity', 'interest', 'quality', 'recency', 'relationship'])
      if (post.author.id === ben.user.id) assert.equal(post.reason.text, 'Your own post')
    }
    await ben.call('PATCH /api/me', { body: { language: 'de' } })
    await ben.call('PUT /api/users/:username/favourite', named(anna))
    const texts = (await allOf(ben, 20)).map((post) => post.reason!.text)
    assert.ok(texts.includes('Dein eigener Beitrag'))
    const chronological = await allOf(ben, 20, 'chronological')
    assert.ok(chronological.every((post) => post.reason === undefined))
  })

  test('an order that was made before tells nothing of what is switched off since, with its scores in memory or lost', async () => {
    const { ben } = await pair(9)
    const open = async () => {
      const first = await feed(ben)
      const { nextCursor } = await feed(ben, { cursor: first.nextCursor! })
      return async () => (await feed(ben, { cursor: nextCursor! })).items.map(({ reason }) => reason!.parts)
    }
    const partsOf = await open()
    const kept = await partsOf()
    assert.ok(kept.every(({ relationship, activity }) => relationship > 0 && activity > 0))
    kit.app.modules.feed.api.dropMemory()
    for (const [at, { recency: _, ...parts }] of (await partsOf()).entries()) {
      const { recency: __, ...before } = kept[at]!
      assert.deepEqual(parts, before, 'ranked again')
    }
    const others = [partsOf, await open()]
    await ben.call('PATCH /api/me', { body: { personalisation: false } })
    for (const read of others)
      for (const { relationship, interest, activity } of await read())
        assert.deepEqual([relationship, interest, activity], [0, 0, 0])
  })

  test('how many like a post is not told by its reasons to readers, when its author hides that', async () => {
    const [ben, anna, carl, dora, ...fans] = (await kit.people(9)) as [
      Person,
      Person,
      Person,
      Person,
      ...Person[],
    ]
    await anna.call('PATCH /api/me', { body: { hideLikeCounts: true } })
    const posts: Id[] = []
    for (const author of [anna, carl, dora]) {
      await kit.follow(ben, author)
      for (let n = 0; n < 8; n++) posts.push((await kit.post(author)).id)
    }
    await ben.call('PUT /api/users/:username/favourite', named(dora))
    const hidden = posts[0]!
    const open = posts[8]!
    // So that quality is why they stand there, whatever is told of likes.
    for (const fan of fans)
      for (const id of [hidden, open])
        await fan.call('POST /api/posts/:id/comments', { params: { id }, body: { text: 'look' } })
    await kit.app.settle()
    const reasonIn = (items: readonly Post[], id: Id) => {
      const { text, parts } = items.find((item) => item.id === id)!.reason!
      return { text, quality: parts.quality, activity: parts.activity }
    }
    const onFirstPage = async (viewer: Person, id: Id) =>
      reasonIn((await feed(viewer, { limit: 50 })).items, id)
    /** And in an order with its scores in memory, and in one of which they are lost. */
    async function told(id: Id) {
      const { nextCursor } = await feed(ben, { limit: 1 })
      const again = async () => reasonIn((await feed(ben, { limit: 50, cursor: nextCursor! })).items, id)
      const reasons = [await onFirstPage(ben, id), await again(), await again()]
      kit.app.modules.feed.api.dropMemory()
      return [...reasons, await again()]
    }
    const before = {
      hidden: await told(hidden),
      open: await told(open),
      own: await onFirstPage(anna, hidden),
    }
    for (const fan of fans)
      for (const id of [hidden, open]) {
        await fan.call('PUT /api/posts/:id/like', { params: { id } })
        await kit.app.settle()
        assert.deepEqual(await told(hidden), before.hidden)
      }
    for (const [nth, { quality, activity, text }] of (await told(open)).entries()) {
      assert.ok(quality > before.open[nth]!.quality && activity > before.open[nth]!.activity)
      assert.equal(text, 'Popular with people who saw it')
    }
    assert.ok((await onFirstPage(anna, hidden)).quality > before.own.quality)
  })

  test('reasons are of whom they are told to, however many ask at once', async () => {
    const { ben, anna } = await pair(6)
    await kit.follow(anna, ben)
    const asking = Array.from({ length: 24 }, async (_, n) => {
      const viewer = n % 2 === 0 ? ben : anna
      const { items } = await feed(viewer, { limit: 3 + (n % 4) })
      for (const { author, reason } of items)
        assert.equal(reason!.text === 'Your own post', author.id === viewer.user.id)
    })
    await Promise.all(asking)
  })

  test('writes nothing down for a first page, and one order for all others', async () => {
    const { ben, posts } = await pair(7)
    const first = await feed(ben)
    assert.deepEqual(await snapshotsOf(ben), [])
    const second = await feed(ben, { cursor: first.nextCursor! })
    const again = await feed(ben, { cursor: first.nextCursor! })
    assert.deepEqual(idsOf(again.items), idsOf(second.items))
    const rest = await allOf(ben, 2, 'ranked', second.nextCursor!)
    assert.equal((await snapshotsOf(ben)).length, 1)
    const seen = [...idsOf(first.items), ...idsOf(second.items), ...idsOf(rest)]
    assert.deepEqual(seen.toSorted(), posts.toSorted())
  })

  test('goes on as it was when all memory is lost between two pages', async () => {
    const { ben, posts } = await pair(7)
    const { dropMemory } = kit.app.modules.feed.api
    const seen: Id[] = []
    let cursor: string | undefined
    do {
      const page = await feed(ben, { cursor })
      seen.push(...idsOf(page.items))
      cursor = page.nextCursor ?? undefined
      dropMemory()
    } while (cursor)
    assert.deepEqual(seen.toSorted(), posts.toSorted())
  })

  test('what is published meanwhile never enters, on no page', async () => {
    const { ben, anna, posts } = await pair(7)
    const seen: Id[] = []
    let cursor: string | undefined
    do {
      const page = await feed(ben, { cursor })
      seen.push(...idsOf(page.items))
      cursor = page.nextCursor ?? undefined
      await kit.post(anna)
    } while (cursor)
    assert.deepEqual(seen.toSorted(), posts.toSorted())
  })

  test('whoever is unfollowed, muted, or blocks meanwhile is not on the next page', async () => {
    const [ben, ...others] = (await kit.people(4)) as [Person, Person, Person, Person]
    const [unfollowed, muted, blocking] = others
    for (const other of others) await kit.follow(ben, other)
    for (let i = 0; i < 4; i++) for (const other of others) await kit.post(other)
    const own = [await kit.post(ben), await kit.post(ben), await kit.post(ben)]
    const first = await feed(ben)
    const second = await feed(ben, { cursor: first.nextCursor! })
    await ben.call('DELETE /api/users/:username/follow', named(unfollowed))
    await ben.call('PUT /api/users/:username/mute', named(muted))
    await blocking.call('PUT /api/users/:username/block', named(ben))
    const rest = await allOf(ben, 2, 'ranked', second.nextCursor!)
    const before = idsOf([...first.items, ...second.items])
    assert.deepEqual(
      idsOf(rest).toSorted(),
      idsOf(own)
        .filter((id) => !before.includes(id))
        .toSorted(),
    )
  })

  test('a deleted post leaves no hole, and one that comes into sight by a follow comes once at most', async () => {
    const { ben, anna, posts } = await pair(9)
    const [carl] = (await kit.people(1)) as [Person]
    const old = [await kit.post(carl), await kit.post(carl)]
    const newest = await kit.post(anna)
    const first = await feed(ben)
    const shown = idsOf(first.items)
    const gone = posts.find((id, at) => at % 3 !== 0 && !shown.includes(id))!
    await anna.call('DELETE /api/posts/:id', { params: { id: gone } })
    await kit.follow(ben, carl)
    const rest = idsOf(await allOf(ben, 2, 'ranked', first.nextCursor!))
    const seen = [...shown, ...rest]
    assert.equal(new Set(seen).size, seen.length)
    const expected = [...posts.filter((id) => id !== gone), newest.id, ...idsOf(old)]
    assert.deepEqual(seen.toSorted(), expected.toSorted())
  })

  test('a post that was hidden is on no page, until it is shown again', async () => {
    const { ben, posts } = await pair(5)
    const hidden = posts[1]!
    await ben.call('PUT /api/posts/:id/hidden', { params: { id: hidden } })
    for (const mode of ['ranked', 'chronological'] as const) {
      const expected = posts.filter((id) => id !== hidden)
      assert.deepEqual(idsOf(await allOf(ben, 2, mode)).toSorted(), expected.toSorted())
    }
    await ben.call('DELETE /api/posts/:id/hidden', { params: { id: hidden } })
    assert.deepEqual(idsOf(await allOf(ben, 2)).toSorted(), posts.toSorted())
  })

  test('an order that is gone is an expired cursor, and orders go after two days', async () => {
    const { ben } = await pair(7)
    const first = await feed(ben)
    const second = await feed(ben, { cursor: first.nextCursor! })
    const { main } = kit.app.database
    const { purgeSnapshots, dropMemory } = kit.app.modules.feed.api
    await purgeSnapshots()
    assert.equal((await snapshotsOf(ben)).length, 1)
    const old = idAt(Date.now() - 49 * 60 * 60 * 1000, bucketOf(ben.user.id), 1, 1)
    const ofBen = main.updateTable('feed_snapshots').where('user_id', '=', ben.user.id)
    await ofBen.set({ id: old }).execute()
    await purgeSnapshots()
    assert.equal((await snapshotsOf(ben)).length, 1, 'somebody reads on in it')
    await ofBen.set({ used_at: new Date(Date.now() - 25 * 60 * 60 * 1000) }).execute()
    assert.ok((await purgeSnapshots()) >= 1)
    assert.equal((await snapshotsOf(ben)).length, 0)
    dropMemory()
    assert.equal(await refusal(feed(ben, { cursor: second.nextCursor! })), 'cursor.expired')
  })

  test('somebody who opens the feed again and again leaves no more than a few orders', async () => {
    const { ben } = await pair(3)
    for (let i = 0; i < 20; i++) {
      const first = await feed(ben, { limit: 1 })
      await feed(ben, { limit: 1, cursor: first.nextCursor! })
    }
    assert.equal((await snapshotsOf(ben)).length, 16)
  })

  test('whoever left it open never loses their place to sixteen newer pagings, as long as they read on', async () => {
    const { ben, posts } = await pair(5)
    const visit = async () => feed(ben, { limit: 1, cursor: (await feed(ben, { limit: 1 })).nextCursor! })
    const readOn = async (cursor: string) => {
      // As another process: nothing of it is in memory.
      kit.app.modules.feed.api.dropMemory()
      const { items, nextCursor } = await feed(ben, { limit: 1, cursor })
      seen.push(...idsOf(items))
      return nextCursor!
    }
    const first = await feed(ben, { limit: 1 })
    const seen = idsOf(first.items)
    const drawn = Date.now()
    for (let i = 0; i < 16; i++) await visit()
    const second = await readOn(first.nextCursor!)
    const third = await readOn(second)
    // Longer ago than all others; then it is read on in.
    const { main } = kit.app.database
    const [own] = (await snapshotsOf(ben)).toSorted((a, b) => compareIds(a.id, b.id))
    assert.ok(timeOf(own!.id) <= drawn)
    await main
      .updateTable('feed_snapshots')
      .set({ used_at: new Date(0) })
      .where('id', '=', own!.id)
      .execute()
    const fourth = await readOn(third)
    await until(async () => (await snapshotsOf(ben)).every(({ used_at }) => used_at!.getTime() > 0))
    for (let i = 0; i < 15; i++) await visit()
    assert.equal((await snapshotsOf(ben)).length, 16)
    await readOn(fourth)
    assert.deepEqual(seen.toSorted(), posts.toSorted())
  })
})

async function look(viewer: Person, mode: FeedMode, limit = 2, between: () => void = () => undefined) {
  const marks: (Id | null)[] = []
  const order: Id[] = []
  let cursor: string | undefined
  do {
    const page = await feed(viewer, { cursor, mode, limit })
    marks.push(page.caughtUpAfter)
    order.push(...idsOf(page.items))
    cursor = page.nextCursor ?? undefined
    between()
  } while (cursor)
  return { marks, order }
}

async function saw(viewer: Person, ids: readonly Id[]): Promise<void> {
  for (let from = 0; from < ids.length; from += limits.signalsPerRequest) {
    const signals = ids.slice(from, from + limits.signalsPerRequest).map((postId) => ({
      id: `seen-${postId}`,
      kind: 'impression' as const,
      at: new Date().toISOString(),
      postId,
      surface: 'feed' as const,
      dwellMs: 1200,
    }))
    await viewer.call('POST /api/signals', { body: { signals } })
  }
}

describe('being caught up', () => {
  test('is said once, behind what is new and never before what others shared in these days was passed', async () => {
    const { ben, anna } = await pair(0)
    const posts: Id[] = []
    for (let i = 0; i < 5; i++) posts.unshift((await kit.post(anna)).id)
    for (const mode of ['chronological', 'ranked'] as const) {
      const { marks, order } = await look(ben, mode)
      assert.deepEqual(marks, [null, null, order.at(-1)!])
    }
    await saw(ben, [posts[0]!, posts[3]!, posts[4]!])
    assert.deepEqual((await look(ben, 'chronological')).marks, [null, posts[2]!, null])
    const ranked = await look(ben, 'ranked')
    assert.deepEqual(ranked.order.slice(0, 2).toSorted(), [posts[1]!, posts[2]!].toSorted(), 'seen ones sink')
    assert.deepEqual(ranked.marks, [ranked.order[1]!, null, null])
    await saw(ben, [posts[1]!, posts[2]!])
    for (const mode of ['chronological', 'ranked'] as const) {
      const { marks, order } = await look(ben, mode)
      assert.deepEqual(marks, [null, null, order.at(-1)!], `all was seen: ${mode}`)
    }
  })

  test('comes no later, and no less, for what one may not see: nobody learns of it by the mark', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const author of [anna, carl]) {
      await kit.follow(ben, author)
      await ben.call('PUT /api/users/:username/favourite', named(author))
    }
    const posts: Id[] = []
    for (let i = 0; i < 3; i++) {
      const { id } = await kit.post(anna)
      await anna.call('PATCH /api/posts/:id', { params: { id }, body: { audience: 'close_friends' } })
      await kit.post(carl)
      posts.unshift((await kit.post(anna)).id)
    }
    await kit.app.modules.accounts.api.setState(carl.user.id, 'suspended')
    await kit.app.settle()
    const modes = ['chronological', 'favourites', 'ranked'] as const
    const pageSizes = [1, 2]
    async function areLast(when: string) {
      for (const mode of modes)
        for (const limit of pageSizes) {
          const { marks, order } = await look(ben, mode, limit)
          assert.deepEqual(order.toSorted(), posts.toSorted())
          const expected = Array.from({ length: Math.ceil(3 / limit) - 1 }, () => null)
          assert.deepEqual(marks, [...expected, order.at(-1)!], `${when}: ${mode}, ${limit} on a page`)
        }
    }
    await areLast('nothing was seen')
    await saw(ben, [posts[0]!, posts[2]!])
    for (const mode of modes)
      for (const limit of pageSizes) {
        const { marks } = await look(ben, mode, limit)
        const said = marks.filter((mark) => mark !== null)
        assert.deepEqual(said, [posts[1]!], `one is new: ${mode}, ${limit} on a page`)
      }
    await saw(ben, [posts[1]!])
    await areLast('all was seen')
  })

  test('is not said of one’s own posts, and of others’ not once they are older than two days', async () => {
    const { ben, anna } = await pair(0)
    await kit.post(ben)
    const marksOf = async (mode: FeedMode) => (await feed(ben, { mode, limit: 20 })).caughtUpAfter
    const modes = ['chronological', 'ranked'] as const
    for (const mode of modes) assert.equal(await marksOf(mode), null, `nothing but one’s own: ${mode}`)
    const { main } = kit.app.database
    const old = await kit.post(anna)
    const longAgo = idAt(Date.now() - 49 * 60 * 60 * 1000, bucketOf(anna.user.id), 0, 0)
    await main.updateTable('outboxes').set({ feed_id: longAgo }).where('post_id', '=', old.id).execute()
    kit.app.modules.feed.api.dropMemory()
    for (const mode of modes) assert.equal(await marksOf(mode), null, `an old one besides: ${mode}`)
    const fresh = await kit.post(anna)
    await kit.post(ben)
    for (const mode of modes) assert.equal(await marksOf(mode), fresh.id, `then a new one: ${mode}`)
  })
})

describe('a feed with more posts than are put in order', () => {
  const dropMemory = () => kit.app.modules.feed.api.dropMemory()
  const inOrder = 500
  let people: Id[]
  let newestFirst: Id[]

  before(async () => {
    const { main } = kit.app.database
    const seeded = await seedFeed(main, { people: 12, posts: 700, likes: 0, comments: 0 })
    people = seeded.people
    newestFirst = idsOf(seeded.posts).toReversed()
    await main.updateTable('users').set({ is_private: false }).where('id', 'in', people).execute()
  })

  async function reader(): Promise<Person> {
    const [ben] = (await kit.people(1)) as [Person]
    await seedFollows(kit.app.database.main, ben.user.id, people)
    dropMemory()
    return ben
  }

  test('gives each once in full pages, ranked first and then by time, with short cursors', async () => {
    const ben = await reader()
    const own = await kit.post(ben)
    const first = await feed(ben, { limit: 50 })
    assert.ok(first.nextCursor!.length <= 2000)
    const rest = await allOf(ben, 50, 'ranked', first.nextCursor!)
    const seen = [...idsOf(first.items), ...idsOf(rest)]
    assert.equal(new Set(seen).size, seen.length)
    assert.deepEqual(seen.toSorted(), [own.id, ...newestFirst].toSorted())
    assert.deepEqual(
      seen.slice(500),
      newestFirst.slice(499),
      'behind the 500 newest the order is that of time',
    )
    assert.notDeepEqual(seen.slice(0, 500), [own.id, ...newestFirst.slice(0, 499)])
    const authors = [...first.items, ...rest].slice(0, 20).map((post) => post.author.id)
    for (const author of new Set(authors))
      assert.ok(authors.filter((each) => each === author).length <= 2, 'two of an author in twenty at most')
    assert.deepEqual(idsOf(await allOf(ben, 50, 'chronological')), [own.id, ...newestFirst])
  })

  describe('of the last two days', () => {
    const minuteMs = 60_000
    /** The last of them were published a little more than two days ago. */
    const recent = 560

    before(async () => {
      const hours49 = 49 * 60 * minuteMs
      const wanted = newestFirst.map((postId, at) => {
        const age = at < recent ? (at + 1) * minuteMs : hours49 + at * minuteMs
        return { postId, feedId: idAt(Date.now() - age, bucketOf(postId), 125, 0) }
      })
      await sql`
        update outboxes o set feed_id = wanted.feed_id
        from unnest(${wanted.map(({ postId }) => postId)}::bigint[], ${wanted.map(({ feedId }) => feedId)}::bigint[])
          as wanted(post_id, feed_id)
        where o.post_id = wanted.post_id
      `.execute(kit.app.database.main)
    })

    const marksOf = async (viewer: Person, mode: FeedMode, limit: number, between?: () => void) => {
      const { marks, order } = await look(viewer, mode, limit, between)
      assert.equal(order.length, newestFirst.length)
      return { marks: marks.filter((mark) => mark !== null), order }
    }

    test('says nobody that they are caught up before what is new behind those', async () => {
      const ben = await reader()
      const last = newestFirst[recent - 1]!
      for (const limit of [50, 37]) {
        assert.deepEqual((await marksOf(ben, 'ranked', limit)).marks, [last], 'nothing was seen')
        assert.deepEqual((await marksOf(ben, 'ranked', limit, dropMemory)).marks, [last], 'from the tables')
      }
      assert.deepEqual((await marksOf(ben, 'chronological', 50)).marks, [last])
      const lastNew = inOrder + 29
      await saw(ben, [...newestFirst.slice(2, inOrder + 20), ...newestFirst.slice(lastNew + 1, recent)])
      for (const limit of [50, 10]) {
        const { marks, order } = await marksOf(ben, 'ranked', limit)
        assert.deepEqual(order.slice(0, 2).toSorted(), newestFirst.slice(0, 2).toSorted(), 'seen ones sink')
        assert.deepEqual(marks, [newestFirst[lastNew]], 'some before those and some behind are new')
      }
      await saw(ben, newestFirst.slice(0, 2))
      for (const limit of [50, 10])
        assert.deepEqual((await marksOf(ben, 'ranked', limit)).marks, [newestFirst[lastNew]], 'only behind')
      await saw(ben, newestFirst.slice(inOrder + 20, lastNew + 1))
      for (const limit of [50, 10])
        assert.deepEqual((await marksOf(ben, 'ranked', limit)).marks, [last], 'all was seen')
    })

    test('says it where news end, when none is behind those', async () => {
      const ben = await reader()
      const fresh = new Set([newestFirst[3]!, newestFirst[8]!])
      await saw(
        ben,
        newestFirst.slice(0, recent).filter((id) => !fresh.has(id)),
      )
      const { marks, order } = await marksOf(ben, 'ranked', 10)
      assert.deepEqual(new Set(order.slice(0, 2)), fresh)
      assert.deepEqual(marks, [order[1]])
    })

    test('says it no later for what is behind those and one may not see', async () => {
      const ben = await reader()
      const { main } = kit.app.database
      const [seen, unseen] = [newestFirst.slice(0, inOrder), newestFirst.slice(inOrder, recent)]
      await saw(ben, seen)
      const [hidden, ...close] = unseen
      await ben.call('PUT /api/posts/:id/hidden', { params: { id: hidden! } })
      const change = (audience: 'public' | 'close_friends') =>
        main.updateTable('posts').set({ audience }).where('id', 'in', close).execute()
      await change('close_friends')
      kit.app.modules.posts.api.dropMemory()
      try {
        for (const mode of ['ranked', 'chronological'] as const)
          for (const limit of [50, 7]) {
            const { marks, order } = await look(ben, mode, limit)
            assert.equal(order.length, newestFirst.length - unseen.length)
            const lastOfDays = mode === 'ranked' ? order[inOrder - 1] : seen.at(-1)
            assert.deepEqual(
              marks.filter((mark) => mark !== null),
              [lastOfDays],
              `${mode}, ${limit} on a page`,
            )
          }
      } finally {
        await change('public')
        kit.app.modules.posts.api.dropMemory()
      }
    })
  })
})
