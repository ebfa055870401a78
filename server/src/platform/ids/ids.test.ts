import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  BUCKETS,
  bucketOf,
  bucketOfName,
  compareIds,
  EPOCH,
  idAt,
  isId,
  maxId,
  maxIdAt,
  minIdAt,
  sequenceOf,
  slotOf,
  timeOf,
} from './ids.ts'

const parts = fc.record({
  ms: fc.integer({ min: EPOCH, max: EPOCH + 2 ** 41 - 1 }),
  bucket: fc.integer({ min: 0, max: 1023 }),
  slot: fc.integer({ min: 0, max: 127 }),
  sequence: fc.integer({ min: 0, max: 31 }),
})
const idOf = (p: { ms: number; bucket: number; slot: number; sequence: number }) =>
  idAt(p.ms, p.bucket, p.slot, p.sequence)

test('an id tells when and where it was drawn', () => {
  fc.assert(
    fc.property(parts, (p) => {
      const id = idOf(p)
      assert.deepEqual(
        { ms: timeOf(id), bucket: bucketOf(id), slot: slotOf(id), sequence: sequenceOf(id) },
        { ...p },
      )
    }),
  )
})

test('an id never turns negative and fits a bigint column', () => {
  fc.assert(
    fc.property(parts, (p) => {
      const value = BigInt(idOf(p))
      assert.ok(value >= 0n && value <= BigInt(maxId))
    }),
  )
  assert.ok(new Date(timeOf(maxId)).getUTCFullYear() >= 2093)
})

test('decimal strings compare as the numbers they are', () => {
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const [x, y] = [idOf(a), idOf(b)]
      const expected = BigInt(x) < BigInt(y) ? -1 : BigInt(x) > BigInt(y) ? 1 : 0
      assert.equal(Math.sign(compareIds(x, y)), expected)
      if (a.ms < b.ms) assert.ok(compareIds(x, y) < 0)
    }),
  )
})

test('the bounds of a moment hold every id of it and none of another', () => {
  fc.assert(
    fc.property(parts, (p) => {
      const id = idOf(p)
      assert.ok(compareIds(minIdAt(p.ms), id) <= 0)
      assert.ok(compareIds(id, maxIdAt(p.ms)) <= 0)
      if (p.ms > EPOCH) assert.ok(compareIds(maxIdAt(p.ms - 1), id) < 0)
    }),
  )
})

test('moments before the epoch and far ahead meet the nearest end', () => {
  assert.equal(minIdAt(0), '0')
  assert.equal(maxIdAt(Number.MAX_SAFE_INTEGER), maxId)
})

test('what is out of range makes no id', () => {
  assert.throws(() => idAt(EPOCH - 1, 0, 0, 0), RangeError)
  assert.throws(() => idAt(Number.NaN, 0, 0, 0), RangeError)
  for (const bad of [-1, BUCKETS, 0.5]) assert.throws(() => idAt(EPOCH, bad, 0, 0), RangeError)
  assert.throws(() => idAt(EPOCH, 0, 128, 0), RangeError)
  assert.throws(() => idAt(EPOCH, 0, 0, 32), RangeError)
})

test('only the one written form is an id', () => {
  for (const good of ['0', '1', maxId]) assert.ok(isId(good))
  for (const bad of [
    '',
    '01',
    '-1',
    '1.0',
    '1e3',
    ' 1',
    '9223372036854775808',
    '99999999999999999999',
    1,
    null,
  ]) {
    assert.ok(!isId(bad), String(bad))
  }
})

test('names spread over all buckets and keep their place for ever', () => {
  const counts = new Array<number>(BUCKETS).fill(0)
  for (let i = 0; i < 102_400; i++) counts[bucketOfName(`person.${i}`)]!++
  assert.ok(Math.min(...counts) > 50, `fewest ${Math.min(...counts)}`)
  assert.ok(Math.max(...counts) < 160, `most ${Math.max(...counts)}`)
  // Claims are stored under these numbers: a change of the hash would lose every account.
  assert.deepEqual(['', 'maya', 'jürgen', '#sunset'].map(bucketOfName), [257, 721, 198, 273])
})
