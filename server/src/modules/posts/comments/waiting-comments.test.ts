import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Comment } from '@heliograph/contract/posts'
import { type Listener, listen } from '../../../../test/helpers/listener.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../../test/helpers/posts-kit.ts'
import { until } from '../../../../test/helpers/until.ts'

// What is written under a post and waits for its owner.

let kit: PostsKit
/** Owns the posts. */
let anna: Person
/** Is restricted by her. */
let ben: Person
let carl: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
  carl = await kit.person('carl')
  for (const reader of [ben, carl]) await kit.follow(reader, anna)
  await restrict(anna, ben)
})
after(() => kit[Symbol.asyncDispose]())

const restrict = (who: Person, whom: Person) =>
  who.call('PUT /api/users/:username/restrict', { params: { username: whom.user.username } })
const unrestrict = (who: Person, whom: Person) =>
  who.call('DELETE /api/users/:username/restrict', { params: { username: whom.user.username } })
const say = (who: Person, id: string, text: string, parentId?: string) =>
  who.call('POST /api/posts/:id/comments', { params: { id }, body: { text, parentId } })
const approve = (who: Person, id: string, commentId: string) =>
  who.call('PUT /api/posts/:id/comments/:commentId/approved', { params: { id, commentId } })
const visitor = () => kit.app.client

type Reader = Pick<Person, 'call'>

/** Comments as they stand in a copy of everything of somebody. */
async function copyOf(id: string): Promise<Record<string, unknown>[]> {
  const room = kit.app.modules.accounts.api.exportRooms.find(({ name }) => name === 'posts')
  const data = room?.data({ id, before: id }).find(({ name }) => name === 'comments')
  assert.ok(data && 'rows' in data)
  const rows: Record<string, unknown>[] = []
  for await (const row of data.rows()) rows.push({ ...row })
  return rows
}

/** On every surface that shows comments: the list, the post, and its card in the feed and on the profile. */
async function seenBy(reader: Reader, id: string, parentId?: string): Promise<Comment[][]> {
  const listed = await reader.call('GET /api/posts/:id/comments', { params: { id }, query: { parentId } })
  if (parentId !== undefined) return [listed.items]
  const post = await reader.call('GET /api/posts/:id', { params: { id } })
  const profile = await reader.call('GET /api/users/:username/posts', { params: { username: 'anna' } })
  const feed = reader === visitor() ? { items: [] } : await reader.call('GET /api/feed')
  const cards = [...profile.items, ...feed.items].filter((card) => card.id === id)
  assert.ok(cards.length > 0)
  return [listed.items, post.newestComments, ...cards.map((card) => card.newestComments)]
}

async function textsSeenBy(reader: Reader, id: string, parentId?: string): Promise<string[][]> {
  return (await seenBy(reader, id, parentId)).map((comments) => comments.map(({ text }) => text))
}

async function assertSeen(reader: Reader, id: string, texts: string[], parentId?: string): Promise<void> {
  for (const seen of await textsSeenBy(reader, id, parentId)) assert.deepEqual(seen, texts)
}

/** A card shows a comment a moment after it was made. */
async function untilSeen(reader: Reader, id: string, texts: string[]): Promise<void> {
  await until(async () => (await textsSeenBy(reader, id)).every((seen) => seen.join() === texts.join()))
}

describe('a comment by somebody whom the post’s owner restricts', () => {
  test('is never seen by a third person, on any surface, before it is approved', async () => {
    const { id } = await kit.post(anna)
    await say(carl, id, 'from carl')
    await untilSeen(carl, id, ['from carl'])
    const hidden = await say(ben, id, 'from ben')
    for (const reader of [anna, ben]) await untilSeen(reader, id, ['from ben', 'from carl'])
    await kit.app.settle()
    for (const reader of [carl, visitor()]) await assertSeen(reader, id, ['from carl'])

    await approve(anna, id, hidden.id)
    await approve(anna, id, hidden.id)
    for (const reader of [carl, visitor(), anna, ben]) await untilSeen(reader, id, ['from ben', 'from carl'])
  })

  test('never tells its author that it waits, by a mark, a count or a refusal', async () => {
    const { id } = await kit.post(anna)
    const { id: theirs } = await kit.post(carl)
    const ordinary = await say(ben, theirs, 'words')
    const hidden = await say(ben, id, 'words')
    assert.deepEqual(Object.keys(hidden).sort(), Object.keys(ordinary).sort())
    for (const comments of await seenBy(ben, id))
      for (const comment of comments)
        assert.deepEqual(Object.keys(comment).sort(), Object.keys(ordinary).sort())
    const post = await ben.call('GET /api/posts/:id', { params: { id } })
    assert.equal(post.commentCount, 1)
    const profile = await ben.call('GET /api/users/:username', { params: { username: 'anna' } })
    assert.equal(profile.relationship?.restricting, false)
    for (const comments of await seenBy(anna, id))
      for (const comment of comments) assert.equal(comment.waiting, true, 'the owner is told')
  })

  test('never shows in what is kept of its author, neither that it waits nor that it was approved', async () => {
    const dora = await kit.person()
    await restrict(anna, dora)
    const [{ id }, { id: theirs }] = [await kit.post(anna), await kit.post(carl)]
    const kept = async () => {
      await kit.app.settle()
      const { items } = await dora.call('GET /api/me/signals')
      return items.filter(({ kind }) => kind === 'comment').length
    }
    const hidden = await say(dora, id, 'words')
    await say(dora, theirs, 'words')
    await until(async () => (await kept()) === 2)
    const before = await copyOf(dora.user.id)
    assert.deepEqual(
      Object.values(before[0]!).map((value) => typeof value),
      Object.values(before[1]!).map((value) => typeof value),
    )
    assert.deepEqual(
      before.map(({ isHeld }) => isHeld),
      [false, false],
    )
    await approve(anna, id, hidden.id)
    assert.equal(await kept(), 2)
    assert.deepEqual(await copyOf(dora.user.id), before, 'nor in the copy of what is theirs')
    await unrestrict(anna, dora)
  })

  test('never reaches anybody by an event: neither who follows, nor who is mentioned', async () => {
    const { id } = await kit.post(anna)
    await using heard = await listen(kit.app.url, carl.token ?? '')
    await using own = await listen(kit.app.url, anna.token ?? '')
    const before = await eventsOf(id)
    const hidden = await say(ben, id, '@carl look')
    await kit.app.settle()
    await until(() => aboutPost(own, id).some(({ type }) => type === 'post.counts'))
    await heard.caughtUp()
    assert.deepEqual(without(await eventsOf(id), before), ['comments.waiting'])
    assert.deepEqual(aboutPost(heard, id), [])
    await approve(anna, id, hidden.id)
    assert.deepEqual(without(await eventsOf(id), before), ['comments.waiting', 'comments.created'])
  })

  test('is never answered, reported, approved or deleted by a third person', async () => {
    const { id } = await kit.post(anna)
    const hidden = await say(ben, id, 'from ben')
    const answer = await say(anna, id, 'her answer', hidden.id)
    const params = { id, commentId: hidden.id }
    assert.equal(await refusal(say(carl, id, 'an answer', hidden.id)), 'comment.not_found')
    assert.equal(await refusal(say(carl, id, 'an answer', answer.id)), 'comment.not_found')
    assert.equal(await refusal(approve(carl, id, hidden.id)), 'comment.not_found')
    assert.equal(await refusal(approve(ben, id, hidden.id)), 'comment.not_found', 'nor by its author')
    assert.equal(
      await refusal(carl.call('DELETE /api/posts/:id/comments/:commentId', { params })),
      'comment.not_found',
    )
    assert.equal(await refusal(textsSeenBy(carl, id, hidden.id)), 'comment.not_found')
    for (const body of [
      { postId: id, commentId: hidden.id },
      { postId: id, commentId: answer.id },
    ])
      assert.equal(
        await refusal(carl.call('POST /api/reports', { body: { ...body, reason: 'other' } as never })),
        'comment.not_found',
      )
    await assertSeen(ben, id, ['her answer'], hidden.id)
  })

  test('is never seen as an answer to somebody else, and the owner may delete it', async () => {
    const { id } = await kit.post(anna)
    const top = await say(carl, id, 'from carl')
    const hidden = await say(ben, id, 'from ben', top.id)
    await assertSeen(carl, id, [], top.id)
    await assertSeen(anna, id, ['from ben'], top.id)
    const params = { id, commentId: hidden.id }
    await anna.call('DELETE /api/posts/:id/comments/:commentId', { params })
    await assertSeen(ben, id, [], top.id)
    assert.equal((await anna.call('GET /api/posts/:id', { params: { id } })).commentCount, 1)
  })

  test('waits only under her posts, and for what is written while they are restricted', async () => {
    const dora = await kit.person('dora')
    const { id } = await kit.post(anna)
    const { id: other } = await kit.post(carl)
    await say(dora, id, 'before')
    await restrict(anna, dora)
    await say(dora, id, 'meanwhile')
    await say(dora, other, 'elsewhere')
    assert.deepEqual(await names(anna), ['dora', 'ben'])
    await unrestrict(anna, dora)
    await unrestrict(anna, dora)
    await say(dora, id, 'afterwards')
    await kit.app.settle()
    const [listed] = await textsSeenBy(carl, id)
    assert.deepEqual(listed, ['afterwards', 'before'])
    const under = await anna.call('GET /api/posts/:id/comments', { params: { id: other } })
    assert.deepEqual(
      under.items.map(({ text }) => text),
      ['elsewhere'],
    )
    assert.deepEqual(await names(anna), ['ben'])
  })
})

describe('hidden words', () => {
  const choose = (who: Person, words: string[], useList = false) =>
    who.call('PUT /api/me/hidden-words', { body: { words, useList } })

  test('are never dodged by how they are written, and tell nobody that they were found', async () => {
    assert.deepEqual(await choose(anna, ['Idiot', ' go home ', 'IDIOT']), {
      words: ['Idiot', 'go home'],
      useList: false,
    })
    const { id } = await kit.post(anna)
    const ordinary = await say(carl, id, 'harmless')
    for (const text of ['an IDIOT', 'ïdìot', 'id\u200biot', 'іdіоt', 'Go,\nhome!']) {
      const hidden = await say(carl, id, text)
      assert.deepEqual(Object.keys(hidden), Object.keys(ordinary))
    }
    await kit.app.settle()
    await assertSeen(visitor(), id, ['harmless'])
    const [listed] = await seenBy(anna, id)
    assert.equal(listed!.filter(({ waiting }) => waiting === true).length, 5)
  })

  test('never hold what their owner writes, or what stands under the posts of others', async () => {
    const [{ id }, { id: other }] = [await kit.post(anna), await kit.post(carl)]
    await say(anna, id, 'I idiot')
    await say(ben, other, 'you idiot')
    await kit.app.settle()
    for (const post of [id, other]) {
      const { items } = await visitor().call('GET /api/posts/:id/comments', { params: { id: post } })
      assert.equal(items.length, 1)
    }
    assert.deepEqual(await carl.call('GET /api/me/hidden-words'), { words: [], useList: false })
  })

  test('of the server’s own list wait where they are wanted, although moderators let them pass', async () => {
    const { id } = await kit.post(anna)
    const dora = await kit.person()
    await choose(anna, [], true)
    await say(dora, id, 'what a bitch')
    await choose(anna, [])
    await say(dora, id, 'fine')
    await assertSeen(visitor(), id, ['fine'])
  })
})

describe('who may comment', () => {
  test('is never left to who is not meant, and the list says so beforehand', async () => {
    const post = await kit.post(anna)
    const stranger = await kit.person()
    const followed = await kit.person()
    await kit.follow(anna, followed)
    const expected = {
      everyone: [true, true, true],
      followers: [true, false, false],
      following: [false, true, false],
      nobody: [false, false, false],
    } as const
    for (const [allowComments, allowed] of Object.entries(expected)) {
      const me = await anna.call('PATCH /api/me', { body: { allowComments: allowComments as 'everyone' } })
      assert.equal(me.allowComments, allowComments)
      for (const [index, who] of [carl, followed, stranger].entries()) {
        const params = { id: post.id }
        const { mayComment } = await who.call('GET /api/posts/:id/comments', { params })
        assert.equal(mayComment, allowed[index], `${allowComments} ${index}`)
        assert.equal(await refusal(say(who, post.id, 'hello')), mayComment ? 'none' : 'comment.not_allowed')
      }
      assert.equal(await refusal(say(anna, post.id, 'my own')), 'none')
    }
    const { mayComment } = await visitor().call('GET /api/posts/:id/comments', { params: { id: post.id } })
    assert.equal(mayComment, false)
    await anna.call('PATCH /api/me', { body: { allowComments: 'everyone' } })
  })

  test('is nobody while comments of the post are off, in whatever way it is read', async () => {
    const { id } = await kit.post(anna)
    await say(carl, id, 'before')
    const off = await anna.call('PATCH /api/posts/:id', { params: { id }, body: { commentsOff: true } })
    assert.equal(off.commentsOff, true)
    assert.equal(off.editedAt, null)
    for (const who of [anna, carl]) assert.equal(await refusal(say(who, id, 'no')), 'comment.not_allowed')
    const listed = await carl.call('GET /api/posts/:id/comments', { params: { id } })
    assert.equal(listed.mayComment, false)
    assert.equal(listed.items.length, 1)
    await until(async () =>
      (await carl.call('GET /api/feed')).items.some((card) => card.id === id && card.commentsOff),
    )
    await anna.call('PATCH /api/posts/:id', { params: { id }, body: { commentsOff: false } })
    assert.equal(await refusal(say(carl, id, 'after')), 'none')
    const uploadId = await kit.upload(anna)
    const born = await anna.call('POST /api/posts', { body: { commentsOff: true, media: [{ uploadId }] } })
    assert.equal(await refusal(say(carl, born.id, 'no')), 'comment.not_allowed')
  })
})

test('nobody restricts themselves, or whom they cannot see', async () => {
  assert.equal(await refusal(restrict(anna, anna)), 'restrict.self')
  const eve = await kit.person()
  await eve.call('PUT /api/users/:username/block', { params: { username: 'anna' } })
  assert.equal(await refusal(restrict(anna, eve)), 'user.not_found')
})

async function names(who: Person): Promise<string[]> {
  return (await who.call('GET /api/me/restricted')).items.map(({ username }) => username)
}

function aboutPost(heard: Listener, id: string) {
  return heard.events.filter((event) => 'postId' in event && event.postId === id)
}

async function eventsOf(postId: string): Promise<string[]> {
  const rows = await kit.app.database.main
    .selectFrom('events')
    .select('kind')
    .where('subject_id', '=', postId)
    .orderBy('id')
    .execute()
  return rows.map(({ kind }) => kind)
}

function without(all: string[], before: string[]): string[] {
  return all.slice(before.length)
}
