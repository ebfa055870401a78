import type { Log } from '#platform/telemetry/log.ts'
import type { Lane } from './lanes.ts'

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
