import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resample } from './waveform.ts'

test('a short loud word is not lost between the bars, and silence is no bar', () => {
  const levels = Array.from({ length: 1000 }, (_, at) => (at === 501 ? 90 : 3))
  const shown = resample(levels)
  assert.equal(shown.length, 64)
  assert.equal(Math.max(...shown), 90)
  assert.deepEqual(
    resample([]),
    Array.from({ length: 64 }, () => 0),
  )
})

test('a note shorter than its bars fills all of them', () => {
  assert.deepEqual(resample([10, 20], 4), [10, 10, 20, 20])
})
