import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSealedSecrets } from './sealed-secrets.ts'

const secrets = createSealedSecrets([Buffer.alloc(32, 7)])
const secret = Buffer.from('twenty bytes, secret')

test('what was sealed for one account opens for that one alone', () => {
  const sealed = secrets.seal('7', secret)
  assert.deepEqual(secrets.open('7', sealed), secret)
  assert.throws(() => secrets.open('8', sealed))
  assert.throws(() => createSealedSecrets([Buffer.alloc(32, 8)]).open('7', sealed))
})

test('no byte can be changed, and no two seals of one secret are alike', () => {
  const sealed = secrets.seal('7', secret)
  assert.notDeepEqual(secrets.seal('7', secret), sealed)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at]! ^= 1
    assert.throws(() => secrets.open('7', changed), `byte ${at}`)
  }
})

test('what was sealed with the key of before opens, is sealed anew once, and then no more with that', () => {
  const before = secrets.seal('7', secret)
  const both = createSealedSecrets([Buffer.alloc(32, 8), Buffer.alloc(32, 7)])
  assert.deepEqual(both.open('7', before), secret)
  const anew = both.reseal('7', before)
  assert.ok(anew)
  assert.equal(both.reseal('7', anew), null)
  assert.deepEqual(createSealedSecrets([Buffer.alloc(32, 8)]).open('7', anew), secret)
  assert.throws(() => secrets.open('7', anew))
})
