import assert from 'node:assert/strict'
import { it } from 'node:test'
import { run } from './accounts.ts'

it('measures sign-ins, and pages beside them, on a small set', {
  skip: process.env.HELIOGRAPH_TEST_LONG === '1' ? false : 'only in test:long',
}, async () => {
  const { tables, targets } = await run({ isQuick: true, log: () => {} })
  assert.equal(targets.length, 5)
  assert.deepEqual(
    tables.map(({ rows }) => rows.length),
    [3, 3],
  )
  for (const { title, rows, columns } of tables) {
    for (const row of rows) {
      assert.equal(row.length, columns.length, title)
      for (const figure of row.slice(1))
        if (figure !== '–')
          assert.ok(Number.isFinite(Number.parseFloat(String(figure))), `${title}: ${figure}`)
    }
  }
})
