import assert from 'node:assert/strict'
import { it } from 'node:test'
import { run } from './media.ts'
import { similarity } from './media-similarity.ts'

it('measures cost, times and quality of photographs', {
  skip: process.env.HELIOGRAPH_TEST_LONG === '1' ? false : 'only in test:long',
}, async () => {
  const { tables, targets } = await run({ isQuick: true, log: () => {} })
  assert.equal(tables.length, 6)
  for (const { title, rows, columns } of tables) {
    assert.ok(rows.length > 0, title)
    for (const row of rows) {
      assert.equal(row.length, columns.length, title)
      for (const figure of row.slice(1)) {
        if (figure !== '–')
          assert.ok(Number.isFinite(Number.parseFloat(String(figure))), `${title}: ${figure}`)
      }
    }
  }
  assert.deepEqual(
    targets.filter(({ isMet }) => !isMet),
    [],
  )
})

it('finds a picture like itself, and less so the more it was changed', () => {
  const [width, height] = [32, 32]
  const data = Uint8Array.from({ length: width * height }, (_, at) => (at * 37) % 256)
  const changed = (by: number) => ({
    width,
    height,
    data: data.map((value, at) => value + (at % 3 === 0 ? by : 0)),
  })
  const original = { width, height, data }
  assert.equal(similarity(original, original), 1)
  assert.ok(similarity(original, changed(3)) > similarity(original, changed(30)))
})
