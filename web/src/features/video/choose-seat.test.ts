import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSeat, type Wish } from './choose-seat.ts'

const bid = (seat: string, share: number, wish: Wish = 'auto', offMiddle = 100) => ({
  seat,
  wish,
  view: { share, offMiddle },
})

test('the one most in view plays, and none that is less than half in view', () => {
  assert.equal(chooseSeat([bid('a', 0.6), bid('b', 0.9)]), 'b')
  assert.equal(chooseSeat([bid('a', 0.49), bid('b', 0.2)]), undefined)
  assert.equal(chooseSeat([]), undefined)
})

test('of two that are whole on the screen the one nearer to its middle plays', () => {
  assert.equal(chooseSeat([bid('a', 1, 'auto', 240), bid('b', 1, 'auto', 30)]), 'b')
})

test('what the person started plays before what would play by itself, while it is in view', () => {
  assert.equal(chooseSeat([bid('a', 0.5, 'play'), bid('b', 1)]), 'a')
  assert.equal(chooseSeat([bid('a', 0.3, 'play'), bid('b', 1)]), 'b')
})

test('what the person paused does not play again by itself', () => {
  assert.equal(chooseSeat([bid('a', 1, 'pause')]), undefined)
})
