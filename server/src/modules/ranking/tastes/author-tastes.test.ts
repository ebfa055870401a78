import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { halvesOf } from '#platform/ids/id-halves.ts'
import { AuthorTastes, unknownAuthor } from './author-tastes.ts'

const id = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String),
  // Drawn within a moment: they differ in their last bits alone.
  fc.nat({ max: 400 }).map((n) => String(385_000_000_000_000_000n + BigInt(n))),
  // In their first ones alone.
  fc.nat({ max: 400 }).map((n) => String((BigInt(n) << 32n) + 7n)),
)
const taste = fc.record(
  {
    given: fc.double({ noNaN: true }),
    received: fc.double({ noNaN: true }),
    lift: fc.double({ noNaN: true }),
  },
  { noNullPrototype: true },
)

const many = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 300, size: 'max' })

test('of an author their own figures are found, and of everybody else none', () => {
  fc.assert(
    fc.property(many(fc.tuple(id, taste)), many(id), (entries, others) => {
      const known = new Map(entries)
      const tastes = new AuthorTastes(known)
      assert.equal(tastes.size, known.size)
      assert.deepEqual(new Map(tastes), known)
      for (const author of [...known.keys(), ...others]) {
        assert.deepEqual(tastes.get(author), known.get(author))
        const { hi, lo } = halvesOf(author)
        const place = tastes.find(hi, lo)
        if (place === unknownAuthor) assert.ok(!known.has(author))
        else
          assert.deepEqual(
            [tastes.given(place), tastes.received(place), tastes.lift(place)],
            Object.values(known.get(author)!),
          )
      }
    }),
  )
})
