import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHashingThreads } from './hashing-threads.ts'

const cost = { memoryCost: 8, timeCost: 1, parallelism: 1 }

test('what argon2id refuses fails for whoever asked it, and for nobody behind them', async () => {
  const threads = createHashingThreads({ size: 1 })
  const hash = await threads.hash('a password', cost)
  const asked = await Promise.allSettled([
    threads.verify('a password', 'no hash of ours'),
    threads.verify('a password', hash),
    threads.verify('another one', hash),
    threads.hash('a password', { ...cost, memoryCost: 1 }),
    threads.verify('a password', hash),
  ])
  assert.deepEqual(
    asked.map((one) => (one.status === 'fulfilled' ? one.value : 'refused')),
    ['refused', true, false, 'refused', true],
  )
})

test('nobody waits for ever for a thread that has ended, and the next ones get another', async () => {
  const file = new URL('./hashing-threads.child.ts', import.meta.url)
  const threads = createHashingThreads({ size: 1, file })
  const words = ['right', 'end', 'right', 'right', 'wrong', 'end', 'right']
  const asked = await Promise.allSettled(words.map((word) => threads.verify(word, '')))
  const became = asked.map((one) => (one.status === 'fulfilled' ? one.value : 'refused'))
  // Each that ended took the one with it that it had been given already.
  assert.deepEqual(became, [true, 'refused', 'refused', true, false, 'refused', 'refused'])
  assert.equal(await threads.verify('right', ''), true)
})
