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

const row = fc.record({ score: fc.nat(20), author: fc.nat(14), at: fc.nat(3) })
/** Of few authors, who soon have no room, and of so many that somebody always has. */
const rowsOfSome = fc
  .record({ rows: fc.array(row, { maxLength: 120, size: 'max' }), authors: fc.integer({ min: 1, max: 15 }) })
  .map(({ rows, authors }) => rows.map((each) => ({ ...each, author: each.author % authors })))
const above = fc.array(fc.nat(14), { maxLength: 30, size: 'max' })

/** By the rule alone: each place is looked for among all that are left. */
function mixed(rows: readonly Row[], before: readonly number[]): number[] {
  const order: number[] = []
  const hasRoom = (at: number) => {
    const near = [...before, ...order.map((each) => rows[each]!.author)].slice(-(sameAuthorWithin - 1))
    return near.filter((author) => author === rows[at]!.author).length < sameAuthorMax
  }
  let left = bestFirst(rows)
  let waiting: number[] = []
  while (order.length < rows.length) {
    const first = left.findIndex(hasRoom)
    const isTurnOf = waiting.find(hasRoom)
    if (isTurnOf === undefined) {
      waiting.push(...left.slice(0, first < 0 ? left.length : first))
      left = first < 0 ? [] : left.slice(first)
    }
    const next = isTurnOf ?? left[0] ?? waiting[0]!
    order.push(next)
    left = left.filter((at) => at !== next)
    waiting = waiting.filter((at) => at !== next)
  }
  return order
}

const bestFirst = (rows: readonly Row[]): number[] =>
  rows
    .map((each, place) => ({ ...each, place }))
    .sort((a, b) => b.score - a.score || b.at - a.at || a.place - b.place)
    .map(({ place }) => place)

test('authors are mixed, whoever waits comes as soon as there is room, and nobody is lost or comes twice', () => {
  fc.assert(
    fc.property(rowsOfSome, above, (rows, before) => {
      assert.deepEqual(all(rows, before), mixed(rows, before))
    }),
    { numRuns: 300 },
  )
})

test('of one author no more than may be stand in a row while there is anybody else', () => {
  fc.assert(
    fc.property(rowsOfSome, above, (rows, before) => {
      const authors = [...before, ...all(rows, before).map((at) => rows[at]!.author)]
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
  const ofDistinctAuthors = fc
    .array(row, { maxLength: 60, size: 'max' })
    .map((rows) => rows.map((each, author) => ({ ...each, author })))
  fc.assert(
    fc.property(ofDistinctAuthors, (rows) => {
      assert.deepEqual(all(rows), bestFirst(rows))
    }),
  )
})
