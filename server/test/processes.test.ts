import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { buildPerson, follow, type Person } from './helpers/factories.ts'
import { type Listener, listen } from './helpers/listener.ts'
import { createProcesses, type TestProcesses } from './helpers/processes.ts'
import { startRedis, type TestRedis, withoutRedis } from './helpers/redis.ts'
import { until } from './helpers/until.ts'

describe('two web processes and a worker', { skip: withoutRedis }, () => {
  let redis: TestRedis
  let all: TestProcesses
  let ana: Person
  let ben: Person
  let listener: Listener

  before(async () => {
    redis = await startRedis()
    all = await createProcesses({ env: { REDIS_URL: redis.url } })
    ana = await buildPerson(all.a.client, { username: 'ana' })
    ben = await buildPerson(all.a.client, { username: 'ben' })
    await follow(ben, ana)
    listener = await listen(all.b.url, ben.token!)
  })
  after(async () => {
    await listener[Symbol.asyncDispose]()
    await all[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
  })

  test('the one that only works answers for its health, and nothing of people', async () => {
    const statusOf = async (url: string) => (await fetch(url)).status
    for (const path of ['/readyz', '/metrics'])
      for (const { url } of [all.a, all.b, all.worker]) assert.equal(await statusOf(url + path), 200, path)
    assert.equal(await statusOf(`${all.a.url}/api/capabilities`), 200)
    assert.equal(await statusOf(`${all.worker.url}/api/capabilities`), 404)
    assert.equal(await statusOf(`${all.worker.url}/`), 404)
  })

  test('what happens at one is heard at the other', async () => {
    await ana.call('PUT /api/users/:username/follow', { params: { username: 'ben' } })
    await until(() => listener.events.some(({ type }) => type === 'graph.changed'))
  })
})

describe('a second process', () => {
  let all: TestProcesses

  before(async () => {
    all = await createProcesses({ start: ['a'] })
  })
  after(() => all[Symbol.asyncDispose]())

  test('without Redis is refused with a sentence for the operator, and the first goes on', async () => {
    await assert.rejects(all.b.start(), /Another Heliograph process \(web, on .*REDIS_URL=redis:\/\//)
    await assert.rejects(
      all.worker.start({ REDIS_URL: 'redis://127.0.0.1:1' }),
      /it was started without REDIS_URL/,
    )
    await until(() => !all.b.isRunning && !all.worker.isRunning)
    assert.equal((await fetch(`${all.a.url}/readyz`)).status, 200)
  })

  test('takes over at once from one that was killed', async () => {
    await all.a.kill()
    await all.b.start()
    const ready = (await (await fetch(`${all.b.url}/readyz`)).json()) as { checks: Record<string, object> }
    assert.deepEqual(ready.checks.processes, { ok: true, web: 1 })
  })

  test('waits for the lease of one that was killed on another machine', async () => {
    await all.b.kill()
    const database = new pg.Client({ connectionString: all.databaseUrl })
    await database.connect()
    await database.query(
      `update processes set holder = 'elsewhere|1|' || holder, lease_until = now() + interval '2 seconds'`,
    )
    await database.end()
    await all.b.start()
    assert.equal(await all.b.stop(), 0)
  })
})
