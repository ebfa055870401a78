import assert from 'node:assert/strict'
import { it } from 'node:test'
import { withoutRedis } from '../server/test/helpers/redis.ts'
import { run } from './live.ts'

it('measures delivery, durable messages and idle sockets on a small set', {
  skip: process.env.HELIOGRAPH_TEST_LONG === '1' ? withoutRedis : 'only in test:long',
}, async () => {
  const { tables, targets } = await run({ isQuick: true, log: () => {} })
  assert.ok(targets.length > 0)
  assert.ok(tables.length >= 3)
  for (const { title, rows, columns } of tables) {
    assert.ok(rows.length > 0, title)
    for (const row of rows) assert.equal(row.length, columns.length, title)
  }
})
