import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Audience, Post } from '@heliograph/contract/posts'
import { listen } from '../../../test/helpers/listener.ts'
import {
  collect,
  createPostsKit,
  type Person,
  type PostsKit,
  refusal,
} from '../../../test/helpers/posts-kit.ts'
import { queriesDuring } from '../../../test/helpers/query-plans.ts'
import { until } from '../../../test/helpers/until.ts'

let kit: PostsKit
let anna: Person
let friend: Person
let follower: Person
let stranger: Person

const on = ({ id }: Post) => ({ params: { id } })
const nameOf = (person: Person) => ({ params: { username: person.user.username } })

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  friend = await kit.person('friend')
  follower = await kit.person('follower')
  stranger = await kit.person('stranger')
  for (const person of [friend, follower]) await kit.follow(person, anna)
  await anna.call('PUT /api/users/:username/close-friend', nameOf(friend))
})
after(() => kit[Symbol.asyncDispose]())

async function share(person: Person, audience?: Audience, caption = ''): Promise<Post> {
  const body = { caption, audience, media: [{ uploadId: await kit.upload(person) }] }
  return await person.call('POST /api/posts', { body })
}

const expiryOf = (post: Post) => Number(post.media[0]!.largeUrl!.split('/')[2])

test('a post without an audience never goes further than its author’s posts do by default', async () => {
  assert.equal((await share(anna)).audience, 'public')
  await anna.call('PATCH /api/me', { body: { defaultAudience: 'close_friends' } })
  assert.equal((await share(anna)).audience, 'close_friends')
  assert.equal((await share(anna, 'followers')).audience, 'followers')
  await anna.call('PATCH /api/me', { body: { defaultAudience: 'public' } })
})

test('pictures for some alone never have addresses that live long, whoever is shown them and by whatever way', async () => {
  const isLong = (post: Post) => expiryOf(post) % 3600 === 0
  for (const audience of ['followers', 'close_friends', 'public'] as const) {
    const post = await share(anna, audience)
    const asFriend = await friend.call('GET /api/posts/:id', on(post))
    const { items } = await friend.call('GET /api/feed')
    const inFeed = items.find(({ id }) => id === post.id)!
    const ways = [post, asFriend, inFeed]
    assert.deepEqual(
      ways.map(isLong),
      ways.map(() => audience === 'public'),
    )
    await anna.call('PATCH /api/posts/:id', { ...on(post), body: { audience: 'followers' } })
    for (const { id } of ways)
      assert.equal(isLong(await friend.call('GET /api/posts/:id', { params: { id } })), false)
  }
})

test('who is struck off the list never opens anything with addresses of before, and once more costs nobody theirs', async () => {
  const post = await share(anna, 'close_friends')
  const shown = await friend.call('GET /api/posts/:id', on(post))
  const epochOf = (one: Post) => one.media[0]!.largeUrl!.split('/')[4]
  await anna.call('DELETE /api/users/:username/close-friend', nameOf(friend))
  assert.equal(await refusal(friend.call('GET /api/posts/:id', on(post))), 'post.not_found')
  const mine = await anna.call('GET /api/posts/:id', on(post))
  assert.notEqual(epochOf(mine), epochOf(shown))
  // Once more changes nothing, and costs nobody the addresses they have.
  await anna.call('DELETE /api/users/:username/close-friend', nameOf(friend))
  assert.equal(epochOf(await anna.call('GET /api/posts/:id', on(post))), epochOf(mine))
  await anna.call('PUT /api/users/:username/close-friend', nameOf(friend))
})

test('a block never leaves either side the addresses of what only they saw of the other', async () => {
  const epochOf = (post: Post) => post.media[0]!.largeUrl!.split('/')[4]
  for (const audience of ['followers', 'close_friends'] as const) {
    const [one, other, outside] = await kit.people(3)
    const sides = [
      { owner: one!, reader: other! },
      { owner: other!, reader: one! },
    ]
    const given = await Promise.all(
      sides.map(async ({ owner, reader }) => {
        if (audience === 'followers') await kit.follow(reader, owner)
        else await owner.call('PUT /api/users/:username/close-friend', nameOf(reader))
        const post = await share(owner, audience)
        return { owner, post: await reader.call('GET /api/posts/:id', on(post)) }
      }),
    )
    const areGood = () =>
      Promise.all(
        given.map(
          async ({ owner, post }) =>
            epochOf(await owner.call('GET /api/posts/:id', on(post))) === epochOf(post),
        ),
      )
    // Whoever saw nothing more than others costs nobody anything.
    for (const { owner } of sides) await outside!.call('PUT /api/users/:username/block', nameOf(owner))
    assert.deepEqual(await areGood(), [true, true], audience)
    await one!.call('PUT /api/users/:username/block', nameOf(other!))
    assert.deepEqual(await areGood(), [false, false], audience)
  }
})

test('who is shown a post for close friends is told that it is one, and never who is on the list', async () => {
  const post = await share(anna, 'close_friends')
  const shown = await friend.call('GET /api/posts/:id', on(post))
  assert.equal(shown.audience, 'close_friends')
  assert.equal(shown.author.username, 'anna')
  const { items } = await friend.call('GET /api/me/close-friends')
  assert.deepEqual(items, [])
  assert.equal(await refusal(follower.call('GET /api/posts/:id', on(post))), 'post.not_found')
})

test('somebody taken out as a follower is no close friend any more, and neither is somebody blocked', async () => {
  const [one, other] = await kit.people(2)
  const listed = async () =>
    (await collect(anna.all('GET /api/me/close-friends'))).map(({ username }) => username)
  for (const person of [one!, other!]) {
    await kit.follow(person, anna)
    await anna.call('PUT /api/users/:username/close-friend', nameOf(person))
  }
  assert.deepEqual(await listed(), [other!.user.username, one!.user.username, 'friend'])
  await anna.call('DELETE /api/users/:username/follower', nameOf(one!))
  await anna.call('PUT /api/users/:username/block', nameOf(other!))
  assert.deepEqual(await listed(), ['friend'])
  const add = (name: string) =>
    anna.call('PUT /api/users/:username/close-friend', { params: { username: name } })
  assert.equal(await refusal(add(other!.user.username)), 'auth.forbidden')
  assert.equal(await refusal(add('anna')), 'close_friend.self')
  assert.equal(await refusal(add('nobody_at_all')), 'user.not_found')
  assert.equal((await add('friend')).relationship.closeFriend, true)
})

test('that one is on somebody’s list is never told to them', async () => {
  const { relationship } = await friend.call('GET /api/users/:username', nameOf(anna))
  assert.equal(relationship?.closeFriend, false)
  await using live = await listen(kit.app.url, friend.token ?? '')
  const others = () => live.events.filter(({ type }) => type !== 'hello')
  await anna.call('DELETE /api/users/:username/close-friend', nameOf(friend))
  // What was open for them goes from their open pages, and nothing says why.
  await until(() => others().length > 0)
  assert.deepEqual(new Set(others().map(({ type }) => type)), new Set(['post.gone']))
  const gone = others().length
  await anna.call('PUT /api/users/:username/close-friend', nameOf(friend))
  await kit.app.settle()
  await live.caughtUp()
  assert.equal(others().length, gone)
})

test('going private never leaves old posts with close friends who do not follow, and gives them back when it ends', async () => {
  const [owner, outside] = await kit.people(2)
  await owner!.call('PUT /api/users/:username/close-friend', nameOf(outside!))
  const post = await share(owner!, 'close_friends')
  const open = await share(owner!, 'public')
  assert.equal((await outside!.call('GET /api/posts/:id', on(post))).id, post.id)
  await owner!.call('PATCH /api/me', { body: { isPrivate: true } })
  for (const one of [post, open])
    assert.equal(await refusal(outside!.call('GET /api/posts/:id', on(one))), 'post.not_found')
  assert.deepEqual((await outside!.call('GET /api/users/:username/posts', nameOf(owner!))).items, [])
  await kit.follow(outside!, owner!)
  assert.equal(
    await refusal(outside!.call('GET /api/posts/:id', on(post))),
    'post.not_found',
    'a request is no follow',
  )
  await owner!.call('PUT /api/follow-requests/:username', nameOf(outside!))
  assert.equal((await outside!.call('GET /api/posts/:id', on(post))).id, post.id)
  await owner!.call('PATCH /api/me', { body: { isPrivate: false } })
  assert.equal((await outside!.call('GET /api/posts/:id', on(post))).id, post.id)
})

test('an open feed hears of a post that is for its reader, of its end when it is not any more, and of nothing else', async () => {
  await using asFriend = await listen(kit.app.url, friend.token ?? '')
  await using asFollower = await listen(kit.app.url, follower.token ?? '')
  const post = await share(anna, 'followers')
  const close = await share(anna, 'close_friends')
  await anna.call('PATCH /api/posts/:id', { ...on(post), body: { audience: 'close_friends' } })
  const about = (live: typeof asFriend, type: 'feed.post' | 'post.gone') =>
    live.events.flatMap((event) => (event.type === type && 'postId' in event ? [event.postId] : []))
  await until(async () => about(asFollower, 'post.gone').length > 0)
  for (const live of [asFriend, asFollower]) await live.caughtUp()
  assert.deepEqual(about(asFriend, 'feed.post'), [post.id, close.id])
  assert.deepEqual(about(asFriend, 'post.gone'), [])
  assert.deepEqual(about(asFollower, 'feed.post'), [post.id])
  assert.deepEqual(about(asFollower, 'post.gone'), [post.id])
})

test('a tag that stands under posts for some alone is never suggested to others', async () => {
  const post = await share(anna, 'close_friends', '#onlyforclose')
  const suggested = async (person: Person) =>
    (await person.call('GET /api/tags', { query: { prefix: 'onlyfor' } })).items.map(({ tag }) => tag)
  assert.deepEqual(await suggested(friend), ['onlyforclose'])
  assert.deepEqual(await suggested(follower), [])
  await anna.call('PATCH /api/posts/:id', { ...on(post), body: { audience: 'followers' } })
  assert.deepEqual(await suggested(follower), ['onlyforclose'])
  assert.deepEqual(await suggested(stranger), [])
  // New words and fewer people in one change: the tag is never out for a moment.
  const open = await share(anna, 'public')
  const body = { caption: '#onlyforthese', audience: 'close_friends' as const }
  await anna.call('PATCH /api/posts/:id', { ...on(open), body })
  assert.deepEqual(await suggested(stranger), [])
  assert.deepEqual(await suggested(friend), ['onlyforclose', 'onlyforthese'])
})

test('another audience is no edit, is counted the same, and is written once', async () => {
  const { postCount } = await anna.call('GET /api/me')
  const post = await share(anna, 'public')
  const body = { audience: 'followers' as const }
  const changed = await anna.call('PATCH /api/posts/:id', { ...on(post), body })
  assert.deepEqual([changed.audience, changed.editedAt], ['followers', null])
  const again = await anna.call('PATCH /api/posts/:id', { ...on(post), body })
  assert.equal(again.media[0]!.largeUrl, changed.media[0]!.largeUrl)
  assert.equal((await stranger.call('GET /api/users/:username', nameOf(anna))).postCount, postCount + 1)
})

test('a profile with much that is for others is never a short page for that', async () => {
  const open = await share(stranger, 'public')
  for (let n = 0; n < 25; n++) await share(stranger, 'close_friends')
  const page = () =>
    follower.call('GET /api/users/:username/posts', { ...nameOf(stranger), query: { limit: 5 } })
  const { items, nextCursor } = await page()
  assert.deepEqual([items.map(({ id }) => id), nextCursor], [[open.id], null])
})

test('how many like a post is never told to anybody but its owner while that is hidden, nor who', async () => {
  const post = await share(anna, 'public')
  await friend.call('PUT /api/posts/:id/like', on(post))
  await follower.call('GET /api/feed')
  await anna.call('PATCH /api/me', { body: { hideLikeCounts: true } })
  const told = ({ likeCount, likeCountHidden }: Post) => [likeCount, likeCountHidden]
  const feedOf = async (person: Person) =>
    (await person.call('GET /api/feed')).items.find(({ id }) => id === post.id)!
  const likersFor = async (client: Pick<Person, 'call'>) =>
    (await client.call('GET /api/posts/:id/likes', on(post))).items.length
  for (const other of [friend, follower, stranger, kit.app.client]) {
    assert.deepEqual(told(await other.call('GET /api/posts/:id', on(post))), [0, true])
    assert.equal(await likersFor(other), 0)
  }
  assert.deepEqual(told(await feedOf(follower)), [0, true])
  assert.deepEqual(await follower.call('PUT /api/posts/:id/like', on(post)), { liked: true, likeCount: 0 })
  assert.deepEqual(await follower.call('DELETE /api/posts/:id/like', on(post)), {
    liked: false,
    likeCount: 0,
  })
  assert.deepEqual(told(await anna.call('GET /api/posts/:id', on(post))), [1, false])
  assert.deepEqual(told(await feedOf(anna)), [1, false])
  assert.equal(await likersFor(anna), 1)
  await anna.call('PATCH /api/me', { body: { hideLikeCounts: false } })
  assert.deepEqual(told(await feedOf(follower)), [1, false])
  assert.equal(await likersFor(stranger), 1)
})

test('whom an account follows and who follows it is never told to others than it chose', async () => {
  const lists = async (viewer: Pick<Person, 'call'>) =>
    Promise.all(
      (['GET /api/users/:username/followers', 'GET /api/users/:username/following'] as const).map(
        async (list) => (await viewer.call(list, nameOf(anna))).items.length > 0,
      ),
    )
  await kit.follow(anna, friend)
  const viewers = [anna, follower, stranger, kit.app.client]
  const expected = {
    everyone: [true, true, true, true],
    followers: [true, true, false, false],
    nobody: [true, false, false, false],
  }
  for (const listsVisibleTo of ['followers', 'nobody', 'everyone'] as const) {
    await anna.call('PATCH /api/me', { body: { listsVisibleTo } })
    for (const [index, viewer] of viewers.entries())
      assert.deepEqual(
        new Set(await lists(viewer)),
        new Set([expected[listsVisibleTo][index]]),
        `${listsVisibleTo} ${index}`,
      )
  }
})

test('activity is shown until it is switched off, and that is nobody else’s business', async () => {
  assert.equal((await anna.call('GET /api/me')).showActivity, true)
  assert.equal((await anna.call('PATCH /api/me', { body: { showActivity: false } })).showActivity, false)
  const seen = await friend.call('GET /api/users/:username', nameOf(anna))
  for (const key of ['showActivity', 'hideLikeCounts', 'listsVisibleTo'])
    assert.equal(key in seen, false, key)
})

test('a warm feed with posts for some alone asks the database nothing about them', async () => {
  for (const audience of ['public', 'followers', 'close_friends'] as const) await share(anna, audience)
  // What follows from them has been heard: from here on nothing makes anything cold again.
  await kit.app.settle()
  const page = (person: Person) =>
    person.call('GET /api/feed', { query: { mode: 'chronological', limit: 20 } })
  const about =
    /\b(posts|post_\w+|close_friend\w*|following|followers|blocks|blocked_by|users|likes\w*|saves)\b/
  for (const person of [friend, follower]) {
    const seen = await page(person)
    assert.equal(
      seen.items.some(({ audience }) => audience === 'close_friends'),
      person === friend,
    )
    const asked = await queriesDuring(kit.app.database.main, async () => {
      assert.deepEqual({ ...(await page(person)), asOf: seen.asOf }, seen)
    })
    assert.deepEqual(
      asked.map(({ sql }) => sql).filter((sql) => about.test(sql)),
      [],
    )
  }
})
