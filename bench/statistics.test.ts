import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRandom } from './random.ts'
import { interval95, isAbove, pairedInterval95 } from './statistics.ts'

describe('an interval', () => {
  it('is what a textbook says', () => {
    // Mean 5, deviation 2.138, of 8: t(7) = 2.365.
    const { mean, margin } = interval95([2, 4, 4, 4, 5, 5, 7, 9])
    assert.equal(mean, 5)
    assert.ok(Math.abs(margin - 1.788) < 0.001, String(margin))
  })

  it('of one run says nothing', () => {
    assert.equal(isAbove(interval95([1])), false)
  })

  it('holds the true mean 19 times of 20', () => {
    const random = createRandom(9)
    let held = 0
    for (let i = 0; i < 2000; i++) {
      const { mean, margin } = interval95(Array.from({ length: 20 }, () => 3 + random.normal()))
      if (Math.abs(mean - 3) <= margin) held++
    }
    assert.ok(Math.abs(held / 2000 - 0.95) < 0.015, String(held))
  })

  it('of pairs sees a small difference through what runs have in common', () => {
    const random = createRandom(4)
    const runs = Array.from({ length: 20 }, () => random.normal())
    const better = runs.map((run) => run + 0.1 + random.normal() * 0.01)
    assert.ok(isAbove(pairedInterval95(better, runs)))
    assert.ok(!isAbove(pairedInterval95(runs, runs)))
    assert.throws(() => pairedInterval95([1], [1, 2]), RangeError)
  })
})
