import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { createProcesses, type TestProcesses } from './helpers/processes.ts'
import { until } from './helpers/until.ts'

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
