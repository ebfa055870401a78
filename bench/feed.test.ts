import assert from 'node:assert/strict'
import { it } from 'node:test'
import { run } from './feed.ts'

it('measures both servers on each kind of page', async () => {
  const { tables } = await run({ isQuick: true, log: () => {} })
  assert.equal(tables.length, 2)
  for (const { rows, columns } of tables) {
    assert.equal(rows.length, 2)
    for (const row of rows) {
      assert.equal(row.length, columns.length)
      for (const figure of row.slice(1))
        if (figure !== '–') assert.ok(Number.parseFloat(String(figure)) >= 0, String(figure))
    }
  }
})
