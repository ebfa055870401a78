import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FeedMode } from '@heliograph/contract/accounts'
import type { Post } from '@heliograph/contract/posts'
import fc from 'fast-check'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'

let kit: PostsKit

before(async () => {
  kit = await createPostsKit()
})
after(() => kit[Symbol.asyncDispose]())

const named = (person: Person) => ({ params: { username: person.user.username } })
const idsOf = (posts: Iterable<{ id: Id }>) => Array.from(posts, (post) => post.id)
const feedOf = async (viewer: Person, mode: FeedMode = 'chronological') =>
  idsOf((await viewer.call('GET /api/feed', { query: { mode } })).items)

describe('the feed', () => {
  test('of nobody, with none, one and two posts never fails', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const { asOf: _, ...empty } = await ben.call('GET /api/feed')
    assert.deepEqual(empty, { items: [], nextCursor: null, caughtUpAfter: null })
    await kit.follow(ben, anna)
    assert.deepEqual(await feedOf(ben), [])
    const one = await kit.post(anna)
    assert.deepEqual(await feedOf(ben), [one.id])
    const page = await ben.call('GET /api/feed', { query: { limit: 1 } })
    assert.equal(page.nextCursor, null, 'the last page says so, even when it is full')
    assert.deepEqual(await feedOf(ben, 'ranked'), [one.id])
    const two = await kit.post(ben)
    assert.deepEqual(await feedOf(ben), [two.id, one.id])
    assert.deepEqual((await feedOf(ben, 'ranked')).toSorted(), [two.id, one.id].toSorted())
  })

  test('has what is one’s own and of those one follows, and of nobody else', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    await kit.follow(ben, anna)
    const own = await kit.post(ben)
    const followed = await kit.post(anna)
    await kit.post(carl)
    assert.deepEqual(await feedOf(ben), [followed.id, own.id])
  })

  test('never shows whom one unfollowed, muted or blocked, or who went out of sight', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna)
    await kit.follow(ben, anna)
    assert.deepEqual(await feedOf(ben), [post.id])
    await ben.call('PUT /api/users/:username/mute', named(anna))
    assert.deepEqual(await feedOf(ben), [])
    await ben.call('DELETE /api/users/:username/mute', named(anna))
    assert.deepEqual(await feedOf(ben), [post.id])
    await ben.call('DELETE /api/users/:username/follow', named(anna))
    assert.deepEqual(await feedOf(ben), [])
    await kit.follow(ben, anna)
    await anna.call('PUT /api/users/:username/block', named(ben))
    assert.deepEqual(await feedOf(ben), [])
    await anna.call('DELETE /api/users/:username/block', named(ben))
    assert.deepEqual(await feedOf(ben), [], 'a block ends the follow')
    await kit.follow(ben, anna)
    await anna.call('DELETE /api/posts/:id', { params: { id: post.id } })
    assert.deepEqual(await feedOf(ben), [])
  })

  test('never shows a private post to whom is still waiting to follow', async () => {
    const hidden = await kit.person(undefined, { isPrivate: true })
    const [ben] = (await kit.people(1)) as [Person]
    const post = await kit.post(hidden)
    await kit.follow(ben, hidden)
    assert.deepEqual(await feedOf(ben), [])
    await hidden.call('PUT /api/follow-requests/:username', named(ben))
    assert.deepEqual(await feedOf(ben), [post.id])
    await hidden.call('DELETE /api/users/:username/follower', named(ben))
    assert.deepEqual(await feedOf(ben), [])
  })

  test('an account that goes private takes its old posts from strangers, not from followers', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    const post = await kit.post(anna, { caption: '#wentprivate' })
    await kit.follow(ben, anna)
    await anna.call('PATCH /api/me', { body: { isPrivate: true } })
    assert.deepEqual(await feedOf(ben), [post.id])
    const tagged = async (who: Person) =>
      idsOf((await who.call('GET /api/tags/:tag/posts', { params: { tag: 'wentprivate' } })).items)
    assert.deepEqual(await tagged(ben), [post.id])
    assert.deepEqual(await tagged(carl), [])
    const suggested = async (who: Person) =>
      (await who.call('GET /api/tags', { query: { prefix: 'wentpriv' } })).items.map((item) => item.tag)
    assert.deepEqual(await suggested(ben), ['wentprivate'])
    assert.deepEqual(await suggested(carl), [], 'the name of a tag can give a caption away')
    const profile = async (who: Person) =>
      idsOf((await who.call('GET /api/users/:username/posts', named(anna))).items)
    assert.deepEqual(await profile(ben), [post.id])
    assert.deepEqual(await profile(carl), [])
  })

  test('has the modes that the capabilities name, and no other', async () => {
    const [ben] = (await kit.people(1)) as [Person]
    const { feedModes } = await ben.call('GET /api/capabilities')
    assert.deepEqual(feedModes, ['ranked', 'chronological', 'favourites'])
    for (const mode of feedModes as FeedMode[])
      assert.equal(await refusal(ben.call('GET /api/feed', { query: { mode } })), 'none')
    const none = ben.call('GET /api/feed', { query: { mode: 'paid' as FeedMode } })
    assert.equal(await refusal(none), 'request.invalid')
  })

  test('of favourites has theirs alone, and loses them with the follow', async () => {
    const [ben, anna, carl] = (await kit.people(3)) as [Person, Person, Person]
    const favourites = async () =>
      idsOf((await ben.call('GET /api/feed', { query: { mode: 'favourites' } })).items)
    await kit.post(ben)
    const wanted = await kit.post(anna)
    await kit.post(carl)
    await kit.follow(ben, anna)
    await kit.follow(ben, carl)
    assert.deepEqual(await favourites(), [])
    await ben.call('PUT /api/users/:username/favourite', named(anna))
    assert.deepEqual(await favourites(), [wanted.id])
    await ben.call('PUT /api/users/:username/mute', named(anna))
    assert.deepEqual(await favourites(), [])
    await ben.call('DELETE /api/users/:username/mute', named(anna))
    await ben.call('DELETE /api/users/:username/follow', named(anna))
    assert.deepEqual(await favourites(), [])
    await kit.follow(ben, anna)
    assert.deepEqual(await favourites(), [], 'a new follow is no favourite')
  })

  test('a cursor is not refused where the usual order is named', async () => {
    const [ben] = (await kit.people(1)) as [Person]
    for (let i = 0; i < 3; i++) await kit.post(ben)
    const ask = (query: { mode?: FeedMode; cursor?: string }) =>
      ben.call('GET /api/feed', { query: { limit: 1, ...query } })
    const [unnamed, named] = [await ask({}), await ask({ mode: 'ranked' })]
    const second = idsOf((await ask({ cursor: unnamed.nextCursor! })).items)
    assert.equal(second.length, 1)
    assert.deepEqual(idsOf((await ask({ mode: 'ranked', cursor: unnamed.nextCursor! })).items), second)
    assert.deepEqual(idsOf((await ask({ cursor: named.nextCursor! })).items), second)
    const other = ask({ mode: 'chronological', cursor: unnamed.nextCursor! })
    assert.equal(await refusal(other), 'cursor.invalid')
  })

  test('nothing that was published before a feed was read is later than the time that it tells', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    const before = await kit.post(anna)
    for (const mode of ['ranked', 'chronological'] as const) {
      const { asOf } = await ben.call('GET /api/feed', { query: { mode } })
      const after = await kit.post(anna)
      assert.ok(before.publishedAt! <= asOf && asOf <= after.publishedAt!, `${mode}: ${asOf}`)
    }
  })

  test('a cursor of somebody else, or of another list, is refused', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    for (let i = 0; i < 2; i++) await kit.post(ben)
    const { nextCursor } = await ben.call('GET /api/feed', { query: { limit: 1 } })
    const cursor = nextCursor!
    assert.equal(await refusal(anna.call('GET /api/feed', { query: { cursor } })), 'cursor.invalid')
    assert.equal(await refusal(ben.call('GET /api/me/likes', { query: { cursor } })), 'cursor.invalid')
    assert.equal(
      await refusal(ben.call('GET /api/feed', { query: { cursor: `${cursor}A` } })),
      'cursor.invalid',
    )
    assert.equal(await refusal(kit.app.client.call('GET /api/feed')), 'auth.required')
  })

  test('a post that is published while one pages on never comes twice, and none is skipped', async () => {
    const [ben, anna] = (await kit.people(2)) as [Person, Person]
    await kit.follow(ben, anna)
    const posts: Post[] = []
    for (let i = 0; i < 7; i++) posts.push(await kit.post(i % 2 ? anna : ben))
    const seen: Id[] = []
    let cursor: string | undefined
    do {
      const page = await ben.call('GET /api/feed', { query: { mode: 'chronological', limit: 2, cursor } })
      seen.push(...idsOf(page.items))
      cursor = page.nextCursor ?? undefined
      await kit.post(anna)
    } while (cursor)
    assert.deepEqual(seen, idsOf(posts).toReversed())
  })
})

interface Step {
  kind:
    | 'post'
    | 'delete'
    | 'follow'
    | 'unfollow'
    | 'block'
    | 'unblock'
    | 'mute'
    | 'unmute'
    | 'favourite'
    | 'unfavourite'
    | 'private'
    | 'accept'
    | 'forget'
  who: number
  whom: number
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('post' as const) },
    { weight: 4, arbitrary: fc.constantFrom('follow' as const, 'favourite' as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        ...([
          ...(['delete', 'unfollow', 'block', 'unblock', 'mute', 'unmute'] as const),
          ...(['private', 'accept', 'unfavourite', 'forget'] as const),
        ] as const),
      ),
    },
  ),
  who: fc.nat({ max: 4 }),
  whom: fc.nat({ max: 4 }),
})

describe('under any history', () => {
  test('paging gives exactly what the tables say, in order, in full pages', async () => {
    const people = await kit.people(5)
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 25 }),
        fc.integer({ min: 1, max: 7 }),
        async (steps, limit) => {
          for (const each of steps) await take(people, each)
          for (const viewer of people)
            for (const mode of ['ranked', 'chronological', 'favourites'] as const) {
              const inOrder = (ids: Id[]) => (mode === 'ranked' ? ids.toSorted(compareIds) : ids)
              const seen = await pageThrough(viewer, limit, mode)
              assert.deepEqual(inOrder(seen), inOrder(await expectedFeed(viewer, mode)))
            }
          await compareSights(people)
        },
      ),
      { numRuns: 8, endOnFailure: true },
    )
  })
})

/** How everybody stands to everybody is the same, from whichever end it is asked. */
async function compareSights(people: Person[]): Promise<void> {
  const { api } = kit.app.modules.graph
  const ids = people.map((person) => person.user.id)
  for (const author of ids) {
    const audience = await api.loadAudience(author, ids)
    for (const id of ids) assert.deepEqual(audience.get(id), await api.loadSight({ id }, [author]))
  }
}

async function take(people: Person[], { kind, who, whom }: Step): Promise<void> {
  const [one, other] = [people[who]!, people[whom]!]
  switch (kind) {
    case 'post':
      await kit.post(one)
      return
    case 'delete': {
      const { items } = await one.call('GET /api/users/:username/posts', {
        ...named(one),
        query: { limit: 3 },
      })
      const last = items.at(-1)
      if (last) await one.call('DELETE /api/posts/:id', { params: { id: last.id } })
      return
    }
    case 'private':
      await one.call('PATCH /api/me', { body: { isPrivate: whom % 2 === 0 } })
      return
    case 'accept':
      await refusal(one.call('PUT /api/follow-requests/:username', named(other)))
      return
    case 'forget':
      kit.app.modules.feed.api.dropMemory()
      return
    case 'favourite':
      await refusal(one.call('PUT /api/users/:username/favourite', named(other)))
      return
    case 'unfavourite':
      await refusal(one.call('DELETE /api/users/:username/favourite', named(other)))
      return
    case 'follow':
      await refusal(one.call('PUT /api/users/:username/follow', named(other)))
      return
    case 'unfollow':
      await refusal(one.call('DELETE /api/users/:username/follow', named(other)))
      return
    case 'block':
      await refusal(one.call('PUT /api/users/:username/block', named(other)))
      return
    case 'unblock':
      await refusal(one.call('DELETE /api/users/:username/block', named(other)))
      return
    case 'mute':
      await refusal(one.call('PUT /api/users/:username/mute', named(other)))
      return
    case 'unmute':
      await refusal(one.call('DELETE /api/users/:username/mute', named(other)))
  }
}

async function pageThrough(viewer: Person, limit: number, mode: FeedMode): Promise<Id[]> {
  const seen: Id[] = []
  let cursor: string | undefined
  do {
    const page = await viewer.call('GET /api/feed', { query: { mode, limit, cursor } })
    if (page.nextCursor !== null) assert.equal(page.items.length, limit, 'every page but the last is full')
    seen.push(...idsOf(page.items))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return seen
}

/** The plainest way to say what a feed is, from the tables of truth alone. */
async function expectedFeed({ user }: Person, mode: FeedMode): Promise<Id[]> {
  const { main } = kit.app.database
  const bucket = bucketOf(user.id)
  const [following, favourites, blocks, mutes, posts] = await Promise.all([
    main
      .selectFrom('following')
      .selectAll()
      .where('bucket', '=', bucket)
      .where('follower_id', '=', user.id)
      .execute(),
    main.selectFrom('favourites').selectAll().where('user_id', '=', user.id).execute(),
    main.selectFrom('blocks').selectAll().execute(),
    main
      .selectFrom('mutes')
      .selectAll()
      .where('bucket', '=', bucket)
      .where('muter_id', '=', user.id)
      .execute(),
    main.selectFrom('posts').selectAll().execute(),
  ])
  const followed = new Set(
    mode === 'favourites'
      ? favourites.map((row) => row.favourite_id)
      : following.map((row) => row.followed_id),
  )
  const muted = new Set(mutes.map((row) => row.muted_id))
  const apart = new Set(
    blocks.flatMap((row) => {
      if (row.blocker_id === user.id) return [row.blocked_id]
      return row.blocked_id === user.id ? [row.blocker_id] : []
    }),
  )
  return posts
    .filter(
      ({ status, deleted_at, feed_id }) => status === 'ready' && deleted_at === null && feed_id !== null,
    )
    .filter(
      ({ author_id: author }) =>
        (author === user.id && mode !== 'favourites') ||
        (followed.has(author) && !muted.has(author) && !apart.has(author)),
    )
    .toSorted((a, b) => (BigInt(a.feed_id!) < BigInt(b.feed_id!) ? 1 : -1))
    .map((post) => post.id)
}
