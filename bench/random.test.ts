import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRandom, createSampler, powerLaw } from './random.ts'

describe('seeded numbers', () => {
  it('are the same for a seed, and others for another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed).next)
    assert.deepEqual(draw(7), draw(7))
    assert.notDeepEqual(draw(7), draw(8))
  })

  it('fill their range, and the normal ones have mean 0 and deviation 1', () => {
    const random = createRandom(1)
    const even = Array.from({ length: 20_000 }, random.next)
    assert.ok(even.every((value) => value >= 0 && value < 1))
    const normal = Array.from({ length: 20_000 }, random.normal)
    const mean = normal.reduce((sum, value) => sum + value, 0) / normal.length
    const variance = normal.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normal.length
    assert.ok(Math.abs(mean) < 0.03, String(mean))
    assert.ok(Math.abs(variance - 1) < 0.05, String(variance))
  })

  it('come as often as their weights say', () => {
    const weights = [...powerLaw(4, 1, 1), 0]
    const random = createRandom(3)
    const sample = createSampler(weights)
    const drawn = new Array<number>(weights.length).fill(0)
    for (let i = 0; i < 50_000; i++) drawn[sample(random)]!++
    const sum = weights.reduce((a, b) => a + b, 0)
    for (const [i, weight] of weights.entries())
      assert.ok(Math.abs(drawn[i]! / 50_000 - weight / sum) < 0.01, `${i}: ${drawn[i]}`)
  })
})
