import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mainColor } from './main-color.ts'

test('what stands behind a picture before it is shared is no other colour than afterwards', () => {
  const paper = [229, 231, 214, 255]
  const ink = [20, 18, 12, 255]
  const pixels = new Uint8ClampedArray([...paper, ...ink, ...paper, ...ink, ...paper])
  assert.equal(mainColor(pixels), '#e8e8d8')
})
