import assert from 'node:assert/strict'
import { it } from 'node:test'
import { run } from './feed.ts'

it('measures pages, waiting, posts and likes on a small set', {
  skip: process.env.HELIOGRAPH_TEST_LONG === '1' ? false : 'only in test:long',
}, async () => {
  const { tables, targets } = await run({ isQuick: true, log: () => {} })
  assert.ok(targets.length > 5)
  assert.ok(tables.length >= 8)
  for (const { title, rows, columns } of tables) {
    assert.ok(rows.length > 0, title)
    for (const row of rows) {
      assert.equal(row.length, columns.length, title)
      for (const figure of row.slice(1))
        if (figure !== '–')
          assert.ok(Number.isFinite(Number.parseFloat(String(figure))), `${title}: ${figure}`)
    }
  }
})
