import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
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
