import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { halvesOf } from '#platform/ids/id-halves.ts'
import { createSeenPosts } from './seen-posts.ts'

const id = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String),
  // Drawn within a moment: they differ in their last bits alone.
  fc.nat({ max: 200 }).map((n) => String(385_000_000_000_000_000n + BigInt(n))),
  // In their first ones alone.
  fc.nat({ max: 200 }).map((n) => String((BigInt(n) << 32n) + 7n)),
)
const many = (maxLength: number) => fc.array(id, { maxLength, size: 'max' })
const distinct = (ids: string[]) => [...new Set(ids)]
const today = 20_784

test('knows exactly what was seen, how often, and what was hidden', () => {
  fc.assert(
    fc.property(many(600), many(20), many(100), (seen, hidden, others) => {
      const posts = createSeenPosts(
        seen.map((postId, at) => ({ postId, day: today - at })),
        hidden,
      )
      for (const post of [...seen, ...hidden, ...others]) {
        const isHidden = hidden.includes(post)
        assert.equal(posts.hides(halvesOf(post)), isHidden)
        const times = seen.filter((each) => each === post).length
        assert.equal(posts.countOf(post), isHidden ? 1 : Math.min(254, times))
      }
    }),
  )
})

test('what is noted later counts as if it had been known before, and once for each day however often it is told', () => {
  fc.assert(
    fc.property(many(20), many(300).map(distinct), (hidden, seen) => {
      const posts = createSeenPosts([], hidden)
      for (const day of [today - 1, today, today])
        for (const [at, postId] of seen.entries())
          for (const each of [postId, seen[at >> 1]!]) posts.note({ postId: each, day })
      for (const post of seen) assert.equal(posts.countOf(post), hidden.includes(post) ? 1 : 2)
      for (const post of hidden) assert.ok(posts.hides(halvesOf(post)))
    }),
  )
})
