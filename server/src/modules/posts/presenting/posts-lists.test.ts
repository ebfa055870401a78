import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Post } from '@heliograph/contract/posts'
import {
  collect,
  createPostsKit,
  type Person,
  type PostsKit,
  refusal,
} from '../../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let anna: Person
let ben: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
})
after(() => kit[Symbol.asyncDispose]())

const idsOf = (posts: Iterable<{ id: string }>) => Array.from(posts, (post) => post.id)

describe('profiles', () => {
  test('posts stand by the date they carry, also when several carry the same', async () => {
    const carl = await kit.person()
    const { username } = carl.user
    const same = '2025-03-04T05:06:07.000Z'
    const made: Post[] = []
    for (const displayAt of [same, undefined, '2024-12-24T18:00:00.000Z', same, same, undefined])
      made.push(await kit.post(carl, { displayAt }))
    const [a, b, c, d, e, f] = idsOf(made)
    const all = (limit: number) =>
      collect(ben.all('GET /api/users/:username/posts', { params: { username }, query: { limit } }))
    for (const limit of [1, 2, 4, 6, 50]) assert.deepEqual(idsOf(await all(limit)), [f, b, e, d, a, c])
  })

  test('of nobody and of whom one may not see are not there', async () => {
    const dora = await kit.person()
    await dora.call('PUT /api/users/:username/block', { params: { username: 'ben' } })
    const list = (who: Person, username: string) =>
      refusal(who.call('GET /api/users/:username/posts', { params: { username } }))
    assert.equal(await list(ben, 'nobody_is_here'), 'user.not_found')
    assert.equal(await list(ben, dora.user.username), 'user.not_found')
    assert.equal(await list(anna, dora.user.username), 'none')
  })

  test('a visitor who is not signed in sees public posts and nothing of anybody’s own', async () => {
    const post = await kit.post(anna)
    await ben.call('PUT /api/posts/:id/like', { params: { id: post.id } })
    const seen = await kit.app.client.call('GET /api/posts/:id', { params: { id: post.id } })
    assert.equal(seen.liked, false)
    assert.equal(seen.likeCount, 1)
    const { items } = await kit.app.client.call('GET /api/users/:username/posts', {
      params: { username: 'anna' },
    })
    assert.ok(idsOf(items).includes(post.id))
  })
})

describe('hashtags', () => {
  test('one tag in all its spellings is one page, newest first', async () => {
    const posts = []
    for (const caption of ['#Straße', 'auf der #STRASSE', '＃straße und mehr #strasse', '#straßen'])
      posts.push(await kit.post(anna, { caption }))
    const tagged = (tag: string) =>
      collect(ben.all('GET /api/tags/:tag/posts', { params: { tag }, query: { limit: 2 } }))
    const expected = idsOf(posts.slice(0, 3)).toReversed()
    for (const tag of ['straße', 'STRASSE', 'Strasse']) assert.deepEqual(idsOf(await tagged(tag)), expected)
    for (const tag of ['not a tag', '12', '%', '\u3164']) assert.deepEqual(await tagged(tag), [])
  })

  test('completion knows the beginning in any spelling, most used first', async () => {
    await kit.post(anna, { caption: '#quay_one #quayside' })
    await kit.post(ben, { caption: '#quayside' })
    const complete = async (prefix: string) => (await ben.call('GET /api/tags', { query: { prefix } })).items
    const expected = [
      { tag: 'quayside', postCount: 2 },
      { tag: 'quay_one', postCount: 1 },
    ]
    for (const prefix of ['quay', '#QUAY', 'Qu']) assert.deepEqual(await complete(prefix), expected)
    assert.deepEqual(await complete('quay_'), [expected[1]], '_ stands for itself')
    assert.deepEqual(await complete('%'), [])
    assert.deepEqual(await complete('#'), [])
  })

  test('blocked and private authors leave gaps that are filled', async () => {
    const hidden = await kit.person(undefined, { isPrivate: true })
    const seen = []
    for (let i = 0; i < 9; i++) {
      const author = i % 3 === 0 ? anna : hidden
      const post = await kit.post(author, { caption: '#gappy' })
      if (author === anna) seen.push(post.id)
    }
    const ask = { params: { tag: 'gappy' }, query: { limit: 2 } }
    const first = await ben.call('GET /api/tags/:tag/posts', ask)
    assert.equal(first.items.length, 2)
    assert.deepEqual(idsOf(await collect(ben.all('GET /api/tags/:tag/posts', ask))), seen.toReversed())
  })
})

test('a page of posts asks the database as often as a single post does', async () => {
  const carl = await kit.person()
  const { username } = carl.user
  const read = (limit: number) => () =>
    ben.call('GET /api/users/:username/posts', { params: { username }, query: { limit } })
  // The app's own reader of events and its leases ask now and then too, which only ever adds: the least is the page's.
  const count = async (limit: number) => {
    const counts: number[] = []
    for (let i = 0; i < 6; i++) counts.push(await queriesDuring(read(limit)))
    return Math.min(...counts)
  }
  for (let i = 0; i < 8; i++) {
    const { id } = await kit.post(carl, { caption: '@anna' })
    await ben.call('POST /api/posts/:id/comments', { params: { id }, body: { text: '@anna' } })
  }
  const one = await count(1)
  assert.ok(one > 0)
  assert.equal(await count(8), one)
})

/** Statements that run on the test's database while something is done. */
async function queriesDuring(work: () => Promise<unknown>): Promise<number> {
  type Executor = ReturnType<typeof kit.app.database.main.getExecutor>
  const prototype = Object.getPrototypeOf(kit.app.database.main.getExecutor()) as Executor
  const { executeQuery } = prototype
  let asked = 0
  prototype.executeQuery = function (this: Executor, ...given: Parameters<typeof executeQuery>) {
    asked++
    return executeQuery.apply(this, given)
  } as typeof executeQuery
  try {
    await work()
  } finally {
    prototype.executeQuery = executeQuery
  }
  return asked
}
