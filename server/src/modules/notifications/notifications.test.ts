import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Notification } from '@heliograph/contract/notifications'
import { sql } from 'kysely'
import { systemClock } from '#platform/clock/clock.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { listen } from '../../../test/helpers/listener.ts'
import {
  collect,
  createPostsKit,
  type Person,
  type PostsKit,
  refusal,
} from '../../../test/helpers/posts-kit.ts'
import { until } from '../../../test/helpers/until.ts'

// Likes are told a moment after they were answered: `read` waits for what follows from events, as the next opening would.

/** The clock goes on, and can be put forward. */
let ahead = 0
const clock = { ...systemClock, now: () => systemClock.now() + ahead }
let kit: PostsKit
before(async () => {
  kit = await createPostsKit({ clock })
})
after(() => kit[Symbol.asyncDispose]())

const like = (who: Person, id: string) => who.call('PUT /api/posts/:id/like', { params: { id } })
const unlike = (who: Person, id: string) => who.call('DELETE /api/posts/:id/like', { params: { id } })
const say = (who: Person, id: string, text: string, parentId?: string) =>
  who.call('POST /api/posts/:id/comments', { params: { id }, body: { text, parentId } })
const named = (who: Person) => ({ params: { username: who.user.username } })
const block = (who: Person, whom: Person) => who.call('PUT /api/users/:username/block', named(whom))
const unblock = (who: Person, whom: Person) => who.call('DELETE /api/users/:username/block', named(whom))

async function read(who: Person) {
  await kit.app.events.settle()
  return await who.call('GET /api/notifications')
}
/** `like ben+2`: the kind, the latest person, how many others. */
const lineOf = ({ kind, people, peopleCount }: Notification) =>
  `${kind} ${people[0]?.username ?? '-'}${peopleCount > 1 ? `+${peopleCount - 1}` : ''}`
const lines = async (who: Person) => (await read(who)).items.map(lineOf)
const unread = async (who: Person) => (await read(who)).unreadCount

describe('the list', () => {
  test('tells of likes of one post together, and not of one’s own', async () => {
    const [anna, ben, carl, dora] = await peopleNamed('a1', 'b1', 'c1', 'd1')
    assert.deepEqual(await read(anna), empty)
    const [one, two] = [await kit.post(anna), await kit.post(anna)]
    await like(anna, one.id)
    await like(ben, one.id)
    assert.deepEqual(await lines(anna), ['like b1'])
    await like(carl, two.id)
    await like(carl, one.id)
    await like(dora, one.id)
    const { items, unreadCount } = await read(anna)
    assert.deepEqual(items.map(lineOf), ['like d1+2', 'like c1'])
    assert.equal(unreadCount, 2)
    assert.deepEqual(
      items[0]?.people.map(({ username }) => username),
      ['d1', 'c1', 'b1'],
    )
    assert.equal(items[0]?.post?.id, one.id)
    assert.match(items[0]?.post?.thumbnailUrl ?? '', /thumbnail/)
    await unlike(dora, one.id)
    await unlike(carl, two.id)
    assert.deepEqual(await lines(anna), ['like c1+1'])
    assert.equal(await unread(anna), 1)
  })

  test('tells everybody whom a comment concerns once, and what it says', async () => {
    const [anna, ben, carl] = await peopleNamed('a2', 'b2', 'c2')
    const { id } = await kit.post(anna)
    const top = await say(ben, id, `so bright  ${'x'.repeat(400)}`)
    await say(carl, id, 'and @b2 @a2 see it', top.id)
    assert.deepEqual(await lines(ben), ['reply c2'])
    const { items } = await read(anna)
    assert.deepEqual(items.map(lineOf), ['mention c2', 'comment b2'])
    assert.equal(items[1]?.comment?.text.length, 140)
    assert.match(items[1]?.comment?.text ?? '', /^so bright x+…$/)
    await ben.call('DELETE /api/posts/:id/comments/:commentId', { params: { id, commentId: top.id } })
    assert.deepEqual(await lines(anna), [])
    assert.deepEqual(await lines(ben), [], 'the answer went with what it answered')
    assert.deepEqual([await unread(anna), await unread(ben)], [0, 0])
  })

  test('never tells of a comment that waits for somebody, and does once it was let out', async () => {
    const [anna, ben, carl] = await peopleNamed('a3', 'b3', 'c3')
    const { id } = await kit.post(anna)
    await anna.call('PUT /api/users/:username/restrict', named(ben))
    const waiting = await say(ben, id, 'look @c3')
    assert.deepEqual([await lines(anna), await lines(carl)], [[], []])
    await anna.call('PUT /api/posts/:id/comments/:commentId/approved', {
      params: { id, commentId: waiting.id },
    })
    assert.deepEqual(await lines(carl), ['mention b3'])
  })

  test('tells of follows, requests and acceptances, and of none that has ended', async () => {
    const [anna, ben] = await peopleNamed('a4', 'b4')
    const priv = await kit.person('p4', { isPrivate: true })
    await kit.follow(ben, anna)
    assert.deepEqual(await lines(anna), ['follow b4'])
    assert.equal((await read(anna)).items[0]?.people[0]?.relationship?.followedBy, true)
    await ben.call('DELETE /api/users/:username/follow', named(anna))
    assert.deepEqual(await lines(anna), [])

    await kit.follow(ben, priv)
    await kit.follow(anna, priv)
    assert.deepEqual(await lines(priv), ['request a4', 'request b4'])
    assert.equal((await read(priv)).items[0]?.people[0]?.relationship?.requestedBy, true)
    await priv.call('PUT /api/follow-requests/:username', named(ben))
    await priv.call('DELETE /api/follow-requests/:username', named(anna))
    assert.deepEqual(await lines(priv), ['follow b4'])
    assert.deepEqual(await lines(ben), ['accepted p4'])
    assert.deepEqual(await lines(anna), [])
    await priv.call('DELETE /api/users/:username/follower', named(ben))
    assert.deepEqual([await lines(priv), await lines(ben)], [[], []])
  })

  test('tells of a request to write until it is answered, and never what it says', async () => {
    const [anna, ben, carl] = await peopleNamed('a16', 'b16', 'c16')
    const write = async (from: Person) => {
      const body = { members: ['a16'] }
      const { id } = await from.call('POST /api/conversations', { body })
      await from.call('POST /api/conversations/:id/messages', {
        params: { id },
        body: { clientId: `from-${from.user.username}`, text: 'between us' },
      })
      return id
    }
    const [bens, carls] = [await write(ben), await write(carl)]
    const { items } = await read(anna)
    assert.deepEqual(items.map(lineOf), ['message_request c16', 'message_request b16'])
    assert.equal(items[1]?.conversationId, bens)
    assert.doesNotMatch(JSON.stringify(items), /between us/)
    await anna.call('PUT /api/conversations/:id/accept', { params: { id: bens } })
    assert.deepEqual(await lines(anna), ['message_request c16'])
    // Of a group that they were taken out of again as well.
    const group = await ben.call('POST /api/conversations', {
      body: { members: ['a16'], name: 'walks' },
    })
    await ben.call('POST /api/conversations/:id/messages', {
      params: { id: group.id },
      body: { clientId: 'to-the-group', text: 'who comes?' },
    })
    assert.deepEqual(await lines(anna), ['message_request b16', 'message_request c16'])
    await ben.call('DELETE /api/conversations/:id/members/:username', {
      params: { id: group.id, username: 'a16' },
    })
    assert.deepEqual(await lines(anna), ['message_request c16'])
    await anna.call('DELETE /api/conversations/:id', { params: { id: carls } })
    assert.deepEqual(await read(anna), empty)
    // Whom one follows asks for nothing.
    await kit.follow(anna, ben)
    assert.deepEqual(await lines(anna), [])
  })

  test('tells what concerns security, whoever wants to be told of what', async () => {
    const [anna] = await peopleNamed('a5')
    const off = { likes: 'off', comments: 'off', follows: 'off', mentions: 'off', requests: 'off' } as const
    await anna.call('PATCH /api/me', { body: { notifications: off } })
    await anna.call('POST /api/me/proof', { body: { password: 'correct horse battery' } }).catch(() => {})
    await kit.app.database.transaction((tx) =>
      kit.app.events.emit(tx, 'accounts.password_changed', {
        bucket: bucketOf(anna.user.id),
        subjectId: anna.user.id,
        data: {},
      }),
    )
    const [item] = (await read(anna)).items
    assert.deepEqual([item?.kind, item?.security, item?.people], ['security', 'password_changed', []])
  })

  test('pages give every row once, in order, however long the pages are', async () => {
    const [anna, ben, carl] = await peopleNamed('a6', 'b6', 'c6')
    const { id } = await kit.post(anna)
    for (let n = 0; n < 23; n++) await say(n % 2 ? ben : carl, id, `comment ${n}`)
    await kit.app.events.settle()
    for (const limit of [1, 7, 23, 50]) {
      const all = await collect(anna.all('GET /api/notifications', { query: { limit } }))
      assert.deepEqual(
        all.map(({ comment }) => comment?.text),
        Array.from({ length: 23 }, (_, n) => `comment ${22 - n}`),
      )
    }
  })
})

describe('what somebody may no longer see', () => {
  test('goes from the list and from the count, on both sides of a block', async () => {
    const [anna, ben, carl] = await peopleNamed('a7', 'b7', 'c7')
    const { id } = await kit.post(anna)
    await like(ben, id)
    await like(carl, id)
    await say(ben, id, 'hello')
    await kit.follow(ben, anna)
    const before = ['follow b7', 'comment b7', 'like c7+1']
    assert.deepEqual(await lines(anna), before)
    for (const [blocker, blocked] of [
      [anna, ben],
      [ben, anna],
    ] as const) {
      await block(blocker, blocked)
      assert.deepEqual(await lines(anna), ['like c7'])
      assert.equal(await unread(anna), 1)
      await unblock(blocker, blocked)
    }
    assert.deepEqual(await lines(anna), ['comment b7', 'like c7+1'])
  })

  test('a post that is not for them: its mention is not told, and not counted', async () => {
    const [ben] = await peopleNamed('b8')
    const priv = await kit.person('p8', { isPrivate: true })
    await kit.post(priv, { caption: 'hidden @b8' })
    assert.deepEqual(await read(ben), empty)
    await kit.follow(ben, priv)
    await priv.call('PUT /api/follow-requests/:username', named(ben))
    assert.deepEqual(await lines(ben), ['accepted p8', 'mention p8'])
    await priv.call('DELETE /api/users/:username/follower', named(ben))
    assert.deepEqual(await lines(ben), [])
  })

  test('an account that is suspended, from the answer on, and from memory too', async () => {
    const [anna, ben, carl] = await peopleNamed('a17', 'b17', 'c17')
    const { id } = await kit.post(anna)
    for (const who of [ben, carl]) await like(who, id)
    assert.deepEqual(await lines(anna), ['like c17+1'])
    const { setState } = kit.app.modules.accounts.api
    await setState(carl.user.id, 'suspended')
    const seen = async () => (await anna.call('GET /api/notifications')).items.map(lineOf)
    assert.deepEqual(await seen(), ['like b17'])
    await setState(ben.user.id, 'suspended')
    assert.deepEqual(await anna.call('GET /api/notifications'), empty)
    await setState(carl.user.id, 'active')
    assert.deepEqual(await lines(anna), ['like c17'])
  })

  test('what was said below a post whose author turned private, from memory neither', async () => {
    const [anna, ben, carl] = await peopleNamed('a21', 'b21', 'c21')
    const { id } = await kit.post(carl)
    const top = await say(anna, id, 'lovely')
    await say(ben, id, 'is it not?', top.id)
    // The third time from memory at the latest.
    for (let times = 0; times < 3; times++) assert.deepEqual(await lines(anna), ['reply b21'])
    await carl.call('PATCH /api/me', { body: { isPrivate: true } })
    assert.deepEqual(await read(anna), empty)
  })

  test('a deleted post takes along all that was told of it', async () => {
    const [anna, ben] = await peopleNamed('a9', 'b9')
    const { id } = await kit.post(anna, { caption: 'with @b9' })
    await like(ben, id)
    await say(ben, id, 'nice')
    assert.equal((await lines(anna)).length, 2)
    assert.deepEqual(await lines(ben), ['mention a9'])
    await anna.call('DELETE /api/posts/:id', { params: { id } })
    assert.deepEqual([await read(anna), await read(ben)], [empty, empty])
  })

  test('a mention that was edited away is not told any more, one that came is', async () => {
    const [anna, ben, carl] = await peopleNamed('a10', 'b10', 'c10')
    const { id } = await kit.post(anna, { caption: 'with @b10' })
    assert.deepEqual(await lines(ben), ['mention a10'])
    await anna.call('PATCH /api/posts/:id', { params: { id }, body: { caption: 'with @c10' } })
    assert.deepEqual([await lines(ben), await lines(carl)], [[], ['mention a10']])
  })

  test('what a person switched off, or wants of those alone whom they follow', async () => {
    const [anna, ben, carl] = await peopleNamed('a11', 'b11', 'c11')
    const { id } = await kit.post(anna)
    await kit.follow(anna, carl)
    for (const who of [ben, carl]) await like(who, id)
    await say(ben, id, 'hello')
    await anna.call('PATCH /api/me', { body: { notifications: { likes: 'following', comments: 'off' } } })
    assert.deepEqual(await lines(anna), ['like c11'])
    assert.equal(await unread(anna), 1)
    await anna.call('PATCH /api/me', { body: { notifications: { likes: 'everyone', comments: 'everyone' } } })
    assert.deepEqual(await lines(anna), ['comment b11', 'like c11+1'])
  })
})

describe('seen and read', () => {
  test('all devices show the same number, whichever looked', async () => {
    const [anna, ben, carl] = await peopleNamed('a12', 'b12', 'c12')
    const second = await kit.app.client.signIn('a12', 'correct horse battery')
    const { id } = await kit.post(anna)
    await using phone = await listen(kit.app.url, anna.token!)
    await using desk = await listen(kit.app.url, second.token!)
    const told = () =>
      [phone, desk].map(({ events }) =>
        events.flatMap((event) => (event.type === 'notifications.changed' ? event.unreadCount : [])).at(-1),
      )
    await like(ben, id)
    await until(() => told().every((count) => count === 1))
    await say(carl, id, 'hi')
    await until(() => told().every((count) => count === 2))
    const { items } = await read(anna)
    assert.deepEqual(
      items.map(({ isNew }) => isNew),
      [true, true],
    )
    await second.call('PUT /api/notifications/seen', { body: { latestId: items[1]!.latestId } })
    await until(() => told().every((count) => count === 1))
    await second.call('PUT /api/notifications/seen')
    await until(() => told().every((count) => count === 0))
    assert.equal(await unread(anna), 0)
    await block(anna, carl)
    await until(() => told().every((count) => count === 0))
    // Nobody has looked at what is still to come.
    await like(carl, id).catch(() => {})
    const dora = await kit.person('d12')
    await like(dora, id)
    await until(() => told().every((count) => count === 1))
    const [top] = (await read(anna)).items
    assert.deepEqual([lineOf(top!), top?.isNew, top?.isRead], ['like d12+1', true, false])
    await anna.call('PUT /api/notifications/:id/read', { params: { id: top!.id } })
    assert.equal((await read(second as Person)).items[0]?.isRead, true)
  })

  test('the bell never stays on for what is gone, whoever took it away', async () => {
    const [anna, ben, carl] = await peopleNamed('a30', 'b30', 'c30')
    const { id } = await kit.post(carl)
    const { id: mine } = await say(anna, id, 'first')
    const { id: storyId } = await kit.story(anna)
    await kit.follow(ben, anna)
    await kit.follow(anna, ben)
    await read(anna)
    await anna.call('PUT /api/notifications/seen')
    await using phone = await listen(kit.app.url, anna.token!)
    const counts = () =>
      phone.events.flatMap((event) => (event.type === 'notifications.changed' ? event.unreadCount : []))
    const reply = async () => {
      const { id: conversation } = await ben.call('POST /api/conversations', { body: { members: ['a30'] } })
      await ben.call('POST /api/conversations/:id/messages', {
        params: { id: conversation },
        body: {
          clientId: 'answer-30',
          text: 'so bright',
          attachments: [{ type: 'story', storyId, isReply: true }],
        },
      })
      return () => anna.call('PUT /api/users/:username/restrict', named(ben))
    }
    const answer = async () => {
      const { id: commentId } = await say(ben, id, 'second', mine)
      return () => ben.call('DELETE /api/posts/:id/comments/:commentId', { params: { id, commentId } })
    }
    const mentionInPost = async () => {
      const post = await kit.post(carl, { caption: 'with @a30' })
      return () => carl.call('DELETE /api/posts/:id', { params: { id: post.id } })
    }
    const mentionInStory = async () => {
      const overlays = [{ kind: 'mention' as const, username: 'a30', x: 0.5, y: 0.5 }]
      const story = await kit.story(ben, { overlays })
      return () => ben.call('DELETE /api/stories/:id', { params: { id: story.id } })
    }
    for (const isListRead of [false, true])
      for (const happen of [answer, mentionInPost, mentionInStory, ...(isListRead ? [reply] : [])]) {
        const takeAway = await happen()
        await until(() => counts().at(-1) === 1)
        // What the list itself was counted from is known, and what was told without it.
        if (isListRead) assert.equal(await unread(anna), 1)
        await takeAway()
        await until(() => counts().at(-1) === 0)
        assert.equal(await unread(anna), 0)
      }
  })

  test('nobody marks what is somebody else’s', async () => {
    const [anna, ben] = await peopleNamed('a13', 'b13')
    const { id } = await kit.post(anna)
    await like(ben, id)
    const [item] = (await read(anna)).items
    const mark = (who: Person) =>
      refusal(who.call('PUT /api/notifications/:id/read', { params: { id: item!.id } }))
    assert.deepEqual([await mark(ben), await mark(anna)], ['notification.not_found', 'none'])
  })
})

describe('the read model', () => {
  test('equals what the tables say, whatever happened to it', async () => {
    const [anna, ben, carl] = await peopleNamed('a14', 'b14', 'c14')
    const priv = await kit.person('p14', { isPrivate: true })
    const { id } = await kit.post(anna, { caption: 'of @b14' })
    for (const who of [ben, carl]) await like(who, id)
    const comment = await say(ben, id, 'hello @c14')
    await say(carl, id, 'yes', comment.id)
    await kit.follow(ben, anna)
    await kit.follow(ben, priv)
    await kit.follow(carl, priv)
    await priv.call('PUT /api/follow-requests/:username', named(ben))
    const people = [anna, ben, carl, priv]
    const all = async () => await Promise.all(people.map(async (who) => (await read(who)).items.map(lineOf)))
    const right = await all()
    assert.ok(right.flat().length >= 9, JSON.stringify(right))
    const { reconcile } = kit.app.modules.notifications.api
    await reconcile()
    assert.deepEqual(await reconcile(), { ...(await reconcile()), added: 0, removed: 0, recounted: 0 })

    const db = kit.app.database.main
    const rowsOfAll = () => db.selectFrom('notifications').selectAll().orderBy('id').execute()
    const rows = await rowsOfAll()
    await sql`delete from notifications where actor_id = ${carl.user.id}`.execute(db)
    await sql`update notification_groups set member_count = 7 where user_id = ${anna.user.id}`.execute(db)
    const ghost = { bucket: bucketOf(anna.user.id), user_id: anna.user.id, id: rows[0]!.id }
    await db
      .insertInto('notifications')
      .values({ ...ghost, kind: 'like', actor_id: priv.user.id, target_id: id })
      .execute()
    const report = await reconcile()
    assert.ok(report.added > 0 && report.removed === 1 && report.recounted > 0, JSON.stringify(report))
    assert.deepEqual(await all(), right)
    assert.deepEqual(sorted(await rowsOfAll()), sorted(rows))

    // All of it can be lost.
    for (const table of ['notifications', 'notification_groups'] as const)
      await db.deleteFrom(table).execute()
    await reconcile()
    assert.deepEqual(sorted(await rowsOfAll()), sorted(rows))
    assert.deepEqual(await all(), right)
  })

  test('events that come twice, or after their end, change nothing', async () => {
    const [anna, ben] = await peopleNamed('a15', 'b15')
    const { id } = await kit.post(anna)
    await like(ben, id)
    await unlike(ben, id)
    await like(ben, id)
    assert.deepEqual(await lines(anna), ['like b15'])
    const data = { postId: id, authorId: anna.user.id, userId: ben.user.id }
    await kit.app.database.transaction(async (tx) => {
      const event = { bucket: bucketOf(id), subjectId: id }
      await kit.app.events.emit(tx, 'likes.deleted', { ...event, data })
      await kit.app.events.emit(tx, 'likes.created', { ...event, data: { ...data, givenId: id } })
    })
    assert.deepEqual(await lines(anna), ['like b15'])
  })
})

test('a mention on a Story is told to who may see it, and to nobody from whom it was taken', async () => {
  const [anna, ben, carl] = await peopleNamed('a19', 'b19', 'c19')
  await kit.follow(ben, anna)
  const at = { kind: 'mention', x: 0.5, y: 0.5 } as const
  const overlays = [ben, carl, anna].map(({ user }) => ({ ...at, username: user.username }))
  const { id } = await kit.story(anna, { overlays })
  const [item] = (await read(ben)).items
  assert.deepEqual([lineOf(item!), item?.story?.id], ['mention a19', id])
  assert.deepEqual(await lines(carl), [], 'who does not follow sees nothing of it')
  const named = { params: { username: ben.user.username } }
  await anna.call('PUT /api/users/:username/story-hidden', named)
  assert.deepEqual(await lines(ben), [])
  await anna.call('DELETE /api/users/:username/story-hidden', named)
  assert.deepEqual(await lines(ben), ['mention a19'])
  const { reconcile } = kit.app.modules.notifications.api
  await reconcile()
  assert.deepEqual(await lines(ben), ['mention a19'])
  await anna.call('DELETE /api/stories/:id', { params: { id } })
  assert.deepEqual(await lines(ben), [])
})

test('answers to a Story are told where they were accepted, until they are taken back, and as the messages say', async () => {
  const [anna, ben, carl] = await peopleNamed('a22', 'b22', 'c22')
  for (const who of [ben, carl]) await kit.follow(who, anna)
  await kit.follow(anna, ben)
  await anna.call('PATCH /api/me', { body: { notifications: { stories: 'everyone', follows: 'off' } } })
  const { id: storyId } = await kit.story(anna)
  const reply = async (who: Person, text: string) => {
    const { id } = await who.call('POST /api/conversations', { body: { members: ['a22'] } })
    const message = await who.call('POST /api/conversations/:id/messages', {
      params: { id },
      body: {
        clientId: `reply-${text.replace(' ', '-')}`,
        text,
        attachments: [{ type: 'story', storyId, isReply: true }],
      },
    })
    return { id, messageId: message.id }
  }
  const bens = await reply(ben, 'so bright')
  const [item] = (await read(anna)).items
  assert.deepEqual(
    [lineOf(item!), item?.story?.id, item?.conversationId, item?.message],
    ['story_reply b22', storyId, bens.id, { id: bens.messageId, text: 'so bright' }],
  )
  // It is one new thing, in two lists: read in one of them it is new in neither.
  const isNew = async () => {
    const { items, unreadCount, unreadMessages } = await read(anna)
    return [items[0]?.isNew, items[0]?.isRead, unreadCount, unreadMessages]
  }
  assert.deepEqual(await isNew(), [true, false, 1, 1])
  await using phone = await listen(kit.app.url, anna.token!)
  await anna.call('PUT /api/conversations/:id/read', { params: bens, body: { sequence: 1000 } })
  await until(() =>
    phone.events.some((event) => event.type === 'notifications.changed' && event.unreadCount === 0),
  )
  assert.deepEqual(await isNew(), [false, true, 0, 0])
  await ben.call('PATCH /api/conversations/:id/messages/:messageId', {
    params: bens,
    body: { text: 'so dark' },
  })
  assert.equal((await read(anna)).items[0]?.message?.text, 'so dark')
  // Among the requests it is a request like others.
  const carls = await reply(carl, 'hello')
  assert.deepEqual(await lines(anna), ['message_request c22', 'story_reply b22'])
  await anna.call('PUT /api/conversations/:id/accept', { params: { id: carls.id } })
  const both = ['story_reply c22', 'story_reply b22']
  assert.deepEqual(await lines(anna), both)
  const { reconcile } = kit.app.modules.notifications.api
  await kit.app.database.main
    .deleteFrom('notifications')
    .where('kind', '=', 'story_reply')
    .where('user_id', '=', anna.user.id)
    .execute()
  assert.equal((await reconcile()).added, 2)
  assert.deepEqual(await lines(anna), both)
  // An answer of somebody at a distance, accepted again, is never missing from the list that is kept.
  await anna.call('PUT /api/users/:username/restrict', named(carl))
  await kit.app.settle()
  assert.deepEqual(await lines(anna), ['story_reply b22'])
  await anna.call('PUT /api/conversations/:id/accept', { params: { id: carls.id } })
  assert.deepEqual(await lines(anna), both)
  await anna.call('DELETE /api/conversations/:id', { params: { id: carls.id } })
  assert.deepEqual(await lines(anna), ['story_reply b22'], 'what is deleted for oneself is')
  const again = await reply(ben, 'twice')
  for (const params of [bens, again])
    await ben.call('DELETE /api/conversations/:id/messages/:messageId', { params })
  assert.deepEqual(await read(anna), empty)
  assert.equal((await reconcile()).removed, 0)
})

test('what of one’s own could not be prepared is told until it is put right, and not to who does not want it', async () => {
  const [anna] = await peopleNamed('a23')
  const { id } = await anna.call('POST /api/posts', {
    body: { media: [{ uploadId: await kit.upload(anna, 'processing') }] },
  })
  const fails = async (state: 'failed' | 'ready') => {
    await kit.finishMedia(id, state)
    await kit.app.settle()
  }
  // Looked at between the making and the failure.
  await anna.call('PUT /api/notifications/seen')
  await fails('failed')
  const [item] = (await read(anna)).items
  assert.deepEqual([lineOf(item!), item?.post?.id, item?.post?.isOwn], ['failed -', id, true])
  assert.equal(await unread(anna), 1)
  const { reconcile } = kit.app.modules.notifications.api
  await kit.app.database.main.deleteFrom('notifications').where('kind', '=', 'failed').execute()
  assert.equal((await reconcile()).added, 1)
  assert.deepEqual(await lines(anna), ['failed -'])
  await anna.call('PATCH /api/me', { body: { notifications: { own: 'off' } } })
  assert.deepEqual(await read(anna), empty)
  await anna.call('PATCH /api/me', { body: { notifications: { own: 'everyone' } } })

  const again = { params: { id } }
  await anna.call('POST /api/posts/:id/retry', again)
  assert.deepEqual(await lines(anna), [])
  await fails('failed')
  assert.deepEqual(await lines(anna), ['failed -'])
  await anna.call('POST /api/posts/:id/retry', again)
  await fails('ready')
  assert.deepEqual(await lines(anna), [])

  const uploadId = await kit.upload(anna, 'failed', 'story')
  const story = await anna.call('POST /api/stories', { body: { uploadId } })
  await kit.app.settle()
  const [told] = (await read(anna)).items
  assert.deepEqual([lineOf(told!), told?.story?.id], ['failed -', story.id])
  assert.equal((await reconcile()).removed, 0)
  await anna.call('DELETE /api/stories/:id', { params: { id: story.id } })
  assert.deepEqual(await read(anna), empty)
})

test('reactions to a Story are told until it ends, and not once they were taken back', async () => {
  const [anna, ben, carl] = await peopleNamed('a18', 'b18', 'c18')
  for (const who of [ben, carl]) await kit.follow(who, anna)
  // Of Stories one is told from those alone whom one follows, unless one says otherwise.
  await anna.call('PATCH /api/me', { body: { notifications: { stories: 'everyone', follows: 'off' } } })
  const { id, expiresAt } = await kit.story(anna)
  const params = { id }
  for (const who of [ben, carl])
    await who.call('POST /api/stories/:id/reactions', { params, body: { emoji: '🔥' } })
  const [item] = (await read(anna)).items
  assert.deepEqual([lineOf(item!), item?.story?.id], ['story_reaction c18+1', id])
  // A page that stays open knows by itself when the row goes and the number sinks: nothing tells it then.
  assert.equal(item?.story?.expiresAt, expiresAt)
  assert.equal((await read(anna)).unreadUntil, expiresAt)
  assert.equal((await anna.call('GET /api/notifications', { query: { limit: 50 } })).unreadUntil, expiresAt)
  const sign = async () => (await read(anna)).items[0]?.story?.emoji
  assert.equal(await sign(), '🔥')
  await carl.call('POST /api/stories/:id/reactions', { params, body: { emoji: '😮' } })
  assert.equal(await sign(), '😮', 'of the latest, as it is now')
  await carl.call('DELETE /api/stories/:id/reactions', { params })
  assert.deepEqual(await lines(anna), ['story_reaction b18'])
  assert.equal(await sign(), '🔥')
  ahead += 24 * 3_600_000
  assert.deepEqual(await anna.call('GET /api/notifications'), empty)
})

const empty = { items: [], nextCursor: null, unreadCount: 0, unreadMessages: 0 }
const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort()

function peopleNamed<const Names extends string[]>(...names: Names): Promise<{ [K in keyof Names]: Person }> {
  return Promise.all(names.map((name) => kit.person(name))) as Promise<{ [K in keyof Names]: Person }>
}
