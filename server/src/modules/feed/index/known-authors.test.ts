import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Id } from '#platform/ids/ids.ts'
import type { FeedAuthors } from '../feed-viewers.ts'
import { createKnownAuthors } from './known-authors.ts'
import { createOutboxIndex } from './outbox-index.ts'

/** Room for so many. */
const authorsMax = 256

function authorsOf(numbers: Iterable<number>): FeedAuthors {
  const ids = Array.from(numbers, (n): Id => String(n + 1))
  return { ids, key: '', has: (id) => ids.includes(id) }
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n)

test('numbers never mean other authors than a feed’s, whoever else had to find room', () => {
  const feeds = fc.array(fc.tuple(fc.nat(600), fc.integer({ min: 1, max: authorsMax })), {
    minLength: 2,
    maxLength: 8,
  })
  fc.assert(
    fc.property(feeds, fc.array(fc.nat(7), { maxLength: 60, size: 'max' }), (given, turns) => {
      const index = createOutboxIndex({ maxBytes: 1 })
      const knownOf = createKnownAuthors(index)
      const all = given.map(([first, count]) => authorsOf(range(first, count)))
      for (const turn of turns) {
        const authors = all[turn % all.length]!
        const numbers = knownOf(authors).numbers()
        assert.ok(numbers, 'there is room for each feed')
        assert.deepEqual(
          Array.from(numbers, (number) => index.authorIdOf(number)),
          authors.ids,
        )
        assert.deepEqual(
          authors.ids.map((id) => index.findNumber(id)),
          [...numbers],
        )
      }
    }),
  )
})

test('more authors than there is room for have no numbers, and keep nobody else from theirs', () => {
  const knownOf = createKnownAuthors(createOutboxIndex({ maxBytes: 1 }))
  const [all, few] = [authorsOf(range(0, authorsMax + 1)), authorsOf(range(200, 50))]
  for (let turn = 0; turn < 3; turn++) {
    assert.equal(knownOf(all).numbers(), null)
    assert.equal(knownOf(few).numbers()?.length, 50)
  }
})
