import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clampRatio, cropOf, shownCropRatio, viewOf } from './crop-geometry.ts'

const sides = fc.integer({ min: 1, max: 20_000 })
const picture = fc.record({ width: sides, height: sides })
const view = fc.record({
  centerX: fc.double({ min: -1, max: 2, noNaN: true }),
  centerY: fc.double({ min: -1, max: 2, noNaN: true }),
  zoom: fc.double({ min: 0, max: 10, noNaN: true }),
})
const ratio = fc.double({ min: 0.8, max: 1.91, noNaN: true })

test('a crop never leaves the picture and always has the shape of its frame', () => {
  fc.assert(
    fc.property(picture, ratio, view, (sized, frame, looked) => {
      const crop = cropOf(sized, frame, looked)
      assert.ok(crop.x >= 0 && crop.y >= 0 && crop.width > 0 && crop.height > 0)
      assert.ok(crop.x + crop.width <= 1 + 1e-9 && crop.y + crop.height <= 1 + 1e-9)
      const shape = (crop.width * sized.width) / (crop.height * sized.height)
      assert.ok(Math.abs(shape / frame - 1) < 1e-6)
    }),
  )
})

test('a crop that is opened again shows the same part', () => {
  fc.assert(
    fc.property(picture, ratio, view, (sized, frame, looked) => {
      const crop = cropOf(sized, frame, looked)
      const again = cropOf(sized, frame, viewOf(sized, crop))
      for (const key of ['x', 'y', 'width', 'height'] as const)
        assert.ok(Math.abs(crop[key] - again[key]) < 1e-6)
    }),
  )
})

test('without a crop the shape is the nearest allowed one', () => {
  assert.equal(shownCropRatio({ width: 3000, height: 1000, crop: null }), 1.91)
  assert.equal(shownCropRatio({ width: 1000, height: 3000, crop: null }), 0.8)
  assert.equal(clampRatio(1.5), 1.5)
})
