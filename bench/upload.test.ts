import assert from 'node:assert/strict'
import { it } from 'node:test'
import { run } from './upload.ts'

it('measures all ways on each photograph', async () => {
  const { tables, targets } = await run({ isQuick: true, log: () => {} })
  const [table] = tables
  assert.ok(table!.rows.length >= 2)
  for (const row of table!.rows) {
    assert.equal(row.length, table!.columns.length)
    for (const figure of row.slice(2)) assert.ok(Number.parseFloat(String(figure)) > 0, String(figure))
  }
  assert.equal(targets.length, 1)
})
