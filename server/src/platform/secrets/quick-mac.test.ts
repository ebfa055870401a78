import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createQuickMac } from './quick-mac.ts'

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: 'max' }).map((array) => Buffer.from(array))

test('is never another than HMAC-SHA-256, of any key, length and number of parts', () => {
  fc.assert(
    fc.property(
      bytes(64),
      fc.array(fc.array(fc.oneof(bytes(100), bytes(9000)), { maxLength: 3 }), { maxLength: 4 }),
      (key, messages) => {
        const mac = createQuickMac(key)
        for (const parts of messages)
          assert.deepEqual(mac(...parts), createHmac('sha256', key).update(Buffer.concat(parts)).digest())
      },
    ),
  )
  assert.throws(() => createQuickMac(Buffer.alloc(65)), RangeError)
})
