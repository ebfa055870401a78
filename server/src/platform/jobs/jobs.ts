import type { Log } from '#platform/telemetry/log.ts'

/** fresh: what a person waits for; default: what follows; bulk: back-fills and nightly work. */
export type Lane = 'fresh' | 'default' | 'bulk'

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

export interface LaneDepth {
  lane: Lane
  /** Due or running. */
  waiting: number
  /** For later. */
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
  enqueueMany(
    items: readonly { name: string; payload: JobPayload; options?: EnqueueOptions }[],
  ): Promise<void>
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
  /** Lets running jobs finish for a while, hands the others back. */
  stop(): Promise<void>
  /** Tests: relays everything and runs all due jobs until none is left. */
  drain(): Promise<void>
  depth(): Promise<LaneDepth[]>
  failed(limit?: number): Promise<FailedJob[]>
  retry(id: string): Promise<boolean>
}

/** Thrown by a job: trying again cannot help. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure'
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
