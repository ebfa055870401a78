import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Cache } from './cache.ts'

export interface CacheUnderTest {
  cache: Cache
  /** Lets time pass for the cache. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** What every engine of the cache does. */
export function cacheSuite(
  name: string,
  create: (t: TestContext) => Promise<CacheUnderTest>,
  skip: string | false = false,
): void {
  const check = (title: string, work: (given: CacheUnderTest) => Promise<void>) =>
    test(`${name}: ${title}`, { skip }, async (t) => {
      const given = await create(t)
      try {
        await work(given)
      } finally {
        await given.close()
      }
    })

  check('what was set comes back, of every JSON kind', async ({ cache }) => {
    for (const value of [null, false, 0, '', 'é🌍', [1, [2]], { a: { b: null } }]) {
      await cache.set('key', value, 1000)
      assert.deepEqual(await cache.get('key'), value)
    }
  })

  check('what was never set is undefined', async ({ cache }) => {
    assert.equal(await cache.get('absent'), undefined)
  })

  check('nobody changes what another holds', async ({ cache }) => {
    const mine = { list: [1] }
    await cache.set('key', mine, 1000)
    mine.list.push(2)
    const first = await cache.get<typeof mine>('key')
    first?.list.push(3)
    assert.deepEqual(await cache.get('key'), { list: [1] })
  })

  check('deleted is gone, and deleting nothing is no error', async ({ cache }) => {
    await cache.set('key', 1, 1000)
    await cache.delete('key')
    await cache.delete('key')
    assert.equal(await cache.get('key'), undefined)
  })

  check('an entry lives as long as it was given and no longer', async ({ cache, pass }) => {
    await cache.set('short', 1, 200)
    await cache.set('long', 2, 60_000)
    await pass(300)
    assert.equal(await cache.get('short'), undefined)
    assert.equal(await cache.get('long'), 2)
  })

  check('setting again begins a new life', async ({ cache, pass }) => {
    await cache.set('key', 1, 200)
    await cache.set('key', 2, 60_000)
    await pass(300)
    assert.equal(await cache.get('key'), 2)
  })

  check('an entry without an end is refused', async ({ cache }) => {
    await assert.rejects(cache.set('key', 1, 0), RangeError)
    await assert.rejects(cache.set('key', 1, Number.NaN), RangeError)
    await assert.rejects(cache.set('key', undefined, 10), TypeError)
  })
}
