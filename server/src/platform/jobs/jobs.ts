import { createPool } from '#platform/db/pools.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Jobs } from './job-types.ts'
import type { Lane } from './lanes.ts'
import { createQueue } from './queue.ts'
import { createRunners } from './runners.ts'
import { type Definitions, toTask } from './tasks.ts'
import { createWatchdog } from './watchdog.ts'

export type {
  EnqueueOptions,
  FailedJob,
  JobContext,
  JobDefinition,
  JobPayload,
  Jobs,
  LaneDepth,
  NewJob,
} from './job-types.ts'
export { type Lane, lanes } from './lanes.ts'
export { PermanentFailure } from './permanent-failure.ts'

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
