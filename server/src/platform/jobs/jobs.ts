import { createPool } from '#platform/db/pools.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Lane } from './lanes.ts'
import { createQueue } from './queue.ts'
import { createRunners } from './runners.ts'
import { type Definitions, toTask } from './tasks.ts'
import { createWatchdog } from './watchdog.ts'

export { type Lane, lanes } from './lanes.ts'
export { PermanentFailure } from './permanent-failure.ts'

export type JobPayload = object

export interface JobContext {
  /** 1 for the first. */
  attempt: number
  /** Ends when the server stops. */
  signal: AbortSignal
  log: Log
}

export interface JobDefinition<P extends JobPayload> {
  lane: Lane
  maxAttempts: number
  /** Must bear being run twice, also at the same time. */
  run(payload: P, context: JobContext): Promise<void>
  /** After the last failure: puts the state that people see. Runs again until it has succeeded once. */
  exhausted?(payload: P, error: Error): Promise<void>
}

export interface EnqueueOptions {
  /** A waiting job of this key is replaced. */
  key?: string
  runAt?: Date
  /** Smaller runs first; default 0. */
  priority?: number
}

export interface NewJob {
  name: string
  payload: JobPayload
  options?: EnqueueOptions
}

export interface LaneDepth {
  lane: Lane
  /** Due or running. */
  waiting: number
  /** For later, retries included. */
  scheduled: number
  /** Given up. */
  failed: number
  /** How long the oldest due job has been waiting, in seconds. */
  oldestAge: number
}

export interface FailedJob {
  id: string
  task: string
  payload: JobPayload
  attempts: number
  error: string
  failedAt: Date
}

export interface Jobs {
  define<P extends JobPayload>(name: string, definition: JobDefinition<P>): void
  /** For the relay, jobs and the CLI; product transactions emit events instead. */
  enqueue(name: string, payload: JobPayload, options?: EnqueueOptions): Promise<void>
  enqueueMany(jobs: readonly NewJob[]): Promise<void>
  /** Only those whose key has no waiting or running job: such a job keeps its place and its attempts. */
  enqueueMissing(jobs: readonly (NewJob & { options: { key: string } })[]): Promise<void>
  /** A regular job by crontab rules (UTC): its work is `run`, or an already defined job of this name. */
  every(
    name: string,
    cron: string,
    run?: (context: JobContext) => Promise<void>,
    options?: { lane?: Lane; maxAttempts?: number },
  ): void
  /** Creates or updates the queue's own tables; before anything else. */
  prepare(): Promise<void>
  startRunners(): Promise<void>
  /** Lets running jobs finish for a while, hands the others back, and closes the connections. */
  stop(): Promise<void>
  /**
   * Tests: relays everything and runs all due jobs until none is left. `early` also runs what is set for later,
   * retries included.
   */
  drain(options?: { early?: boolean }): Promise<void>
  /** What `drain` does first in each round. */
  beforeDrain(work: () => Promise<void>): void
  depth(): Promise<LaneDepth[]>
  failed(limit?: number): Promise<FailedJob[]>
  /** False: there is no such failed job. */
  retry(id: string): Promise<boolean>
}

export interface JobsOptions {
  url: string
  log: Log
  concurrency?: Partial<Record<Lane, number>>
  /** How long running jobs may take to end when the server stops. */
  stopWithinMs?: number
  /** How long they may take before they are told to break off. */
  interruptAfterMs?: number
  /** How often the watchdog looks for what died. */
  watchEveryMs?: number
}

export function createJobs(options: JobsOptions): Jobs {
  const {
    url,
    log,
    concurrency = {},
    stopWithinMs = 20_000,
    interruptAfterMs = 5000,
    watchEveryMs = 5000,
  } = options
  const onError = (error: Error) => log.warn({ err: error }, "A connection to the jobs' database broke")
  const pool = createPool({ url, max: 14, name: 'heliograph-jobs', onError })
  const definitions: Definitions = new Map()
  const cron = new Map<string, string>()
  const queue = createQueue(pool, definitions)
  const watchdog = createWatchdog({ pool, queue, definitions, log, everyMs: watchEveryMs })
  const runners = createRunners({
    pool,
    definitions,
    cron,
    watchdog,
    log,
    concurrency,
    stopWithinMs,
    interruptAfterMs,
  })
  const drainHooks: (() => Promise<void>)[] = []
  let stopped: Promise<void> | undefined

  const define: Jobs['define'] = (name, definition) => {
    if (definitions.has(name)) throw new Error(`The job ${name} is defined twice`)
    definitions.set(name, toTask(definition))
  }

  return {
    define,
    enqueue: (name, payload, options) => queue.add([{ name, payload, options }]),
    enqueueMany: (jobs) => queue.add(jobs),
    async enqueueMissing(jobs) {
      const live = await queue.liveKeys(jobs.map((job) => job.options.key))
      await queue.add(jobs.filter((job) => !live.has(job.options.key)))
    },
    every(name, pattern, run, { lane = 'bulk', maxAttempts = 3 } = {}) {
      if (run) define(name, { lane, maxAttempts, run: (_payload, context) => run(context) })
      if (!definitions.has(name)) throw new Error(`The regular job ${name} is not defined`)
      cron.set(name, pattern)
    },
    async prepare() {
      await queue.prepare()
      await watchdog.prepare()
    },
    startRunners: runners.start,
    stop() {
      stopped ??= runners.stop().then(() => pool.end())
      return stopped
    },
    async drain({ early = false } = {}) {
      for (;;) {
        for (const hook of drainHooks) await hook()
        if (early) await queue.makeDue()
        if (!(await queue.hasDue())) return
        await runners.runDue()
      }
    },
    beforeDrain: (work) => void drainHooks.push(work),
    depth: () => queue.depth(),
    failed: (limit = 100) => queue.failed(limit),
    retry: (id) => queue.retry(id),
  }
}
