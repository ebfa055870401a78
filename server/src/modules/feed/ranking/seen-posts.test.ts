import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSeenPosts } from './seen-posts.ts'

const id = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String),
  // Drawn within a moment: they differ in their last bits alone.
  fc.nat({ max: 200 }).map((n) => String(385_000_000_000_000_000n + BigInt(n))),
)

test('knows exactly what was seen, how often, and what was hidden', () => {
  fc.assert(
    fc.property(fc.array(id), fc.array(id, { maxLength: 20 }), fc.array(id), (seen, hidden, others) => {
      const posts = createSeenPosts(seen, hidden)
      for (const post of [...seen, ...hidden, ...others]) {
        const isHidden = hidden.includes(post)
        assert.equal(posts.isHidden(post), isHidden)
        const times = seen.filter((each) => each === post).length
        assert.equal(posts.countOf(post), isHidden ? 1 : Math.min(254, times))
      }
    }),
  )
})
