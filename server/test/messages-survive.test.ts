import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApiError, type Client, createClient } from '@heliograph/client'
import type { Message } from '@heliograph/contract/messages'
import type { Id } from '#platform/ids/ids.ts'
import { createPostsKit, type PostsKit } from './helpers/posts-kit.ts'
import { createProcesses, type TestProcesses } from './helpers/processes.ts'
import { withoutRedis } from './helpers/redis.ts'
import { until } from './helpers/until.ts'

// What was acknowledged is there after kill -9 in the middle of people who write, once, and in one order for everyone. Where there
// is Redis, message-histories.test.ts asks the same of two processes, and this is left to the long run.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const people = isLong ? 16 : 6
const eachWrites = isLong ? 300 : 12
const kills = isLong ? 6 : 1
const skip = !isLong && !withoutRedis && 'only in test:long'

let processes: TestProcesses
let kit: PostsKit
before(async () => {
  if (skip) return
  processes = await createProcesses({ start: ['a'], a: { ROLES: 'all' } })
  kit = await createPostsKit({ env: { DATABASE_URL: processes.databaseUrl } })
})
after(async () => {
  await kit?.[Symbol.asyncDispose]()
  await processes?.[Symbol.asyncDispose]()
})

interface Writer {
  userId: Id
  client: Client
  /** As they were acknowledged. */
  sent: Message[]
}

test('a message that was acknowledged is never lost, doubled or put elsewhere by kill -9', {
  skip,
}, async () => {
  const { a } = processes
  const crowd = await kit.people(people)
  const writers = crowd.map((person): Writer => {
    const client = createClient(a.url, person.token)
    return { userId: person.user.id, client, sent: [] }
  })
  const members = crowd.slice(1).map(({ user }) => user.username)
  const { id } = await writers[0]!.client.call('POST /api/conversations', { body: { members, name: 'all' } })

  const all = () => writers.reduce((sum, { sent }) => sum + sent.length, 0)
  const writing = Promise.all(writers.map((writer) => write(writer, id)))
  for (let killed = 1; killed <= kills; killed++) {
    await until(() => all() >= (people * eachWrites * killed) / (kills + 1), 60_000)
    await a.kill()
    await a.start()
  }
  await writing

  const [first, ...others] = await Promise.all(writers.map(({ client }) => readAll(client, id)))
  for (const other of others) assert.deepEqual(other, first, 'everybody reads the same')
  const words = first!.filter(({ notice }) => notice === null)
  assert.equal(words.length, people * eachWrites)
  assert.equal(new Set(words.map(({ text }) => text)).size, words.length)
  for (const { userId, sent } of writers) {
    const there = words.filter(({ senderId }) => senderId === userId)
    assert.deepEqual(
      there.map(({ id, sequence, text }) => [id, sequence, text]),
      sent.map(({ id, sequence, text }) => [id, sequence, text]),
      'what was acknowledged, as it was acknowledged, in its order',
    )
  }
  const { items } = await writers[1]!.client.call('GET /api/conversations')
  assert.equal(items[0]?.lastMessage?.sequence, first!.at(-1)?.sequence)
})

/** One after the other; what had no answer is sent again under the same id. */
async function write({ userId, client, sent }: Writer, id: Id): Promise<void> {
  for (let n = 0; n < eachWrites; ) {
    const body = { clientId: `message-${n}-of-mine`, text: `${userId} ${n}` }
    try {
      sent.push(await client.call('POST /api/conversations/:id/messages', { params: { id }, body }))
      n++
    } catch (error) {
      const isExpected = error instanceof ApiError ? error.status === 503 : error instanceof TypeError
      if (!isExpected) throw error
      await until(async () => (await fetch(`${processes.a.url}/readyz`)).ok, 60_000)
    }
  }
}

/** As a client does that was away from the beginning. */
async function readAll(client: Client, id: Id): Promise<Omit<Message, 'clientId'>[]> {
  const found = new Map<Id, Omit<Message, 'clientId'>>()
  for (let after = 0, hasMore = true; hasMore; ) {
    const page = await client.call('GET /api/conversations/:id/messages', {
      params: { id },
      query: { after, limit: 50 },
    })
    for (const { clientId: _, ...message } of page.items) found.set(message.id, message)
    after = page.version
    hasMore = page.hasMore
  }
  return [...found.values()].sort((one, other) => one.sequence - other.sequence)
}
