import { Worker } from 'node:worker_threads'

export interface HashingCost {
  memoryCost: number
  timeCost: number
  parallelism: number
}

interface Verify {
  kind: 'verify'
  secret: string
  hash: string
}

interface Hash {
  kind: 'hash'
  secret: string
  cost: HashingCost
}

/** With a salt of one's own, and without the letters that say how it was made. */
interface HashRaw {
  kind: 'raw'
  secret: string
  cost: HashingCost
  salt: Uint8Array
}

export type HashingTask = Verify | Hash | HashRaw
export type HashingAnswer = { value: boolean | string | Uint8Array } | { error: unknown }

/**
 * Threads of their own for argon2id. What waits for one lies in its queue already, so that it begins the next hash in the
 * moment in which it has ended the last: a lane that the event loop refills stands empty while that is busy with the rest
 * of the sign-ins. They give way to whoever reads, and the threads that files wait for are left alone.
 */
export interface HashingThreads {
  verify(secret: string, hash: string): Promise<boolean>
  hash(secret: string, cost: HashingCost): Promise<string>
  hashRaw(secret: string, cost: HashingCost, salt: Uint8Array): Promise<Buffer>
}

interface Waiting {
  task: HashingTask
  resolve(value: boolean | string | Uint8Array): void
  reject(error: unknown): void
}

interface Thread {
  worker: Worker
  /** The first of them is being worked on; answers come in their order. */
  given: Waiting[]
}

/** One that is worked on, and one that follows without a pause; the rest goes to whichever is free first. */
const givenMax = 2
/** It holds next to nothing: what argon2id needs is not of V8's. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 }
const threadFile = new URL('./hashing-thread.ts', import.meta.url)

/** Started when they are first needed; while nothing is asked of them they keep no process from ending. */
export function createHashingThreads({
  size,
  file = threadFile,
}: {
  size: number
  file?: URL
}): HashingThreads {
  const threads = new Set<Thread>()
  const queue: Waiting[] = []

  function start(): Thread {
    const worker = new Worker(file, { resourceLimits, execArgv: [] })
    const thread: Thread = { worker, given: [] }
    threads.add(thread)
    worker.unref()
    worker.on('message', (answer: HashingAnswer) => {
      const { resolve, reject } = thread.given.shift()!
      if (thread.given.length === 0) worker.unref()
      if ('error' in answer) reject(answer.error)
      else resolve(answer.value)
      give()
    })
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    // Whoever waited for this one asks again; the next task gets a new one.
    worker.on('exit', () => {
      threads.delete(thread)
      for (const { reject } of thread.given.splice(0)) reject(new Error('A hashing thread ended', { cause }))
      give()
    })
    return thread
  }

  function choose(): Thread | undefined {
    const [freest] = [...threads].toSorted((one, other) => one.given.length - other.given.length)
    if (threads.size < size && freest?.given.length !== 0) return start()
    return freest && freest.given.length < givenMax ? freest : undefined
  }

  function give(): void {
    while (queue.length > 0) {
      const thread = choose()
      if (!thread) return
      const one = queue.shift()!
      thread.given.push(one)
      thread.worker.ref()
      thread.worker.postMessage(one.task)
    }
  }

  const ask = <T extends boolean | string | Uint8Array>(task: HashingTask) =>
    new Promise<T>((resolve, reject) => {
      queue.push({ task, resolve: resolve as Waiting['resolve'], reject })
      give()
    })

  return {
    verify: (secret, hash) => ask<boolean>({ kind: 'verify', secret, hash }),
    hash: (secret, cost) => ask<string>({ kind: 'hash', secret, cost }),
    hashRaw: async (secret, cost, salt) =>
      Buffer.from(await ask<Uint8Array>({ kind: 'raw', secret, cost, salt })),
  }
}
