import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createKnownFeatures, likedOf } from './known-features.ts'

const half = fc.integer({ min: -8, max: 8 }).map((n) => n / 2)
const feature = fc.record({
  // Close by and far off: they meet in the same places.
  key: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 65_535 })),
  lift: half,
  liked: half,
})

test('of a key its own figures are found, those of two features added, and of every other one none', () => {
  fc.assert(
    fc.property(fc.array(feature, { maxLength: 400, size: 'max' }), (features) => {
      const known = createKnownFeatures(features)
      const byKey = Map.groupBy(features, ({ key }) => key)
      assert.equal(known.keys.filter((key) => key !== 0).length, byKey.size)
      assert.ok(byKey.size * 2 <= known.keys.length)
      for (let key = 1; key <= 65_535; key += key < 60 ? 1 : 997) {
        const liked = (byKey.get(key) ?? []).reduce((sum, each) => sum + each.liked, 0)
        assert.equal(likedOf(known, key), liked)
      }
      for (const [key, own] of byKey) {
        const place = known.keys.indexOf(key)
        assert.equal(
          known.figures[place * 2],
          own.reduce((sum, each) => sum + each.lift, 0),
        )
        assert.equal(
          likedOf(known, key),
          own.reduce((sum, each) => sum + each.liked, 0),
        )
      }
    }),
  )
})
