import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { halvesOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import { createCandidateColumns, featuresPerPost, type IdColumns } from '../candidate-columns.ts'
import { createFeatureTable, nowhere, type TabledPost } from './feature-table.ts'
import { type PostAttention, qualityOf } from './quality.ts'

const postOf = (n: number): TabledPost => ({
  kind: n % 4,
  seconds: n % 30,
  quality: Math.fround((n % 97) / 97),
  features: Uint16Array.from({ length: featuresPerPost }, (_, at) => (at < n % 13 ? n + at + 1 : 0)),
  hashtags: [`tag${n}`],
  attention: attentionOf(n),
})

const attentionOf = (n: number): PostAttention => ({
  likes: n % 11,
  comments: n % 7,
  shares: n % 3,
  impressions: n * 5,
  dwellMs: n * 900,
  dwells: n,
  moderation: (n % 4) / 4,
})

const idOf = (n: number) => String(BigInt(n) * 0x1_0000_0001n + 5n)

function columnsOf(id: Id): IdColumns {
  const { hi, lo } = halvesOf(id)
  return { count: 1, postHi: Uint32Array.of(hi), postLo: Uint32Array.of(lo) }
}

function findIn(table: ReturnType<typeof createFeatureTable>, n: number, notBefore = 0): number {
  const place = new Int32Array(1)
  table.find(columnsOf(idOf(n)), notBefore, place)
  return place[0]!
}

test('of a post that is there its own features are found, of another one none', () => {
  const step = fc.record({ post: fc.nat(3000), isPut: fc.boolean(), count: fc.constantFrom(1, 1, 1, 700) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const table = createFeatureTable()
      const places = new Map<number, number>()
      const columns = createCandidateColumns(1)
      const pointed = createCandidateColumns(1)
      pointed.count = 1
      for (const { post, isPut, count } of steps)
        for (let n = post; n < post + count; n++) {
          const place = places.get(n)
          const { hi, lo } = halvesOf(idOf(n))
          if (isPut && place === undefined) places.set(n, table.put(hi, lo, postOf(n), 7))
          if (!isPut && place !== undefined) table.remove(place)
          if (!isPut) places.delete(n)
        }
      for (let n = 0; n < 3700; n++) {
        const place = findIn(table, n)
        assert.equal(place, places.get(n) ?? nowhere)
        if (place === nowhere) continue
        table.copy(place, columns, 0)
        const { kind, seconds, quality, features, hashtags, attention } = postOf(n)
        assert.deepEqual([columns.kind[0], columns.seconds[0], columns.quality[0]], [kind, seconds, quality])
        const shown = Array.from(features).filter((key) => key !== 0)
        assert.deepEqual(Array.from(columns.features.subarray(0, shown.length)), shown)
        if (shown.length < featuresPerPost) assert.equal(columns.features[shown.length], 0)
        table.pointAt(Int32Array.of(nowhere, place), Uint16Array.of(1), pointed)
        assert.deepEqual([pointed.kind[0], pointed.seconds[0], pointed.quality[0]], [kind, seconds, quality])
        const from = pointed.featuresAt[0]!
        assert.deepEqual(pointed.features.slice(from, from + featuresPerPost), features)
        assert.deepEqual(table.hashtagsAt(place), hashtags)
        assert.equal(table.likesAt(place), attention.likes)
        assert.deepEqual(table.read(place), postOf(n))
      }
    }),
    { numRuns: 30 },
  )
})

test('what was put there too long ago is not found, and what is counted makes it another quality', () => {
  const table = createFeatureTable()
  const { hi, lo } = halvesOf(idOf(1))
  const place = table.put(hi, lo, postOf(1), 10)
  assert.equal(findIn(table, 1, 10), place)
  assert.equal(findIn(table, 1, 11), nowhere)
  const columns = createCandidateColumns(1)
  for (const by of [3, -1, -9]) {
    const { attention } = table.read(place)
    table.count(place, 'likes', by)
    const likes = Math.max(0, attention.likes + by)
    assert.deepEqual(table.read(place).attention, { ...attention, likes })
    table.copy(place, columns, 0)
    assert.equal(columns.quality[0], Math.fround(qualityOf({ ...attention, likes })))
  }
})
