import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createToken, readToken } from './session-tokens.ts'

test('a token leads back to its account and its hash', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: (1n << 63n) - 1n }), (id) => {
      const { token, hash } = createToken(id.toString())
      assert.deepEqual(readToken(token), { userId: id.toString(), hash })
    }),
  )
})

test('what is no token is refused without an error', () => {
  const { token } = createToken('123456789')
  for (const wrong of ['', 'x', `${token}A`, token.slice(1), `${token.slice(0, -1)}=`, 'é'.repeat(54)]) {
    assert.equal(readToken(wrong), null, wrong)
  }
  assert.equal(readToken(Buffer.alloc(40, 255).toString('base64url')), null)
  fc.assert(
    fc.property(fc.string(), (text) => {
      readToken(text)
    }),
  )
})

test('another spelling of the last letter is not a second token', () => {
  const { token } = createToken('5')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1)!)
  for (let bits = 0; bits < 64; bits++) {
    const spelling = token.slice(0, -1) + alphabet[bits]
    const read = readToken(spelling)
    if (bits === last) assert.ok(read)
    else if (bits >> 2 === last >> 2) assert.equal(read, null)
  }
})
