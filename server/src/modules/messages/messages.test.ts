import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Conversation, Message } from '@heliograph/contract/messages'
import { sql } from 'kysely'
import { createTestClock } from '#platform/clock/clock.ts'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { type Listener, listen } from '../../../test/helpers/listener.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'
import { assertIndexed, plansOf, queriesDuring } from '../../../test/helpers/query-plans.ts'
import { until } from '../../../test/helpers/until.ts'

// What two people and groups write to each other.

let kit: PostsKit
const clock = createTestClock()
let made = 0

before(async () => {
  kit = await createPostsKit({ clock })
})
after(() => kit?.[Symbol.asyncDispose]())

const clientId = () => `client-${++made}-id`
const nameOf = ({ user }: Person) => user.username
type Text = { text?: string; clientId?: string; replyTo?: string; attachments?: never[] }

const open = (who: Person, members: Person[], name?: string): Promise<Conversation> =>
  who.call('POST /api/conversations', { body: { members: members.map(nameOf), name } })
const say = (who: Person, id: string, body: string | Text): Promise<Message> =>
  who.call('POST /api/conversations/:id/messages', {
    params: { id },
    body: { clientId: clientId(), ...(typeof body === 'string' ? { text: body } : body) },
  })
const read = (who: Person, id: string, query: { after?: number; before?: number; limit?: number } = {}) =>
  who.call('GET /api/conversations/:id/messages', { params: { id }, query })
const one = (who: Person, id: string) => who.call('GET /api/conversations/:id', { params: { id } })
const list = (who: Person, folder: 'inbox' | 'requests' = 'inbox') =>
  who.call('GET /api/conversations', { query: { folder } })
const accept = (who: Person, id: string) => who.call('PUT /api/conversations/:id/accept', { params: { id } })
const mark = (who: Person, id: string, sequence: number) =>
  who.call('PUT /api/conversations/:id/read', { params: { id }, body: { sequence } })
const block = (who: Person, whom: Person) =>
  who.call('PUT /api/users/:username/block', { params: { username: nameOf(whom) } })
const texts = async (who: Person, id: string) => (await read(who, id)).items.map(({ text }) => text)
const heard = ({ events }: Listener, id: string) =>
  events.filter((event) => 'conversationId' in event && event.conversationId === id).map(({ type }) => type)

/** Two who follow each other, and their conversation. */
async function friends(): Promise<{ anna: Person; ben: Person; id: string }> {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  await Promise.all([kit.follow(anna, ben), kit.follow(ben, anna)])
  const { id } = await open(anna, [ben])
  return { anna, ben, id }
}

describe('a message', () => {
  test('is never there twice, however often and from wherever it is sent again', async () => {
    const { anna, ben, id } = await friends()
    const phone = await kit.app.client.signIn(nameOf(anna), 'correct horse battery')
    const same = { clientId: clientId(), text: 'once' }
    const sent = await Promise.all([
      ...Array.from({ length: 5 }, () => say(anna, id, same)),
      ...Array.from({ length: 5 }, () => say(phone as Person, id, same)),
    ])
    assert.equal(new Set(sent.map((message) => message.id)).size, 1)
    assert.deepEqual(await texts(ben, id), ['once'])
    assert.equal(await refusal(say(anna, id, { ...same, text: 'other words' })), 'message.client_id_used')
    // Of somebody else it is another message.
    await say(ben, id, { ...same, text: 'mine' })
    assert.deepEqual(await texts(anna, id), ['once', 'mine'])
  })

  test('never comes in another order for one than for the other', async () => {
    const { anna, ben, id } = await friends()
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => say(index % 2 ? anna : ben, id, `number ${index}`)),
    )
    const [hers, his] = await Promise.all([read(anna, id, { limit: 50 }), read(ben, id, { limit: 50 })])
    assert.equal(hers.items.length, 30)
    assert.deepEqual(
      hers.items.map(({ id: one, sequence }) => [one, sequence]),
      his.items.map(({ id: one, sequence }) => [one, sequence]),
    )
    const sequences = hers.items.map(({ sequence }) => sequence)
    assert.deepEqual(
      sequences,
      [...sequences].sort((a, b) => a - b),
    )
  })

  test('never comes in front of an earlier one when the clock goes back', async () => {
    const { anna, ben, id } = await friends()
    await say(anna, id, 'first')
    const { version } = await read(ben, id)
    await clock.advance(-3000)
    await say(ben, id, 'second')
    await clock.advance(3000)
    await say(anna, id, 'third')
    assert.deepEqual(await texts(anna, id), ['first', 'second', 'third'])
    assert.equal((await read(ben, id, { after: version })).items.length, 2)
  })

  test('is never missing, nor told twice, to who was away', async () => {
    const { anna, ben, id } = await friends()
    const first = await say(anna, id, 'first')
    let { version } = await read(ben, id)
    assert.deepEqual((await read(ben, id, { after: version })).items, [])
    await say(anna, id, 'second')
    await anna.call('PATCH /api/conversations/:id/messages/:messageId', {
      params: { id, messageId: first.id },
      body: { text: 'first, better' },
    })
    const third = await say(anna, id, 'third')
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', {
      params: { id, messageId: third.id },
    })
    const got: string[] = []
    for (let more = true; more; ) {
      const page = await read(ben, id, { after: version, limit: 1 })
      got.push(...page.items.map(({ text, unsent }) => (unsent ? 'taken back' : text)))
      version = page.version
      more = page.hasMore
    }
    assert.deepEqual(got, ['second', 'first, better', 'taken back'])
    assert.deepEqual((await read(ben, id, { after: version })).items, [])
    assert.deepEqual(await texts(ben, id), ['first, better', 'second', ''])
  })

  test('that was changed or taken back is not quoted as it was by who was away, beside any answer', async () => {
    const { anna, ben, id } = await friends()
    const first = await say(anna, id, 'my secret')
    for (const text of ['really?', 'really!']) await say(ben, id, { text, replyTo: first.id })
    const quotes = async (after: number) => {
      const { items, version } = await read(ben, id, { after })
      return { quoted: items.flatMap(({ replyTo }) => replyTo?.text ?? []), version }
    }
    const { quoted, version } = await quotes(0)
    assert.deepEqual(quoted, ['my secret', 'my secret'])
    const params = { id, messageId: first.id }
    const edit = { params, body: { text: 'my scarf' } }
    await anna.call('PATCH /api/conversations/:id/messages/:messageId', edit)
    const edited = await quotes(version)
    assert.deepEqual(edited.quoted, ['my scarf', 'my scarf'])
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', { params })
    assert.deepEqual((await quotes(edited.version)).quoted, ['', ''])
    assert.deepEqual(await texts(ben, id), ['', 'really?', 'really!'])
  })

  test('tells the others at once, without a word of it', async () => {
    const { anna, ben, id } = await friends()
    await using hers = await listen(kit.app.url, anna.token ?? '')
    await using his = await listen(kit.app.url, ben.token ?? '')
    const message = await say(anna, id, 'psst')
    await ben.call('POST /api/conversations/:id/typing', { params: { id } })
    await mark(ben, id, message.sequence)
    await ben.call('PUT /api/conversations/:id/messages/:messageId/reaction', {
      params: { id, messageId: message.id },
      body: { emoji: '❤️' },
    })
    await until(() =>
      ['typing', 'conversation.read', 'message.changed'].every((type) =>
        heard(hers, id).includes(type as never),
      ),
    )
    await until(() => heard(his, id).includes('message.new'))
    await until(() => his.events.some((event) => event.type === 'inbox.changed'))
    assert.doesNotMatch(JSON.stringify([hers.events, his.events]), /psst/)
    const [shown] = (await read(anna, id)).items
    assert.deepEqual(shown!.reactions, [{ userId: ben.user.id, emoji: '❤️' }])
  })

  test('is never changed by another, too late, or into nothing', async () => {
    const { anna, ben, id } = await friends()
    const message = await say(anna, id, 'mine')
    const params = { id, messageId: message.id }
    const edit = (who: Person, text: string) =>
      who.call('PATCH /api/conversations/:id/messages/:messageId', { params, body: { text } })
    assert.equal(await refusal(edit(ben, 'yours')), 'message.not_found')
    assert.equal(
      await refusal(ben.call('DELETE /api/conversations/:id/messages/:messageId', { params })),
      'message.not_found',
    )
    assert.equal(await refusal(edit(anna, '  ')), 'message.empty')
    const edited = await edit(anna, 'mine, still')
    assert.ok(edited.editedAt)
    await clock.advance(15 * 60_000 + 1000)
    assert.equal(await refusal(edit(anna, 'too late')), 'message.too_late')
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', { params })
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', { params })
    assert.equal(await refusal(edit(anna, 'back')), 'message.unsent')
    const rows = await kit.app.database.main
      .selectFrom('messages')
      .select('text')
      .where('conversation_id', '=', id)
      .execute()
    assert.deepEqual(rows, [{ text: '' }])
  })

  test('never answers what is in another conversation', async () => {
    const { anna, id } = await friends()
    const { anna: other, id: elsewhere } = await friends()
    const foreign = await say(other, elsewhere, 'private')
    assert.equal(
      await refusal(say(anna, id, { text: 'about that', replyTo: foreign.id })),
      'message.not_found',
    )
    const own = await say(anna, id, 'a question')
    const answer = await say(anna, id, { text: 'an answer', replyTo: own.id })
    assert.equal(answer.replyTo?.text, 'a question')
  })

  test('of nothing, of too much, or with fields that nobody knows is refused', async () => {
    const { anna, id } = await friends()
    for (const body of [
      { text: ' \n ' },
      { text: 'x'.repeat(2001) },
      { clientId: 'short' },
      { text: 'hello', isAdmin: true },
      { attachments: Array(11).fill({ type: 'profile', username: 'anna' }) },
      { attachments: [{ type: 'media' }] },
    ])
      assert.equal(await refusal(say(anna, id, body as Text)), 'request.invalid', JSON.stringify(body))
  })
})

describe('a message deleted for oneself', () => {
  const clear = (who: Person, { conversationId: id, id: messageId }: Message) =>
    who.call('DELETE /api/conversations/:id/messages/:messageId/mine', { params: { id, messageId } })

  test('is never taken from the others, and goes from every device, also one that was away, without a number', async () => {
    const { anna, ben, id } = await friends()
    const [first, second] = [await say(anna, id, 'first'), await say(ben, id, 'second')]
    const answer = await say(ben, id, { text: 'answer', replyTo: first.id })
    const { version } = await read(ben, id)
    await using phone = await listen(kit.app.url, ben.token ?? '')
    await using hers = await listen(kit.app.url, anna.token ?? '')
    await clear(ben, first)
    await clear(ben, first)
    await until(() => heard(phone, id).includes('conversation.changed'))
    assert.deepEqual(await texts(ben, id), ['second', 'answer'])
    assert.deepEqual(await texts(anna, id), ['first', 'second', 'answer'])
    assert.equal((await read(ben, id)).items[1]?.replyTo?.text, '', 'nor is it quoted')
    assert.equal((await read(anna, id)).items[2]?.replyTo?.text, 'first')
    const away = await read(ben, id, { after: version })
    assert.deepEqual([away.items, away.cleared], [[], [first.sequence]])
    assert.equal(away.version, version, 'that something was done is told by nothing')
    await clear(ben, second)
    await clear(anna, second)
    const { cleared } = await read(ben, id, { after: first.sequence })
    assert.deepEqual(cleared, [first.sequence, second.sequence])
    await say(anna, id, 'third')
    const caughtUp = await read(ben, id, { after: version })
    assert.deepEqual(
      [caughtUp.items.map(({ text }) => text), caughtUp.cleared],
      [['third'], [first.sequence, second.sequence]],
    )
    assert.equal((await read(ben, id, { after: caughtUp.version })).cleared, undefined)
    await until(() => heard(hers, id).includes('message.new'))
    assert.ok(!heard(hers, id).includes('message.changed'))
    assert.deepEqual(await texts(anna, id), ['first', 'answer', 'third'])
    // What was deleted is there for nothing any more, and no change of it brings it back.
    assert.equal(await refusal(say(ben, id, { text: 'what?', replyTo: first.id })), 'message.not_found')
    const at = { params: { id, messageId: first.id } }
    const react = ben.call('PUT /api/conversations/:id/messages/:messageId/reaction', {
      ...at,
      body: { emoji: '👍' },
    })
    assert.equal(await refusal(react), 'message.not_found')
    const report = ben.call('POST /api/reports', { body: { messageId: first.id, reason: 'harassment' } })
    assert.equal(await refusal(report), 'message.not_found')
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', at)
    assert.deepEqual(await texts(ben, id), ['answer', 'third'])
    assert.equal(answer.replyTo?.text, 'first')
  })

  test('is never counted, told of, or the last line of its conversation any more', async () => {
    const { anna, ben, id } = await friends()
    const [first, second] = [await say(anna, id, 'first'), await say(anna, id, 'second')]
    assert.equal((await one(ben, id)).unreadCount, 2)
    await clear(ben, second)
    const here = await one(ben, id)
    assert.deepEqual([here.unreadCount, here.lastMessage?.text], [1, 'first'])
    assert.deepEqual((await list(ben)).items[0]?.lastMessage?.text, 'first')
    await clear(ben, first)
    assert.deepEqual([(await list(ben)).items, (await list(ben)).unreadCount], [[], 0])
    assert.equal((await list(anna)).items.length, 1)
    await say(anna, id, 'third')
    const again = (await list(ben)).items[0]
    // What was begun is never out of sight.
    await ben.call('PUT /api/conversations/:id/draft', { params: { id }, body: { text: 'well' } })
    await clear(ben, await say(ben, id, 'fourth'))
    for (const message of (await read(ben, id)).items) await clear(ben, message)
    assert.equal((await list(ben)).items[0]?.draft, 'well')
    await ben.call('PUT /api/conversations/:id/draft', { params: { id }, body: { text: '' } })
    await say(anna, id, 'third')
    assert.deepEqual([again?.unreadCount, again?.lastMessage?.text], [1, 'third'])
    // A retry of what was deleted meanwhile is the same message, and stays away.
    const lost = { clientId: clientId(), text: 'lost answer' }
    await clear(ben, await say(ben, id, lost))
    await say(ben, id, lost)
    assert.deepEqual(await texts(ben, id), ['third'])
  })

  test('is only what one finds in the conversation, and all of it deleted leaves nothing on another device', async () => {
    const { anna, ben, id } = await friends()
    const early = await say(anna, id, 'early')
    const stranger = await kit.person()
    assert.equal(await refusal(clear(stranger, early)), 'conversation.not_found')
    const other = await open(ben, [stranger])
    assert.equal(await refusal(clear(ben, { ...early, conversationId: other.id })), 'message.not_found')
    await ben.call('DELETE /api/conversations/:id', { params: { id } })
    assert.equal(await refusal(clear(ben, early)), 'message.not_found')
    const { items, emptyUpTo } = await read(ben, id, { after: early.sequence })
    assert.deepEqual([items, emptyUpTo], [[], early.sequence])
  })
})

describe('a request', () => {
  test('never lies in the inbox, shows what is shared, or says that it was seen before it is accepted', async () => {
    const [anna, ben] = (await kit.people(2)) as [Person, Person]
    const post = await kit.post(anna)
    const { id } = await open(anna, [ben])
    assert.deepEqual((await list(ben, 'requests')).items, [], 'nothing was written yet')
    await using his = await listen(kit.app.url, ben.token ?? '')
    const attachments = [{ type: 'post', postId: post.id }]
    const message = await say(anna, id, { text: 'hello', attachments } as never)
    await until(() => his.events.some((event) => event.type === 'inbox.changed' && event.requestCount === 1))
    assert.deepEqual((await list(ben)).items, [])
    const [request] = (await list(ben, 'requests')).items
    assert.equal(request?.folder, 'requests')
    assert.equal(request.lastMessage?.text, 'hello')
    assert.deepEqual((await read(ben, id)).items[0]?.attachments, [{ type: 'post', hidden: true }])
    await mark(ben, id, message.sequence)
    await ben.call('POST /api/conversations/:id/typing', { params: { id } })
    const marks = async () =>
      (await one(anna, id)).members.find(({ userId }) => userId === ben.user.id)?.readSequence
    assert.equal(await marks(), 0)
    assert.equal((await one(ben, id)).members[1]?.activity, null)

    const accepted = await accept(ben, id)
    assert.equal(accepted.folder, 'inbox')
    assert.equal(await marks(), 0, 'what was read before stays untold')
    assert.equal((await read(ben, id)).items[0]?.attachments[0]?.type, 'post')
    assert.ok((await read(ben, id)).items[0]?.attachments[0]?.hidden === undefined)
    const second = await say(anna, id, 'again')
    await mark(ben, id, second.sequence)
    assert.equal(await marks(), second.sequence)
    assert.deepEqual((await list(ben, 'requests')).items, [])
  })

  test('that was read is not told by a number either', async () => {
    const [anna, ben] = (await kit.people(2)) as [Person, Person]
    const { id } = await open(anna, [ben])
    const message = await say(anna, id, 'hello')
    const known = await read(anna, id)
    assert.equal((await mark(ben, id, message.sequence)).readSequence, message.sequence)
    assert.deepEqual(await read(anna, id), known)
    assert.equal((await say(anna, id, 'well?')).sequence, message.sequence + 1)
  })

  test('is accepted by writing, and refused by deleting', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    const { id } = await open(anna, [ben])
    await say(anna, id, 'hello')
    await say(ben, id, 'hello yourself')
    assert.equal((await list(ben)).items[0]?.id, id)
    const { id: other } = await open(carl, [ben])
    await say(carl, other, 'buy this')
    await ben.call('DELETE /api/conversations/:id', { params: { id: other } })
    assert.deepEqual((await list(ben, 'requests')).items, [])
    assert.deepEqual(await texts(carl, other), ['buy this'])
    await say(carl, other, 'please')
    assert.deepEqual(await texts(ben, other), ['please'])
  })
})

describe('a request that holds nothing', () => {
  test('is never counted once its sender is blocked, or has taken it back, and is there again with what it holds', async () => {
    const [anna, ben] = (await kit.people(2)) as [Person, Person]
    const { id } = await open(anna, [ben])
    const first = await say(anna, id, 'hello')
    await mark(ben, id, first.sequence)
    const asked = async () => {
      await kit.app.settle()
      const { items, requestCount } = await list(ben, 'requests')
      const told = await ben.call('GET /api/notifications')
      return [items.length, requestCount, told.items.filter((item) => item.kind === 'message_request').length]
    }
    assert.deepEqual(await asked(), [1, 1, 1])
    await block(ben, anna)
    assert.deepEqual(await asked(), [0, 0, 0])
    await ben.call('DELETE /api/users/:username/block', { params: { username: nameOf(anna) } })
    assert.deepEqual(await asked(), [1, 1, 0], 'there to be answered, and not told a second time')
    await using his = await listen(kit.app.url, ben.token ?? '')
    const at = { params: { id, messageId: first.id } }
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', at)
    await until(() => his.events.some((event) => event.type === 'inbox.changed' && event.requestCount === 0))
    assert.deepEqual(await asked(), [0, 0, 0])
    await say(anna, id, 'once more')
    assert.deepEqual(await asked(), [1, 1, 1])
    await ben.call('DELETE /api/conversations/:id', { params: { id } })
    await block(ben, anna)
    await ben.call('DELETE /api/users/:username/block', { params: { username: nameOf(anna) } })
    assert.deepEqual(await asked(), [0, 0, 0], 'what was refused comes back by nothing')
  })

  test('never learns that somebody writes', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    await kit.follow(ben, anna)
    const { id } = await open(anna, [ben, carl], 'three')
    await say(anna, id, 'hello')
    await using accepted = await listen(kit.app.url, ben.token ?? '')
    await using asked = await listen(kit.app.url, carl.token ?? '')
    await anna.call('POST /api/conversations/:id/typing', { params: { id } })
    await until(() => heard(accepted, id).includes('typing'))
    await say(anna, id, 'behind it')
    await until(() => heard(asked, id).includes('message.new'))
    assert.ok(!heard(asked, id).includes('typing'))
  })
})

describe('who may write', () => {
  test('is never who is not meant, and nobody learns it by a conversation that was begun', async () => {
    const [anna, stranger, follower, followed] = (await kit.people(4)) as [Person, Person, Person, Person]
    await kit.follow(follower, anna)
    await kit.follow(anna, followed)
    const expected = {
      everyone: [true, true, true],
      followers: [false, true, false],
      following: [false, false, true],
      nobody: [false, false, false],
    } as const
    for (const [allowMessages, allowed] of Object.entries(expected).reverse()) {
      await anna.call('PATCH /api/me', { body: { allowMessages: allowMessages as 'nobody' } })
      for (const [index, who] of [stranger, follower, followed].entries()) {
        const said = await refusal(open(who, [anna]))
        if (said === 'none') continue
        assert.ok(!allowed[index], `${allowMessages} ${index}`)
        assert.equal(said, 'message.not_allowed')
      }
    }
    assert.equal(await refusal(open(anna, [anna])), 'conversation.self')
    assert.equal(await refusal(open(anna, [stranger])), 'none')
  })

  test('is asked at each message until it is accepted', async () => {
    const [anna, ben] = (await kit.people(2)) as [Person, Person]
    const { id } = await open(ben, [anna])
    await say(ben, id, 'hello')
    await anna.call('PATCH /api/me', { body: { allowMessages: 'nobody' } })
    assert.equal(await refusal(say(ben, id, 'still there?')), 'message.not_allowed')
    assert.equal((await one(ben, id)).mayWrite, false)
    await say(anna, id, 'yes')
    assert.equal(await refusal(say(ben, id, 'good')), 'none', 'she writes, so she may be answered')
  })

  test('a message to who blocks in the same instant is refused or never seen, and never told', async () => {
    const { anna, ben, id } = await friends()
    await say(anna, id, 'before')
    await using his = await listen(kit.app.url, ben.token ?? '')
    const [sent] = await Promise.all([refusal(say(anna, id, 'in that instant')), block(ben, anna)])
    assert.ok(['none', 'message.not_allowed'].includes(sent), sent)
    await kit.app.settle()
    await his.caughtUp()
    const told = heard(his, id).length
    for (const who of [anna, ben]) assert.equal(await refusal(say(who, id, 'after')), 'message.not_allowed')
    for (const { text, unavailable } of (await read(ben, id)).items) {
      assert.equal(text, '')
      assert.equal(unavailable, true)
    }
    await anna.call('POST /api/conversations/:id/typing', { params: { id } })
    await kit.app.settle()
    await his.caughtUp()
    assert.equal(heard(his, id).length, told)
    const seen = await one(anna, id)
    assert.equal(seen.members[1]?.user, null, 'as if there were no such account')
    assert.equal(seen.mayWrite, false)
    assert.equal(await refusal(open(anna, [ben])), 'user.not_found')
    const cleo = await kit.person()
    assert.equal(
      await refusal(open(ben, [cleo, anna])),
      'message.not_allowed',
      'nor brings them into a group',
    )
    await ben.call('DELETE /api/users/:username/block', { params: { username: nameOf(anna) } })
    assert.equal((await texts(ben, id))[0], 'before')
  })

  test('the same two never have two conversations', async () => {
    const [anna, ben] = (await kit.people(2)) as [Person, Person]
    const opened = await Promise.all(
      Array.from({ length: 6 }, (_, index) => (index % 2 ? open(anna, [ben]) : open(ben, [anna]))),
    )
    assert.equal(new Set(opened.map(({ id }) => id)).size, 1)
  })
})

describe('somebody at a distance', () => {
  test('never learns it: what they write waits, and they are told neither that it was read nor who is there', async () => {
    const { anna, ben, id } = await friends()
    await accept(ben, id)
    const first = await say(anna, id, 'before')
    await mark(ben, id, first.sequence)
    await ben.call('PUT /api/users/:username/restrict', { params: { username: nameOf(anna) } })
    await kit.app.settle()
    await using hers = await listen(kit.app.url, anna.token ?? '')
    const second = await say(anna, id, 'after')
    assert.deepEqual((await list(ben)).items, [])
    assert.equal((await list(ben, 'requests')).items[0]?.lastMessage?.text, 'after')
    await mark(ben, id, second.sequence)
    await ben.call('POST /api/conversations/:id/typing', { params: { id } })
    await kit.app.settle()
    await hers.caughtUp()
    await until(() => heard(hers, id).includes('message.new'))
    assert.ok(!heard(hers, id).includes('message.changed'))
    const seen = await one(anna, id)
    assert.equal(seen.mayWrite, true)
    const [, member] = seen.members
    assert.deepEqual([member?.readSequence, member?.activity], [first.sequence, null])
    await say(ben, id, 'an answer')
    assert.equal((await list(ben)).items[0]?.id, id)
    await mark(ben, id, (await say(anna, id, 'good')).sequence)
    assert.equal((await one(anna, id)).members[1]?.readSequence, first.sequence)
    const group = await open(anna, [ben], 'the two of us')
    await accept(ben, group.id)
    assert.equal((await one(anna, group.id)).members[1]?.activity, null, 'nor by way of a group')
    assert.ok((await one(ben, group.id)).members[1]?.activity)
  })

  test('of a conversation that is gone keeps nobody else from being put there', async () => {
    const [gone, { anna, ben, id }] = [await friends(), await friends()]
    await sql`delete from conversation_members where conversation_id = ${gone.id}`.execute(
      kit.app.database.main,
    )
    await accept(ben, id)
    await say(anna, id, 'before')
    for (const [who, whom] of [
      [gone.ben, gone.anna],
      [ben, anna],
    ] as const)
      await who.call('PUT /api/users/:username/restrict', { params: { username: nameOf(whom) } })
    await kit.app.settle()
    assert.equal((await list(ben, 'requests')).items[0]?.id, id)
  })

  test('never learns it in a group either, where the others are told of reading and writing', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const [who, whom] of [
      [ben, anna],
      [carl, anna],
    ] as const)
      await kit.follow(who, whom)
    const { id } = await open(anna, [ben, carl], 'three')
    await ben.call('PUT /api/users/:username/restrict', { params: { username: nameOf(anna) } })
    await using hers = await listen(kit.app.url, anna.token ?? '')
    await using his = await listen(kit.app.url, carl.token ?? '')
    const said = await say(carl, id, 'who comes?')
    await mark(ben, id, said.sequence)
    await ben.call('POST /api/conversations/:id/typing', { params: { id } })
    await until(() => heard(his, id).includes('typing') && heard(his, id).includes('conversation.read'))
    await kit.app.settle()
    await hers.caughtUp()
    await until(() => heard(hers, id).includes('message.new'))
    assert.ok(!heard(hers, id).includes('message.changed'))
    const ofBen = async (who: Person) =>
      (await one(who, id)).members.find(({ userId }) => userId === ben.user.id)
    assert.deepEqual(
      [(await ofBen(carl))?.readSequence, (await ofBen(anna))?.readSequence],
      [said.sequence, null],
    )
    assert.deepEqual([Boolean((await ofBen(carl))?.activity), (await ofBen(anna))?.activity], [true, null])
  })
})

describe('a block', () => {
  test('never leaves words of the other one unread in a group, from before neither', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const who of [ben, carl]) await kit.follow(who, anna)
    const { id } = await open(anna, [ben, carl], 'three')
    const first = await say(ben, id, 'before')
    const unread = async (who: Person) => (await one(who, id)).unreadCount
    assert.deepEqual([await unread(anna), await unread(carl)], [1, 1])
    await block(anna, ben)
    await kit.app.settle()
    assert.deepEqual([await unread(anna), (await list(anna)).unreadCount], [0, 0])
    await say(ben, id, 'after')
    await say(anna, id, 'hers')
    assert.deepEqual([await unread(anna), await unread(ben), await unread(carl)], [0, 0, 3])
    const last = await say(carl, id, 'his')
    assert.equal((await mark(anna, id, first.sequence)).unreadCount, 1)
    await ben.call('DELETE /api/conversations/:id/messages/:messageId', {
      params: { id, messageId: first.id },
    })
    assert.deepEqual([await unread(anna), await unread(carl)], [1, 2])
    await anna.call('DELETE /api/users/:username/block', { params: { username: nameOf(ben) } })
    await kit.app.settle()
    assert.deepEqual([await unread(anna), await unread(ben)], [2, 2], 'what is shown again can be read')
    assert.equal((await mark(anna, id, last.sequence)).unreadCount, 0)
  })

  test('never leaves words unread of somebody who has left the group, nor counts them again', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const who of [ben, carl]) await kit.follow(who, anna)
    const { id } = await open(anna, [ben, carl], 'three')
    await say(ben, id, 'before')
    await ben.call('DELETE /api/conversations/:id/me', { params: { id } })
    const unread = async () => (await one(anna, id)).unreadCount
    assert.equal(await unread(), 1)
    await block(anna, ben)
    await kit.app.settle()
    assert.equal(await unread(), 0)
    const his = await say(carl, id, 'his')
    await say(carl, id, 'more')
    assert.equal((await mark(anna, id, 0)).unreadCount, 2)
    await carl.call('DELETE /api/conversations/:id/messages/:messageId', {
      params: { id, messageId: his.id },
    })
    assert.equal(await unread(), 1)
  })

  test('ends the addresses of pictures that one sent to the other', async () => {
    const { anna, ben, id } = await friends()
    const uploadId = await anna.upload(await noise(200, 160).jpeg().toBuffer(), { purpose: 'message' })
    await say(anna, id, { attachments: [{ type: 'media', uploadId }] } as never)
    await kit.app.settle()
    const address = async (who: Person) => {
      const { items } = await read(who, id)
      return (items[0]?.attachments[0] as { media?: { imageUrl: string | null } } | undefined)?.media
        ?.imageUrl
    }
    const status = async (url: string | null | undefined) => (await fetch(kit.app.url + url)).status
    for (const [blocker, blocked] of [
      [anna, ben],
      [ben, anna],
    ] as const) {
      const shown = await address(ben)
      assert.equal(await status(shown), 200)
      await block(blocker, blocked)
      assert.notEqual(await status(shown), 200)
      assert.equal(await status(await address(anna)), 200, 'one’s own is shown to oneself')
      assert.equal(await address(ben), undefined)
      await blocker.call('DELETE /api/users/:username/block', { params: { username: nameOf(blocked) } })
    }
  })
})

test('words of an account that is suspended are never unread, and are again once it is back', async () => {
  const { anna, ben, id } = await friends()
  const carl = await kit.person()
  const { id: asked } = await open(anna, [carl])
  await say(anna, id, 'hello')
  await say(anna, asked, 'hello stranger')
  const counts = async () => {
    await kit.app.settle()
    const [inbox, requests] = [await list(ben), await list(carl, 'requests')]
    return [inbox.unreadCount, (await one(ben, id)).unreadCount, requests.requestCount]
  }
  assert.deepEqual(await counts(), [1, 1, 1])
  const { setState } = kit.app.modules.accounts.api
  await setState(anna.user.id, 'suspended')
  assert.deepEqual(await counts(), [0, 0, 0])
  await setState(anna.user.id, 'active')
  assert.deepEqual(await counts(), [1, 1, 1])
})

test('an edit never costs as much as it has answers, and none of them shows the words of before', async () => {
  const { anna, ben, id } = await friends()
  const { id: first } = await say(anna, id, { text: 'frist' })
  await say(ben, id, { text: 'oldest answer', replyTo: first })
  const answers = 120
  await sql`
    insert into messages
    select bucket, conversation_id, sequence + n, version + n, id + n, sender_id, client_id || n, digest, text,
      attachments, notice, reply_to, created_at, edited_at, unsent_at
    from messages, generate_series(1, ${answers}::integer) as n
    where conversation_id = ${id} and text = 'oldest answer'
  `.execute(kit.app.database.main)
  await sql`update conversations set counter = counter + ${answers} where id = ${id}`.execute(
    kit.app.database.main,
  )
  const { version } = await one(ben, id)
  await anna.call('PATCH /api/conversations/:id/messages/:messageId', {
    params: { id, messageId: first },
    body: { text: 'first' },
  })
  assert.equal((await one(ben, id)).version, version + 101)
  const { items } = await read(ben, id, { before: 10, limit: 5 })
  assert.ok(items.some(({ text }) => text === 'oldest answer'))
  for (const { replyTo } of items) assert.ok(replyTo === null || replyTo.text === 'first')
})

describe('what is shared in a message', () => {
  test('is never shown to a reader who may not see it, however they came to the message', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    const author = await kit.person(undefined, { isPrivate: true })
    for (const reader of [anna, ben]) {
      await kit.follow(reader, author)
      await author.call('PUT /api/follow-requests/:username', { params: { username: nameOf(reader) } })
    }
    const post = await kit.post(author, { caption: 'only for some' })
    const { id } = await open(anna, [ben, carl], 'three')
    await accept(ben, id)
    await accept(carl, id)
    const attachments = [
      { type: 'post', postId: post.id },
      { type: 'profile', username: nameOf(author) },
    ]
    await say(anna, id, { attachments } as never)
    const shown = async (who: Person) => (await read(who, id)).items.at(-1)!.attachments
    assert.equal(((await shown(ben))[0] as { post?: { caption: string } }).post?.caption, 'only for some')
    assert.deepEqual((await shown(carl))[0], { type: 'post', unavailable: true })
    assert.equal((await shown(carl))[1]?.unavailable, undefined)
    await author.call('DELETE /api/users/:username/follower', { params: { username: nameOf(ben) } })
    assert.deepEqual((await shown(ben))[0], { type: 'post', unavailable: true })
    await block(author, carl)
    assert.deepEqual((await shown(carl))[1], { type: 'profile', unavailable: true })
    const shareAgain = say(ben, id, { attachments: [attachments[0]] } as never)
    assert.equal(await refusal(shareAgain), 'post.not_found', 'what one does not see one cannot pass on')
    await author.call('DELETE /api/posts/:id', { params: { id: post.id } })
    assert.deepEqual((await shown(anna))[0], { type: 'post', unavailable: true })
  })
})

describe('an answer to a Story', () => {
  test('that expired while it was typed is kept as a message, and what is shared is gone at that moment', async () => {
    const { anna, ben, id } = await friends()
    const uploadId = await anna.upload(await noise(200, 160).jpeg().toBuffer(), { purpose: 'story' })
    const { id: storyId } = await anna.call('POST /api/stories', { body: { uploadId } })
    await kit.app.settle()
    const about = (isReply: boolean) => ({ attachments: [{ type: 'story', storyId, isReply }] }) as never
    const inTime = await say(ben, id, { text: 'look at that', ...(about(true) as object) })
    assert.equal((inTime.attachments[0] as { story?: { id: string } } | undefined)?.story?.id, storyId)
    const stranger = await kit.person()
    const { id: elsewhere } = await open(ben, [stranger])
    assert.equal(await refusal(say(ben, elsewhere, about(true))), 'story.not_found', 'it is not theirs')
    await say(ben, elsewhere, about(false))
    await clock.advance(24 * 3_600_000)
    const shown = (await read(anna, id)).items.at(-1)!
    const gone = { type: 'story', isReply: true, unavailable: true }
    assert.deepEqual([shown.text, shown.attachments], ['look at that', [gone]])
    const late = await say(ben, id, { text: 'too late', ...(about(true) as object) })
    assert.deepEqual([late.text, late.attachments], ['too late', [gone]])
    assert.equal(await refusal(say(ben, id, about(false))), 'story.not_found')
    assert.equal(await refusal(say(ben, elsewhere, about(true))), 'story.not_found')
    await clock.advance(61_000)
    await kit.app.modules.stories.api.endExpired()
    assert.equal(await refusal(say(ben, id, about(true))), 'story.not_found', 'gone, and never opened')
  })

  test('is never taken for a Story that its sender could not see, whether it is there, over or deleted', async () => {
    const { anna, ben, id } = await friends()
    const post = async (audience: 'followers' | 'close_friends') => {
      const uploadId = await anna.upload(await noise(200, 160).jpeg().toBuffer(), { purpose: 'story' })
      const { id: storyId } = await anna.call('POST /api/stories', { body: { uploadId, audience } })
      await kit.app.settle()
      return storyId
    }
    const remove = (storyId: string) => anna.call('DELETE /api/stories/:id', { params: { id: storyId } })
    const answer = (storyId: string) =>
      refusal(say(ben, id, { attachments: [{ type: 'story', storyId, isReply: true }] } as never))
    const [hidden, also, seen] = [
      await post('close_friends'),
      await post('close_friends'),
      await post('followers'),
    ]
    await ben.call('PUT /api/stories/:id/seen', { params: { id: seen } })
    assert.deepEqual(
      [await answer(hidden), await answer('1234567890123456')],
      Array(2).fill('story.not_found'),
    )
    await remove(also)
    await remove(seen)
    assert.deepEqual([await answer(also), await answer(seen)], ['story.not_found', 'none'])
    await kit.app.settle()
    assert.deepEqual([await answer(also), await answer(seen)], ['story.not_found', 'none'], 'rows are gone')
    await clock.advance(24 * 3_600_000)
    assert.equal(await answer(hidden), 'story.not_found')
    await kit.app.modules.stories.api.endExpired()
    assert.deepEqual([await answer(hidden), await answer(seen)], ['story.not_found', 'none'])
    await clock.advance(25 * 3_600_000)
    await kit.app.modules.stories.api.endExpired()
    assert.equal(await answer(seen), 'story.not_found', 'a day later nobody knows any more')
  })
})

describe('a picture in a message', () => {
  test('is never used twice, is told when it is prepared, and is gone with the message', async () => {
    const { anna, ben, id } = await friends()
    const upload = async () => anna.upload(await noise(200, 160).jpeg().toBuffer(), { purpose: 'message' })
    const uploadId = await upload()
    const withIt = { attachments: [{ type: 'media', uploadId }] } as never
    const message = await say(anna, id, withIt)
    const { version } = await read(ben, id)
    assert.equal(await refusal(say(anna, id, withIt)), 'upload.used')
    assert.equal(await refusal(say(ben, id, withIt)), 'upload.not_found')
    const both = await Promise.all([
      say(ben, id, 'beside it'),
      refusal(say(anna, id, withIt)),
      say(anna, id, 'and this'),
    ])
    assert.equal(both[1], 'upload.used', 'who is committed with it is committed')
    const elsewhere = await open(anna, [ben], 'elsewhere')
    const wanted = { attachments: [{ type: 'media', uploadId: await upload() }] } as never
    const twice = await Promise.all([
      refusal(say(anna, id, wanted)),
      refusal(say(anna, elsewhere.id, wanted)),
    ])
    assert.deepEqual(
      twice.sort(),
      ['none', 'upload.used'],
      'of two at once one has it, and the other is told so',
    )
    await kit.app.settle()
    const changed = (await read(ben, id, { after: version })).items
    const again = changed.find((one) => one.id === message.id)
    const shown = (again?.attachments[0] as { media?: { status: string; imageUrl: string } } | undefined)
      ?.media
    assert.equal(shown?.status, 'ready')
    assert.equal(await refusal(say(anna, id, withIt)), 'upload.used', 'also when what was uploaded is gone')
    const status = async () => (await fetch(kit.app.url + shown.imageUrl)).status
    assert.equal(await status(), 200)
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', {
      params: { id, messageId: message.id },
    })
    assert.equal(await status(), 410)
    assert.deepEqual((await read(ben, id)).items[0]?.attachments, [])

    const { id: group } = await open(anna, [ben], 'with a picture')
    const pictured = await anna.call('PATCH /api/conversations/:id', {
      params: { id: group },
      body: { pictureUploadId: await upload() },
    })
    assert.ok(pictured.picture)
    assert.equal(
      (
        await anna.call('PATCH /api/conversations/:id', {
          params: { id: group },
          body: { pictureUploadId: null },
        })
      ).picture,
      null,
    )
  })
})

describe('a reported message', () => {
  test('is shown to moderators as its reporter had it, and nothing else of the conversation ever', async () => {
    const { anna, ben, id } = await friends()
    const [moderator, stranger] = (await kit.people(2)) as [Person, Person]
    await kit.app.modules.accounts.api.setRoles(moderator.user.id, ['moderator'])
    await say(ben, id, 'nobody reports this')
    const message = await say(anna, id, 'nasty words')
    const report = (who: Person, messageId = message.id) =>
      who.call('POST /api/reports', { body: { messageId, reason: 'harassment' } })
    assert.equal(await refusal(report(stranger)), 'message.not_found')
    assert.equal(await refusal(report(moderator)), 'message.not_found')
    assert.equal(await refusal(report(anna)), 'report.self')
    assert.equal((await report(ben)).id, (await report(ben)).id)
    await anna.call('PATCH /api/conversations/:id/messages/:messageId', {
      params: { id, messageId: message.id },
      body: { text: 'sweet words' },
    })
    const waiting = async () =>
      (await moderator.call('GET /api/moderation/queue')).items.find(({ subject }) => subject === 'message')
    const shown = await waiting()
    assert.deepEqual([shown?.message?.text, shown?.reportCount], ['nasty words', 1])
    assert.doesNotMatch(JSON.stringify(shown), /nobody reports this|sweet/)
    for (const call of [() => read(moderator, id), () => one(moderator, id)])
      assert.equal(await refusal(call()), 'conversation.not_found')

    await moderator.call('POST /api/moderation/queue/:id/decision', {
      params: { id: shown!.id },
      body: { act: 'remove', version: shown!.version },
    })
    assert.equal(await waiting(), undefined)
    for (const who of [anna, ben])
      assert.deepEqual(
        (await read(who, id)).items.map(({ text, unsent }) => (unsent ? 'taken back' : text)),
        ['nobody reports this', 'taken back'],
      )
    assert.equal(await refusal(report(ben)), 'message.not_found', 'there is nothing to report any more')
  })
})

test('the name of a group is never more than a line, nor turns what stands beside it', async () => {
  const { anna, ben } = await friends()
  const { id, name } = await open(anna, [ben], ' The \u202esnap\n\u0007tours ')
  assert.equal(name, 'The snap tours')
  const rename = (to: string) =>
    anna.call('PATCH /api/conversations/:id', { params: { id }, body: { name: to } })
  assert.equal((await rename('\u2067Dales\t')).name, 'Dales')
})

describe('what the feed learns from messages', () => {
  test('is that two write to each other, never what, and nothing of requests and groups', async () => {
    const { anna, ben, id } = await friends()
    const stranger = await kit.person()
    const { id: request } = await open(stranger, [ben])
    await say(stranger, request, 'hello')
    const { id: group } = await open(anna, [ben], 'group')
    await say(anna, group, 'all of you')
    await say(anna, id, 'one')
    await say(anna, id, 'two')
    await kit.app.settle()
    const kept = async (who: Person) =>
      (await who.call('GET /api/me/signals')).items
        .filter(({ kind }) => kind.endsWith('message'))
        .map(({ kind, username, tag }) => ({ kind, username, tag }))
    assert.deepEqual(await kept(anna), [{ kind: 'message', username: nameOf(ben), tag: null }])
    assert.deepEqual(await kept(ben), [{ kind: 'received_message', username: nameOf(anna), tag: null }])
    assert.deepEqual(await kept(stranger), [])
  })
})

describe('a group', () => {
  test('never loses its last admin while anybody is in it', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    const { id } = await open(anna, [ben, carl], 'walks')
    const leave = (who: Person) => who.call('DELETE /api/conversations/:id/me', { params: { id } })
    await leave(anna)
    assert.equal(await refusal(one(anna, id)), 'conversation.not_found')
    assert.equal((await one(ben, id)).isAdmin, true, 'who has been in it the longest')
    await Promise.all([leave(ben), leave(carl)])
    assert.equal(await refusal(read(carl, id)), 'conversation.not_found')
    await kit.app.settle()
    for (const table of ['messages', 'conversation_members'] as const)
      assert.deepEqual(
        await kit.app.database.main
          .selectFrom(table)
          .select('bucket')
          .where('conversation_id', '=', id)
          .execute(),
        [],
        'when nobody is left nothing is',
      )
  })

  test('never loses its last admin by taking that back, and who is none changes nothing any more', async () => {
    const [anna, ben] = (await kit.people(2)) as [Person, Person]
    const { id } = await open(anna, [ben], 'walks')
    const admin = (who: Person, whom: Person, method: 'PUT' | 'DELETE') =>
      who.call(`${method} /api/conversations/:id/admins/:username`, {
        params: { id, username: nameOf(whom) },
      })
    assert.equal(await refusal(admin(anna, anna, 'DELETE')), 'conversation.last_admin')
    await admin(anna, ben, 'PUT')
    const both = await Promise.all([refusal(admin(anna, ben, 'DELETE')), refusal(admin(ben, anna, 'DELETE'))])
    assert.ok(both.includes('none'), both.join())
    const admins = [(await one(anna, id)).isAdmin, (await one(ben, id)).isAdmin]
    assert.deepEqual(admins.filter(Boolean), [true])
    const [boss, other] = admins[0] ? [anna, ben] : [ben, anna]
    assert.equal(await refusal(admin(other, boss, 'DELETE')), 'conversation.not_admin')
    assert.equal((await read(boss, id)).items.at(-1)?.notice?.kind, 'unmade_admin')
  })

  test('is changed by its admins alone, and who is taken out reads and hears nothing more', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    const { id } = await open(anna, [ben, carl], 'walks')
    const member = (whom: Person) => ({ params: { id, username: nameOf(whom) } })
    const rename = (who: Person, name: string) =>
      who.call('PATCH /api/conversations/:id', { params: { id }, body: { name } })
    assert.equal(await refusal(rename(ben, 'his')), 'conversation.not_admin')
    assert.equal(
      await refusal(ben.call('DELETE /api/conversations/:id/members/:username', member(carl))),
      'conversation.not_admin',
    )
    assert.equal((await rename(anna, 'long walks')).name, 'long walks')
    const half = anna.call('PATCH /api/conversations/:id', {
      params: { id },
      body: { name: 'half', pictureUploadId: '1', muted: true },
    })
    assert.equal(await refusal(half), 'upload.not_found')
    const asBefore = await one(anna, id)
    assert.deepEqual([asBefore.name, asBefore.muted], ['long walks', false], 'all of it, or nothing')
    await anna.call('PUT /api/conversations/:id/admins/:username', member(ben))
    await using his = await listen(kit.app.url, carl.token ?? '')
    await say(anna, id, 'to all three')
    const gone = await ben.call('DELETE /api/conversations/:id/members/:username', member(carl))
    assert.equal(gone.members.length, 2)
    await until(() => heard(his, id).includes('conversation.changed'))
    const before = await say(anna, id, 'without him')
    await kit.app.settle()
    await his.caughtUp()
    assert.equal(heard(his, id).at(-1), 'conversation.changed')
    for (const call of [() => one(carl, id), () => read(carl, id), () => say(carl, id, 'wait')])
      assert.equal(await refusal(call()), 'conversation.not_found')

    await anna.call('POST /api/conversations/:id/members/:username', member(carl))
    await say(anna, id, 'welcome back')
    const seen = await read(carl, id)
    assert.deepEqual(
      seen.items.map(({ text, notice }) => notice?.kind ?? text),
      ['added', 'welcome back'],
      'of what was said before nothing',
    )
    const answer = await say(anna, id, { text: 'as I said', replyTo: before.id })
    const quoted = (await read(carl, id)).items.at(-1)?.replyTo
    assert.deepEqual([quoted?.text, quoted?.hasAttachments], ['', false], 'nor what an answer repeats')
    assert.equal((await one(carl, id)).lastMessage?.replyTo?.text, '')
    const reacted = await carl.call('PUT /api/conversations/:id/messages/:messageId/reaction', {
      params: { id, messageId: answer.id },
      body: { emoji: '👍' },
    })
    assert.equal(reacted.replyTo?.text, '')
    assert.equal((await read(ben, id)).items.at(-1)?.replyTo?.text, 'without him')
  })

  test('never has more than 32 people, nor anybody who takes no messages', async () => {
    const [anna, ben, carl, dora] = (await kit.people(4)) as [Person, Person, Person, Person]
    await ben.call('PATCH /api/me', { body: { allowMessages: 'nobody' } })
    assert.equal(await refusal(open(anna, [ben, carl], 'some')), 'message.not_allowed')
    const { id } = await open(anna, [carl], 'all')
    const add = (whom: Person) =>
      anna.call('POST /api/conversations/:id/members/:username', { params: { id, username: nameOf(whom) } })
    assert.equal(await refusal(add(ben)), 'message.not_allowed')
    await sql`
      insert into conversation_members
      select bucket, conversation_id, n, false, true, n, true, 0, 0, 0, 0
      from conversation_members, generate_series(1, 30) as n where user_id = ${carl.user.id}
        and conversation_id = ${id}
    `.execute(kit.app.database.main)
    assert.equal(await refusal(add(dora)), 'conversation.full')
    assert.equal(await refusal(add(carl)), 'none', 'they are in it already')
  })

  test('never costs its readers more for the thousands who were in it once', async () => {
    const { main } = kit.app.database
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const who of [ben, carl]) await kit.follow(who, anna)
    const { id, version } = await open(anna, [ben, carl], 'busy')
    await sql`
      insert into conversation_members
      select bucket, conversation_id, n, false, false, n, true, 0, 0, 10 + n, 0, 0
      from conversation_members, generate_series(1, 3000) as n
      where user_id = ${carl.user.id} and conversation_id = ${id}
    `.execute(main)
    await sql`update conversations set counter = 4000 where id = ${id}`.execute(main)
    const [first, , last] = [
      await say(ben, id, 'one'),
      await say(ben, id, 'two'),
      await say(carl, id, 'three'),
    ]
    const params = (messageId: string) => ({ params: { id, messageId } })
    const queries = await queriesDuring(main, async () => {
      assert.equal((await mark(anna, id, 0)).unreadCount, 3)
      await anna.call('DELETE /api/conversations/:id/messages/:messageId/mine', params(first.id))
      await carl.call('DELETE /api/conversations/:id/messages/:messageId', params(last.id))
      assert.equal((await one(anna, id)).unreadCount, 1)
      const { members } = await read(anna, id, { after: version })
      assert.deepEqual(
        members.filter(({ isMember }) => !isMember).map((member) => member.version),
        Array.from({ length: 32 }, (_, n) => 3010 - n),
      )
    })
    const asked = queries.map(({ parameters }) => parameters.flat().length)
    assert.ok(Math.max(...asked) < 500, 'nobody of them is asked about')
  })

  test('never counts words of somebody blocked, however many of them lie in front of others', async () => {
    const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
    for (const who of [ben, carl]) await kit.follow(who, anna)
    const { id } = await open(anna, [ben, carl], 'loud')
    await block(anna, ben)
    const { sequence } = await say(carl, id, 'before')
    await sql`
      insert into messages
      select bucket, conversation_id, n, n, id + n, ${ben.user.id}, 'loud' || n, '', 'words', '[]', null, null, created_at, null, null
      from messages, generate_series(${sequence + 1}::integer, ${sequence + 150}::integer) as n
      where conversation_id = ${id} and sequence = ${sequence}
    `.execute(kit.app.database.main)
    await sql`update conversations set counter = 1000 where id = ${id}`.execute(kit.app.database.main)
    await say(carl, id, 'after')
    assert.equal((await mark(anna, id, 0)).unreadCount, 2)
    assert.equal((await mark(anna, id, sequence)).unreadCount, 1)
    assert.equal((await mark(carl, id, 0)).unreadCount, 100)
  })
})

describe('read marks, activity and drafts', () => {
  test('are never told by who keeps them to themselves, nor to them', async () => {
    const { anna, ben, id } = await friends()
    await accept(ben, id)
    const message = await say(anna, id, 'hello')
    await ben.call('PATCH /api/me', { body: { showReadMarks: false, showActivity: false } })
    await mark(ben, id, message.sequence)
    const ofBen = async () => (await one(anna, id)).members.find(({ userId }) => userId === ben.user.id)
    const ofAnna = async () => (await one(ben, id)).members.find(({ userId }) => userId === anna.user.id)
    for (const member of [await ofBen(), await ofAnna()]) {
      assert.equal(member?.readSequence, null)
      assert.equal(member?.activity, null)
    }
    const next = await say(anna, id, 'still there?')
    assert.equal(next.sequence, message.sequence + 1, 'nor by a number that was drawn for it')
    await ben.call('PATCH /api/me', { body: { showReadMarks: true, showActivity: true } })
    assert.equal((await ofBen())?.readSequence, 0, 'what was read meanwhile stays untold')
    assert.ok((await ofBen())?.activity)
  })

  test('unread counts are the same on every device, and nothing read comes back', async () => {
    const { anna, ben, id } = await friends()
    const first = await say(anna, id, 'one')
    const second = await say(anna, id, 'two')
    assert.equal((await list(ben)).unreadCount, 1)
    assert.equal((await one(ben, id)).unreadCount, 2)
    assert.equal((await mark(ben, id, first.sequence)).unreadCount, 1)
    await mark(ben, id, second.sequence)
    assert.deepEqual(await mark(ben, id, 1), { readSequence: second.sequence, unreadCount: 0 })
    assert.equal((await mark(ben, id, 1_000_000)).unreadCount, 0)
    assert.equal((await list(ben)).unreadCount, 0)
    // Whatever was counted wrong before: what is answered is what the list says from then on.
    await sql`update inbox set unread_count = 3 where user_id = ${ben.user.id} and conversation_id = ${id}`.execute(
      kit.app.database.main,
    )
    assert.equal((await mark(ben, id, 1)).unreadCount, 0)
    assert.deepEqual([(await list(ben)).unreadCount, (await one(ben, id)).unreadCount], [0, 0])
    const third = await say(anna, id, 'three')
    await anna.call('DELETE /api/conversations/:id/messages/:messageId', {
      params: { id, messageId: third.id },
    })
    assert.equal((await one(ben, id)).unreadCount, 0)
    await ben.call('PATCH /api/conversations/:id', { params: { id }, body: { muted: true } })
    await say(anna, id, 'four')
    assert.deepEqual([(await list(ben)).unreadCount, (await one(ben, id)).unreadCount], [0, 1])
  })

  test('a draft is never seen by the other one', async () => {
    const { anna, ben, id } = await friends()
    await say(anna, id, 'hello')
    await ben.call('PUT /api/conversations/:id/draft', { params: { id }, body: { text: 'well …' } })
    assert.equal((await one(ben, id)).draft, 'well …')
    assert.equal((await one(anna, id)).draft, '')
  })
})

test('neither a long conversation nor a long list is ever read as a whole', async () => {
  const { anna, ben, id } = await friends()
  const { main } = kit.app.database
  const { sequence } = await say(anna, id, 'first')
  await sql`
    insert into messages
    select bucket, conversation_id, n, case when n % 100 = 0 then n + 50000 else n end, id + n, sender_id,
      'filled' || n, '', 'words', '[]', null, null, created_at, null, null
    from messages, generate_series(${sequence + 1}::integer, 20000) as n where conversation_id = ${id}
  `.execute(main)
  await sql`update conversations set counter = 90000 where id = ${id}`.execute(main)
  await sql`
    insert into inbox
    select bucket, user_id, n, 'inbox', n, n % 2, false, n % 3 = 0, ''
    from inbox, generate_series(1, 20000) as n where conversation_id = ${id}
  `.execute(main)
  await sql`analyze`.execute(main)
  const plans = await plansOf(main, async () => {
    for (const query of [{}, { before: 15_000 }, { after: 19_000 }]) await read(ben, id, query)
    await mark(ben, id, 10_000)
    await list(ben)
  })
  assertIndexed(
    plans,
    ['messages', 'inbox'],
    ['messages_pkey', 'messages_changed', 'inbox_by_activity', 'inbox_unread'],
  )
})
