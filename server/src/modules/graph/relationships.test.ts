import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { bucketOf, idAt } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'
import { seedFeed } from '../../../test/helpers/seed-feed.ts'

let kit: PostsKit
let anna: Person
let ben: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
})
after(() => kit[Symbol.asyncDispose]())

describe('who may mention', () => {
  const entitiesOf = async (who: Person, text: string) => {
    const { id } = await kit.post(who)
    const post = await kit.post(who, { caption: text })
    const comment = await who.call('POST /api/posts/:id/comments', { params: { id }, body: { text } })
    return [...post.entities, ...comment.entities].map(({ value }) => value)
  }

  test('a mention is never made of whom it is not allowed of: it stays text', async () => {
    const [follower, followed, stranger] = [await kit.person(), await kit.person(), await kit.person()]
    await kit.follow(follower, anna)
    await kit.follow(anna, followed)
    const expected = {
      everyone: [true, true, true],
      followers: [true, false, false],
      following: [false, true, false],
      nobody: [false, false, false],
    } as const
    for (const [allowMentions, allowed] of Object.entries(expected)) {
      await anna.call('PATCH /api/me', { body: { allowMentions: allowMentions as 'everyone' } })
      for (const [index, who] of [follower, followed, stranger].entries())
        assert.deepEqual(
          await entitiesOf(who, '@anna @ben'),
          allowed[index] ? ['anna', 'ben', 'anna', 'ben'] : ['ben', 'ben'],
          `${allowMentions} ${index}`,
        )
    }
    assert.deepEqual(await entitiesOf(anna, '@anna'), ['anna', 'anna'], 'oneself')
  })

  test('who may write to somebody is kept, and asked of the same rule', async () => {
    const { graph } = kit.app.modules
    await anna.call('PATCH /api/me', { body: { allowMessages: 'nobody' } })
    assert.equal((await anna.call('GET /api/me')).allowMessages, 'nobody')
    const allowing = await graph.api.allowing('messages', ben.user.id, [anna.user.id, ben.user.id])
    assert.deepEqual([...allowing], [ben.user.id])
    assert.equal(
      await refusal(anna.call('PATCH /api/me', { body: { allowMessages: 'friends' as never } })),
      'request.invalid',
    )
  })
})

describe('mutes', () => {
  const mute = async (body?: { posts?: boolean; stories?: boolean }) => {
    const params = { username: 'ben' }
    const answer = await anna.call('PUT /api/users/:username/mute', { params, ...(body && { body }) })
    return answer.relationship.muting
  }
  const sees = async (id: string) => (await anna.call('GET /api/feed')).items.some((post) => post.id === id)

  test('of one kind never touch the other', async () => {
    await kit.follow(anna, ben)
    const { id } = await kit.post(ben)
    assert.deepEqual(await mute({ stories: true }), ['stories'])
    assert.equal(await sees(id), true)
    assert.deepEqual(await mute({ posts: true }), ['posts', 'stories'])
    assert.equal(await sees(id), false)
    assert.deepEqual(await mute({ posts: false }), ['stories'])
    assert.equal(await sees(id), true)
    assert.deepEqual(await mute({ stories: false }), [])
    assert.deepEqual((await anna.call('GET /api/me/mutes')).items, [])
    assert.deepEqual(await mute(), ['posts', 'stories'])
    assert.equal(await refusal(mute({ likes: true } as never)), 'request.invalid')
    await anna.call('DELETE /api/users/:username/mute', { params: { username: 'ben' } })
    assert.equal(await sees(id), true)
  })
})

test('accepting all never leaves one out, however many they are, nor accepts who has taken it back', async () => {
  const owner = await kit.person('orla', { isPrivate: true })
  const askers = await kit.people(4)
  for (const asker of askers) await kit.follow(asker, owner)
  await askers[0]!.call('DELETE /api/users/:username/follow', { params: { username: 'orla' } })
  await addRequests(owner, 60)
  const { accepted } = await owner.call('POST /api/follow-requests/accept-all')
  assert.equal(accepted, 50)
  await kit.app.settle()
  const me = await owner.call('GET /api/me')
  assert.equal(me.followRequestCount, 0)
  assert.equal(me.followerCount, 63)
  assert.deepEqual(await owner.call('POST /api/follow-requests/accept-all'), { accepted: 0 })
})

describe('suggestions', () => {
  const listOf = async (who: Person) => (await who.call('GET /api/suggestions')).items
  const namesOf = async (who: Person) => (await listOf(who)).map(({ user }) => user.username)
  const about = (whom: Person) => ({ params: { username: whom.user.username } })

  test('name whom most of one’s followees follow first, and who of them', async () => {
    const [viewer, one, two, three, top, next] = await kit.people(6)
    for (const followee of [one!, two!, three!]) {
      await kit.follow(viewer!, followee)
      await kit.follow(followee, top!)
    }
    await kit.follow(two!, next!)
    const items = await listOf(viewer!)
    assert.deepEqual(
      items.map(({ user }) => user.username),
      [top!.user.username, next!.user.username],
    )
    const { reason } = items[0]!
    assert.ok(reason.kind === 'followed_by')
    assert.equal(reason.people.length, 2)
    assert.equal(reason.others, 1)
    assert.deepEqual(items[1]!.reason, {
      kind: 'followed_by',
      people: [(await viewer!.call('GET /api/users/:username', about(two!))).id].map((id) => ({
        id,
        username: two!.user.username,
        fullName: '',
        avatarUrl: null,
        isVerified: false,
      })),
      others: 0,
    })
    assert.equal((await viewer!.call('GET /api/suggestions', { query: { limit: 1 } })).items.length, 1)
  })

  test('never name whom one blocks or mutes, who blocks, is private, is asked, was refused or is oneself', async () => {
    const [viewer, followee] = await kit.people(2)
    await kit.follow(viewer!, followee!)
    const closed = await kit.person(undefined, { isPrivate: true })
    const open = await kit.people(7)
    const [blocked, blocking, muted, refused, followed, restricted, stays] = open as [
      Person,
      Person,
      Person,
      Person,
      Person,
      Person,
      Person,
    ]
    await kit.follow(followee!, viewer!)
    for (const other of open) await kit.follow(followee!, other)
    await kit.follow(followee!, closed)
    await closed.call('POST /api/follow-requests/accept-all')
    assert.equal((await namesOf(viewer!)).length, 7)
    await viewer!.call('PUT /api/users/:username/block', about(blocked))
    await blocking.call('PUT /api/users/:username/block', about(viewer!))
    await viewer!.call('PUT /api/users/:username/mute', about(muted))
    await viewer!.call('PUT /api/users/:username/restrict', about(restricted))
    await viewer!.call('DELETE /api/suggestions/:username', about(refused))
    await viewer!.call('DELETE /api/suggestions/:username', about(refused))
    await kit.follow(viewer!, followed)
    assert.deepEqual(await namesOf(viewer!), [stays.user.username])
    kit.app.coherence.forget()
    assert.deepEqual(await namesOf(viewer!), [stays.user.username])
    await kit.app.modules.accounts.api.setState(stays.user.id, 'suspended')
    assert.deepEqual(await namesOf(viewer!), [])
    const hidden = viewer!.call('DELETE /api/suggestions/:username', about(blocking))
    assert.equal(await refusal(hidden), 'user.not_found')
  })

  test('never tell a follow out of a list that the viewer may not see', async () => {
    const [viewer, followee, secret] = await kit.people(3)
    await kit.follow(viewer!, followee!)
    await kit.follow(followee!, secret!)
    assert.deepEqual(await namesOf(viewer!), [secret!.user.username])
    await followee!.call('PATCH /api/me', { body: { listsVisibleTo: 'nobody' } })
    assert.deepEqual(await listOf(viewer!), [])
    await followee!.call('PATCH /api/me', { body: { listsVisibleTo: 'everyone', isPrivate: true } })
    assert.deepEqual(await namesOf(viewer!), [secret!.user.username], 'an accepted follower sees the list')
    await followee!.call('DELETE /api/users/:username/follower', about(viewer!))
    assert.deepEqual(await listOf(viewer!), [])
  })

  test('name who follows one, where there is nobody else', async () => {
    const [viewer, fan] = await kit.people(2)
    await kit.follow(fan!, viewer!)
    assert.deepEqual(
      (await listOf(viewer!)).map(({ user, reason }) => [user.username, reason.kind]),
      [[fan!.user.username, 'follows_you']],
    )
  })
})

/** As by so many people, whose accounts are rows alone. */
async function addRequests(owner: Person, count: number): Promise<void> {
  const db = kit.app.database.main
  const { people } = await seedFeed(db, { people: count, posts: 1, likes: 0, comments: 0 })
  const created_at = new Date()
  const pairs = people.map((id, index) => ({
    follower_id: id,
    followed_id: owner.user.id,
    created_at,
    index,
  }))
  await db
    .insertInto('follow_requests_sent')
    .values(pairs.map(({ index: _, ...pair }) => ({ ...pair, bucket: bucketOf(pair.follower_id) })))
    .execute()
  const bucket = bucketOf(owner.user.id)
  await db
    .insertInto('follow_requests')
    .values(
      pairs.map(({ index, ...pair }) => ({
        ...pair,
        bucket,
        id: idAt(1_767_225_600_000 + index, bucket, 127, 0),
      })),
    )
    .execute()
}
