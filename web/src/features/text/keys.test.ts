import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isComposing } from './keys.ts'

const key = (isComposing: boolean, keyCode: number) => ({ isComposing, keyCode }) as KeyboardEvent

test('the Enter that takes an input method’s word never sends, in Safari either', () => {
  assert.equal(isComposing(key(true, 13)), true)
  // Safari ends the composition first and tells the key after it.
  assert.equal(isComposing(key(false, 229)), true)
  assert.equal(isComposing(key(false, 13)), false)
})
