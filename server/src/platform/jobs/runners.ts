import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type JobHelpers, parseCronItems, type Runner, run, runOnce, type TaskList } from 'graphile-worker'
import type pg from 'pg'
import type { Log } from '#platform/telemetry/log.ts'
import type { JobPayload } from './job-types.ts'
import { type Lane, lanes } from './lanes.ts'
import { PermanentFailure } from './permanent-failure.ts'
import { createQueueLogger } from './queue-log.ts'
import { type AnyTask, asError, type Definitions } from './tasks.ts'
import type { Watchdog } from './watchdog.ts'

export interface Runners {
  start(): Promise<void>
  stop(): Promise<void>
  /** Runs in this process what is due now; or, when runners run, waits a moment for them. */
  runDue(): Promise<void>
}

export interface RunnersOptions {
  pool: pg.Pool
  definitions: Definitions
  cron: ReadonlyMap<string, string>
  watchdog: Watchdog
  log: Log
  concurrency: Partial<Record<Lane, number>>
  stopWithinMs: number
  interruptAfterMs: number
}

export function createRunners(given: RunnersOptions): Runners {
  const { watchdog, log, stopWithinMs } = given
  const options: Running = { ...given, abandoned: new AbortController() }
  const live = new Set<LaneRunner>()
  return {
    async start() {
      await watchdog.start()
      for (const lane of lanes) live.add(await startLane(lane, options))
    },
    async stop() {
      const ending = Promise.all([...live].map((lane) => lane.stop()))
      const late = sleep(stopWithinMs, 'late', { ref: false })
      if ((await Promise.race([ending, late])) === 'late') {
        log.warn('Some jobs did not end in time; they will run again')
        options.abandoned.abort()
        await watchdog.unlockOwn()
      }
      live.clear()
      await watchdog.stop()
    },
    async runDue() {
      if (live.size > 0) await sleep(20)
      else await runAllOnce(options)
    },
  }
}

interface Running extends RunnersOptions {
  /** Aborted when jobs that still run are left to themselves: what becomes of them counts no more. */
  abandoned: AbortController
}

interface LaneRunner {
  stop(): Promise<void>
}

const PAUSE_AFTER_FAILURE_MS = 1000

/** A runner ends itself when the database goes away under it; it is started again until it shall stop. */
async function startLane(lane: Lane, options: Running): Promise<LaneRunner> {
  const { definitions, log } = options
  let stopping = false
  let runner: Runner | undefined
  const names = [...definitions].filter(([, task]) => task.lane === lane).map(([name]) => name)
  if (names.length === 0) return { stop: async () => undefined }

  const keepRunning = async () => {
    while (!stopping) {
      await runner?.promise.catch(() => undefined)
      if (stopping) return
      log.warn({ lane }, 'The jobs of a lane stopped; starting them again')
      await sleep(PAUSE_AFTER_FAILURE_MS, undefined, { ref: false })
      if (stopping) return
      runner = await open(lane, names, options).catch((error) => {
        log.warn({ lane, err: error }, 'The jobs of a lane cannot start yet')
        return undefined
      })
      // Told to stop in between: nobody else knows of this one, and the end would wait for its connection.
      if (stopping) await runner?.stop().catch(() => undefined)
    }
  }
  runner = await open(lane, names, options)
  const running = keepRunning()
  return {
    async stop() {
      stopping = true
      await runner?.stop().catch(() => undefined)
      await running
    },
  }
}

async function open(lane: Lane, names: readonly string[], options: Running): Promise<Runner> {
  const { pool, cron, watchdog, log } = options
  const own = new Set(names)
  const items = [...cron].filter(([name]) => own.has(name))
  const runner = await run({
    pgPool: pool,
    logger: createQueueLogger(log),
    noHandleSignals: true,
    events: watchdog.events,
    taskList: taskListOf(names, options),
    parsedCronItems: parseCronItems(
      items.map(([task, match]) => ({
        task,
        match,
        options: {
          backfillPeriod: 0,
          jobKey: `every:${task}`,
          maxAttempts: options.definitions.get(task)!.maxAttempts,
        },
      })),
    ),
    preset: {
      worker: {
        ...settings[lane],
        concurrentJobs: options.concurrency[lane] ?? settings[lane].concurrentJobs,
        gracefulShutdownAbortTimeout: options.interruptAfterMs,
      },
    },
  })
  // Jobs of a worker that is killed before it stands in the list would wait for the end of a lease.
  await watchdog.announced()
  return runner
}

/**
 * A fresh job is fetched when a worker is free for it and not before: what one process has reserved cannot be taken
 * by another, and a person is waiting. The default lane has many small jobs and saves round trips.
 */
const settings = {
  fresh: { concurrentJobs: availableParallelism(), pollInterval: 1000 },
  clip: { concurrentJobs: 1, pollInterval: 1000 },
  video: { concurrentJobs: 1, pollInterval: 1000 },
  // Most of what these do is waiting.
  push: { concurrentJobs: 16, pollInterval: 1000, localQueue: { size: 16, ttl: 30_000 } },
  default: {
    concurrentJobs: 4,
    pollInterval: 1000,
    localQueue: { size: 16, ttl: 30_000 },
    completeJobBatchDelay: 5,
    failJobBatchDelay: 5,
  },
  bulk: { concurrentJobs: 1, pollInterval: 2000 },
}

async function runAllOnce(options: Running): Promise<void> {
  await runOnce({
    pgPool: options.pool,
    logger: createQueueLogger(options.log),
    noHandleSignals: true,
    taskList: taskListOf([...options.definitions.keys()], options),
    preset: { worker: { concurrentJobs: 4 } },
  })
}

function taskListOf(names: readonly string[], options: Running): TaskList {
  return Object.fromEntries(
    names.map((name) => [
      name,
      (payload: unknown, helpers: JobHelpers) =>
        runTask(name, options.definitions.get(name)!, payload as JobPayload, helpers, options),
    ]),
  )
}

async function runTask(
  name: string,
  task: AnyTask,
  payload: JobPayload,
  { job, abortSignal }: JobHelpers,
  { watchdog, abandoned, log: parent }: Running,
): Promise<void> {
  const log = parent.child({ job: name, jobId: job.id, attempt: job.attempts })
  try {
    await task.run(payload, { attempt: job.attempts, signal: abortSignal, log })
    if (abandoned.signal.aborted) await never()
  } catch (thrown) {
    if (abandoned.signal.aborted) await never()
    const error = asError(thrown)
    const isLast = error instanceof PermanentFailure || job.attempts >= job.max_attempts
    if (isLast) {
      log.error({ err: error }, 'A job was given up')
      await watchdog.giveUp({ id: String(job.id), name, payload }, error)
    } else if (abortSignal?.aborted) {
      log.info('The stop interrupted a job; it will run again')
    } else {
      log.warn({ err: error }, 'A job failed and will be tried again')
    }
    throw error
  }
}

/** The queue's connections are closed: a job that ends now must not try to say so. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}
