import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Client, createClient } from '@heliograph/client'
import type { Message } from '@heliograph/contract/messages'
import { buildPeople, follow, type Person } from './helpers/factories.ts'
import { assertAnyMessages } from './helpers/message-history.ts'
import { createProcesses, type TestProcess, type TestProcesses } from './helpers/processes.ts'
import { startRedis, type TestRedis, withoutRedis } from './helpers/redis.ts'

// What people write to each other must survive: two processes at once, sockets that come and go, a Redis that is killed and
// comes back empty, and a process that is killed between taking a message and saying so.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

describe('messages at two processes', { skip: withoutRedis }, () => {
  let redis: TestRedis
  let all: TestProcesses

  before(async () => {
    redis = await startRedis()
    all = await createProcesses({
      env: { REDIS_URL: redis.url },
      a: { ROLES: 'all' },
      start: ['a', 'b'],
    })
  })
  after(async () => {
    await all?.[Symbol.asyncDispose]()
    await redis?.[Symbol.asyncDispose]()
  })

  test('any history ends with the same conversation for every member, the one that the database has', async () => {
    let losses = 0
    await assertAnyMessages(
      {
        urls: [all.a.url, all.b.url],
        databaseUrl: all.databaseUrl,
        people: (count) => buildPeople(all.a.client, count),
        async lose() {
          losses += 1
          if (isLong && losses % 3 === 0) {
            await all.b.kill()
            await all.b.start()
          } else if (losses % 2 === 0) await redis.flush()
          else {
            await redis.kill()
            await redis.start()
          }
        },
      },
      { numRuns: isLong ? 40 : 1, seed: isLong ? Date.now() : 2 },
    )
  })

  test('one of two killed between accept and answer: asked again at the other, all is there once, in one order, for both', async () => {
    const [anna, ben] = (await buildPeople(all.a.client, 2)) as [Person, Person]
    await follow(anna, ben)
    await follow(ben, anna)
    const { id } = await anna.call('POST /api/conversations', { body: { members: [ben.username] } })
    const texts: string[] = []
    for (let round = 0; round < (isLong ? 10 : 1); round++) {
      if (!all.b.isRunning) await all.b.start()
      texts.push(...(await writeThroughDeath(id, { round, writers: [anna, ben] })))
    }
    const at = (process: TestProcess, person: Person) => process.client.as(person.token)
    const [hers, his] = await Promise.all([everything(at(all.a, anna), id), everything(at(all.a, ben), id)])
    assert.deepEqual(hers.map(({ text }) => text).toSorted(), texts.toSorted())
    const order = (messages: Message[]) => messages.map((message) => [message.id, message.sequence])
    assert.deepEqual(order(hers), order(his))
  })

  /** Many write at B at once, which is killed when the first is answered; who has no answer asks again at A. */
  async function writeThroughDeath(
    id: string,
    { round, writers }: { round: number; writers: Person[] },
  ): Promise<string[]> {
    const bodies = Array.from({ length: 60 }, (_, n) => ({
      clientId: `round-${round}-${n}`,
      text: `${round}.${n}`,
    }))
    let answered = 0
    const killed = Promise.withResolvers<void>()
    const say = (url: string, n: number) =>
      createClient(url, writers[n % 2]!.token).call('POST /api/conversations/:id/messages', {
        params: { id },
        body: bodies[n]!,
      })
    await Promise.all(
      bodies.map(async (_, n) => {
        const first = await say(all.b.url, n).catch(() => undefined)
        if (first && ++answered === 1) void all.b.kill().then(killed.resolve)
        await killed.promise
        const again = await say(all.a.url, n)
        if (first) assert.equal(again.id, first.id, 'what was acknowledged is what is there')
      }),
    )
    assert.ok(answered > 0)
    return bodies.map(({ text }) => text)
  }
})

async function everything(client: Client, id: string): Promise<Message[]> {
  const all: Message[] = []
  let before: number | undefined
  for (;;) {
    const page = await client.call('GET /api/conversations/:id/messages', {
      params: { id },
      query: { before, limit: 50 },
    })
    all.unshift(...page.items)
    if (!page.hasMore) return all
    before = page.items[0]!.sequence
  }
}
