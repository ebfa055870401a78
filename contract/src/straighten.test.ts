import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boxAround, type Frame, straightenedFrame } from './straighten.ts'

const side = fc.integer({ min: 2, max: 8000 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const turned = fc.record({
  picture: fc.record({ width: side, height: side }),
  at: fc.tuple(share, share),
  size: fc.tuple(
    fc.double({ min: 0.01, max: 1, noNaN: true }),
    fc.double({ min: 0.01, max: 1, noNaN: true }),
  ),
  degrees: fc.integer({ min: -50, max: 50 }).map((half) => half / 2),
})

function frameOf({
  picture,
  at,
  size,
}: {
  picture: { width: number; height: number }
  at: [number, number]
  size: [number, number]
}): Frame {
  const [width, height] = [size[0] * picture.width, size[1] * picture.height]
  return { left: at[0] * (picture.width - width), top: at[1] * (picture.height - height), width, height }
}

test('no corner of a straightened frame is empty, and it keeps its shape and its middle', () => {
  fc.assert(
    fc.property(turned, (given) => {
      const { picture, degrees } = given
      const frame = frameOf(given)
      const shown = straightenedFrame(picture, frame, degrees)
      const box = boxAround(shown, degrees)
      const slack = 1e-6 * Math.max(picture.width, picture.height)
      assert.ok(box.left >= -slack && box.left + box.width <= picture.width + slack)
      assert.ok(box.top >= -slack && box.top + box.height <= picture.height + slack)
      assert.ok(Math.abs(shown.width / shown.height / (frame.width / frame.height) - 1) < 1e-9)
      assert.ok(Math.abs(shown.left + shown.width / 2 - frame.left - frame.width / 2) < slack)
    }),
  )
})

test('without a turn the frame is what it was, and left is like right', () => {
  fc.assert(
    fc.property(turned, (given) => {
      const frame = frameOf(given)
      assert.deepEqual(straightenedFrame(given.picture, frame, 0).width, frame.width)
      assert.deepEqual(
        straightenedFrame(given.picture, frame, given.degrees),
        straightenedFrame(given.picture, frame, -given.degrees),
      )
    }),
  )
})

test('a frame in the middle with room around it is not made smaller', () => {
  const frame = { left: 400, top: 400, width: 200, height: 200 }
  assert.deepEqual(straightenedFrame({ width: 1000, height: 1000 }, frame, 25), frame)
})
