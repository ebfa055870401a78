import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rateLimits } from '#platform/http/rate-limits.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../test/helpers/posts-kit.ts'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const messages = isLong ? 10_000 : rateLimits.message.points + 30

let kit: PostsKit
before(async () => {
  kit = await createPostsKit({ env: { RATE_LIMITS: 'default' } })
})
after(() => kit?.[Symbol.asyncDispose]())

test(`${messages} messages in a minute from one client are never all taken, and never slow another one`, async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await anna.call('POST /api/conversations', { body: { members: [ben.user.username] } })
  const say = (who: Person, clientId: string) =>
    refusal(
      who.call('POST /api/conversations/:id/messages', { params: { id }, body: { clientId, text: 'again' } }),
    )
  const said = new Map<string, number>()
  for (let sent = 0; sent < messages; sent += 50) {
    const some = Array.from({ length: Math.min(50, messages - sent) }, (_, n) =>
      say(anna, `flooding-${sent + n}`),
    )
    for (const code of await Promise.all(some)) said.set(code, (said.get(code) ?? 0) + 1)
  }
  assert.deepEqual([...said.keys()].sort(), ['none', 'rate.limited'])
  // Where a minute goes over into the next one, twice as many are taken at most.
  assert.ok(said.get('none')! <= Math.ceil(messages / rateLimits.message.points) * rateLimits.message.points)
  assert.ok(said.get('rate.limited')! > 0)
  const { items } = await ben.call('GET /api/conversations', { query: { folder: 'requests' } })
  assert.equal(items[0]?.unreadCount, Math.min(100, said.get('none')!))
  assert.equal(await say(ben, 'an-answer'), 'none')
})

test('strangers are never reached faster by groups than one by one, and nobody known costs anything', async () => {
  const [anna, known, ...strangers] = (await kit.people(5)) as [Person, Person, Person, Person, Person]
  await kit.follow(known, anna)
  const open = (members: readonly Person[], name?: string) =>
    anna.call('POST /api/conversations', {
      body: { members: members.map(({ user }) => user.username), name },
    })
  const { id } = await open([known], 'ours')
  const talk = await open([known])
  const add = (whom: Person) =>
    refusal(
      anna.call('POST /api/conversations/:id/members/:username', {
        params: { id, username: whom.user.username },
      }),
    )
  const groups = rateLimits.conversation.points / strangers.length - 1
  for (let made = 0; made < groups; made++) await open(strangers, `walk ${made}`)
  assert.equal(await refusal(open(strangers, 'one too many')), 'rate.limited')
  assert.equal(await add(strangers[0]!), 'none', 'the last one, which a refusal has not spent')
  assert.equal(await add(strangers[1]!), 'rate.limited')
  await anna.call('DELETE /api/conversations/:id/members/:username', {
    params: { id, username: known.user.username },
  })
  assert.equal(await add(known), 'none')
  assert.equal((await open([known])).id, talk.id)
})
