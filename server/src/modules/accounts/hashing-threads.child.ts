// A hashing thread that ends in the middle of its work when it is told to; for hashing-threads.test.ts.
import { parentPort } from 'node:worker_threads'
import type { HashingTask } from './hashing-threads.ts'

parentPort!.on('message', ({ secret }: HashingTask) => {
  if (secret === 'end') process.exit(1)
  parentPort!.postMessage({ value: secret === 'right' })
})
