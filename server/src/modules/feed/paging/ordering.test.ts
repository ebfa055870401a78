import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createOrdering, type ScoredRows, sameAuthorMax, sameAuthorWithin } from './ordering.ts'

interface Row {
  score: number
  author: number
  at: number
}

const rowsOf = (rows: readonly Row[]): ScoredRows => ({
  count: rows.length,
  score: Float32Array.from(rows, (row) => row.score),
  publishedAt: Float64Array.from(rows, (row) => row.at),
  author: Uint16Array.from(rows, (row) => row.author),
})

function all(rows: readonly Row[], before: number[] = []): number[] {
  const ordering = createOrdering(rowsOf(rows), before)
  const order: number[] = []
  for (let row = ordering.next(); row >= 0; row = ordering.next()) order.push(row)
  return order
}

const row = fc.record({ score: fc.nat(20), author: fc.nat(6), at: fc.nat(3) })

test('authors are mixed, and nobody is lost or comes twice', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 120 }), fc.array(fc.nat(6), { maxLength: 30 }), (rows, before) => {
      const order = all(rows, before)
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        rows.map((_, at) => at),
      )
      const authors = [...before, ...order.map((at) => rows[at]!.author)]
      for (let at = before.length; at < authors.length; at++) {
        const recent = authors.slice(Math.max(0, at - sameAuthorWithin + 1), at)
        const tooMany = (author: number) => recent.filter((other) => other === author).length >= sameAuthorMax
        if (!tooMany(authors[at]!)) continue
        assert.ok(authors.slice(at).every(tooMany), 'somebody else would have had room')
      }
    }),
  )
})

test('what is not mixed stands by its score, the newer of equals first', () => {
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: (each) => each.author }), (rows) => {
      const expected = rows
        .map((each, at) => ({ ...each, place: at }))
        .sort((a, b) => b.score - a.score || b.at - a.at || a.place - b.place)
      assert.deepEqual(
        all(rows),
        expected.map((each) => each.place),
      )
    }),
  )
})
