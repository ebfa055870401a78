import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { halvesOf, idOf, keyOf, sinceEpochOf } from './id-halves.ts'
import { compareIds, maxId } from './ids.ts'

const id = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String)

test('ids in halves come back as they were, in the same order and with their time', () => {
  fc.assert(
    fc.property(id, id, (a, b) => {
      const [one, other] = [halvesOf(a), halvesOf(b)]
      assert.equal(idOf(one.hi, one.lo), a)
      assert.equal(sinceEpochOf(one.hi, one.lo), Number(BigInt(a) >> 22n))
      const keys = keyOf(one.hi, one.lo) - keyOf(other.hi, other.lo) || one.lo - other.lo
      assert.equal(Math.sign(keys), Math.sign(compareIds(a, b)))
    }),
  )
  for (const each of ['0', '9', '999999999', '1000000000', '1000000001', maxId]) {
    const { hi, lo } = halvesOf(each)
    assert.equal(idOf(hi, lo), each)
  }
})
