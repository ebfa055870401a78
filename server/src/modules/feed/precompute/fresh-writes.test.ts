import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocalCache } from '#platform/cache/cache.ts'
import { createFreshWrites } from './fresh-writes.ts'

const cache = createLocalCache({ maxEntries: 10 })
const ttlMs = 60_000

test('what was forgotten while it was made never comes back with the write', async () => {
  const { write, forget } = createFreshWrites(cache)
  await write(['one', 'other'], async (set) => {
    await forget('one')
    for (const key of ['one', 'other']) await set(key, 'of before', ttlMs)
  })
  assert.equal(await cache.get('one'), undefined)
  assert.equal(await cache.get('other'), 'of before')
  await write(['one'], (set) => set('one', 'of now', ttlMs))
  assert.equal(await cache.get('one'), 'of now', 'the next one is made from what is now')
})

test('what was forgotten while it was written never stays, whichever the cache did first', async () => {
  const { write, forget } = createFreshWrites({
    ...cache,
    async set(key, value) {
      await forget(key)
      await cache.set(key, value, ttlMs)
    },
  })
  await write(['slow'], (set) => set('slow', 'of before', ttlMs))
  assert.equal(await cache.get('slow'), undefined)
})
