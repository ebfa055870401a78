import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesText } from './bytes-text.ts'

for (const [bytes, en, de] of [
  [0, '0 kB', '0 kB'],
  [1, '1 kB', '1 kB'],
  [900_000, '879 kB', '879 kB'],
  [1_600_000, '1.5 MB', '1,5 MB'],
  [52_428_800, '50 MB', '50 MB'],
  [5 * 1024 ** 3, '5 GB', '5 GB'],
  [5.25 * 1024 ** 3, '5.3 GB', '5,3 GB'],
  [3 * 1024 ** 4, '3 TB', '3 TB'],
] satisfies [number, string, string][])
  test(`${bytes} bytes are ${en}`, () => {
    const plain = (text: string) => text.replace(/\s/g, ' ')
    assert.equal(plain(bytesText(bytes, 'en')), en)
    assert.equal(plain(bytesText(bytes, 'de')), de)
  })
