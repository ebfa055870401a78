// A thread that does nothing but argon2id, one task after the other: see hashing-threads.ts.
import { getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashRawSync, hashSync, verifySync } from '@node-rs/argon2'
import type { HashingAnswer, HashingTask } from './hashing-threads.ts'

/**
 * Whoever reads a page goes before whoever waits for a hash, and a hash still goes before films and back-fills. Readers' p99 beside
 * sign-ins is 0.9 to 1.2 times of idle with 5, 0.9 to 2 with 2, 1.5 to 1.8 with 0; sign-ins are some percent fewer (bench "accounts").
 */
const niceness = 5
const lowest = 19

// Of this thread alone, which Linux has and others have not: there it would be the whole process.
if (process.platform === 'linux') setPriority(Math.min(lowest, getPriority() + niceness))

parentPort!.on('message', (task: HashingTask) => {
  parentPort!.postMessage(answerTo(task))
})

function answerTo(task: HashingTask): HashingAnswer {
  try {
    return { value: work(task) }
  } catch (error) {
    return { error }
  }
}

function work(task: HashingTask) {
  if (task.kind === 'verify') return verifySync(task.hash, task.secret)
  if (task.kind === 'hash') return hashSync(task.secret, task.cost)
  return hashRawSync(task.secret, { ...task.cost, salt: task.salt })
}
