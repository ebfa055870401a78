import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocalCache } from './cache.ts'
import { cacheSuite } from './cache-suite.ts'

cacheSuite('local cache', async () => {
  let now = 1000
  return {
    cache: createLocalCache({ maxEntries: 100, now: () => now }),
    pass: async (ms) => {
      now += ms
    },
    close: async () => {},
  }
})

test('the local cache is bounded by entries: the least used goes', async () => {
  const cache = createLocalCache({ maxEntries: 2 })
  await cache.set('a', 1, 1000)
  await cache.set('b', 2, 1000)
  await cache.get('a')
  await cache.set('c', 3, 1000)
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key))), [1, undefined, 3])
})

test('the local cache is bounded by size', async () => {
  const cache = createLocalCache({ maxEntries: 1000, maxUnits: 1000 })
  for (let i = 0; i < 20; i += 1) await cache.set(`key${i}`, 'x'.repeat(100), 1000)
  const found = await Promise.all(Array.from({ length: 20 }, (_, i) => cache.get(`key${i}`)))
  const kept = found.filter((value) => value !== undefined).length
  assert.ok(kept > 0 && kept < 10, `${kept} kept`)
})
