import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measure, slowLine } from './network.ts'

test('the line is as slow as the last photographs were, and one alone does not turn it', () => {
  measure(500_000, 1000)
  assert.equal(slowLine.value, false)
  measure(20_000, 1000)
  assert.equal(slowLine.value, false)
  for (let at = 0; at < 6; at++) measure(20_000, 1000)
  assert.equal(slowLine.value, true)
})

test('thumbnails tell nothing about the line', () => {
  for (let at = 0; at < 50; at++) measure(900, 1)
  assert.equal(slowLine.value, true)
})
