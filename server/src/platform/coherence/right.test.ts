import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRight } from './right.ts'

function createWorld() {
  const clocks = { monotonic: 1000, wall: 5_000_000 }
  const right = createRight(2000, { monotonic: () => clocks.monotonic, wall: () => clocks.wall })
  const pass = (ms: number) => {
    clocks.monotonic += ms
    clocks.wall += ms
  }
  return { clocks, right, pass }
}

test('a right never outlasts the moment before the question by more than its time, however long the answer took', () => {
  const { right, pass } = createWorld()
  assert.equal(right.holds(), false)
  const since = right.begin()
  pass(1500)
  right.grant(since)
  assert.equal(right.holds(), true)
  pass(499)
  assert.equal(right.holds(), true)
  pass(1)
  assert.equal(right.holds(), false)
  const slow = right.begin()
  pass(2000)
  right.grant(slow)
  assert.equal(right.holds(), false)
})

test('a machine that slept, or a clock that was set, never makes it longer', () => {
  const { clocks, right } = createWorld()
  right.grant(right.begin())
  clocks.wall += 60_000
  assert.equal(right.holds(), false, 'the monotonic clock stood still')
  right.grant(right.begin())
  clocks.wall -= 3_600_000
  clocks.monotonic += 2000
  assert.equal(right.holds(), false)
})

test('what was asked before it was withdrawn is not granted after', () => {
  const { right, pass } = createWorld()
  const since = right.begin()
  pass(10)
  right.withdraw()
  right.grant(since)
  assert.equal(right.holds(), false)
  pass(10)
  right.grant(right.begin())
  assert.equal(right.holds(), true)
})
