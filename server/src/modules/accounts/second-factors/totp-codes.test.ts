import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTotpSecret, describeTotp, totpStepOf } from './totp-codes.ts'

/** Appendix B of RFC 6238, SHA-1: the last six of the eight digits. */
const secret = Buffer.from('12345678901234567890')
const vectors = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
] as const

test('codes are those of RFC 6238', () => {
  for (const [seconds, code] of vectors)
    assert.equal(totpStepOf(secret, code, seconds * 1000), Math.floor(seconds / 30), String(seconds))
})

test('a code is good in its own step and those beside it, and in no other', () => {
  const [seconds, code] = vectors[3]
  const stepAt = (shift: number) => totpStepOf(secret, code, (seconds + shift) * 1000)
  const step = Math.floor(seconds / 30)
  assert.deepEqual([-60, -30, 0, 30, 60].map(stepAt), [null, step, step, step, null])
  assert.equal(totpStepOf(createTotpSecret(), code, seconds * 1000), null)
})

test('apps are told the secret, whose it is and where it is for', () => {
  const { secret: text, uri } = describeTotp(secret, { issuer: 'photos.example', label: 'ada' })
  assert.equal(text, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  assert.match(uri, /^otpauth:\/\/totp\/photos\.example:ada\?issuer=photos\.example&secret=GEZDG/)
})
