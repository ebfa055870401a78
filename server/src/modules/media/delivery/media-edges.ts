import { performance } from 'node:perf_hooks'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { type Id, minIdAt, timeOf } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { createEdgeClient, type EdgeClient } from './media-edge-client.ts'
import { forgetRevocations, listEnded, listRevocations, type Revocations } from './media-revocations.ts'

/**
 * Ids are drawn before their transaction commits, so each round looks again at the last minute. An edge that lost its power
 * may also have lost what its file system had not written yet: less than a minute's marks.
 */
const lookBackMs = 60_000
const roundEveryMs = 500
/**
 * An edge serves from its cache for 1.5 s after it was vouched for. What is vouched for was read at most this long before, so
 * a revocation that cannot be told is in force after two seconds all the same.
 */
const vouchWithinMs = 500
const pageSize = 1000
const atOnce = 16

export interface Edges {
  start(): void
  stop(): Promise<void>
  /** Seconds since each edge was last vouched for, or since the start. */
  lags(): [name: string, seconds: number][]
}

export interface EdgesDeps {
  /** Internal listeners of the edges. */
  urls: readonly string[]
  key: Buffer
  revocations: Revocations
  database: Database
  jobs: Jobs
  clock: Clock
  log: Log
  metrics: Metrics
}

/** Keeps every edge told, each at its own pace; one that cannot be reached asks us about every address by then. */
export function createEdges(deps: EdgesDeps): Edges {
  const { urls, key, revocations, database, jobs, clock, metrics } = deps
  const edges = urls.map((url) => new Edge(createEdgeClient(url, key), deps))
  revocations.onRevoked(() => {
    for (const edge of edges) edge.wake()
  })
  jobs.every('media.forget_revocations', '50 * * * *', async ({ log }) => {
    for (;;) {
      const ended = await listEnded(database, new Date(clock.now()), pageSize)
      const marks = ended.map(({ mark }) => mark)
      const away = (await Promise.all(edges.map((edge) => edge.unmark(marks)))).filter((isDone) => !isDone)
      // Kept for the edges that cannot be reached: the next hour tries again.
      if (away.length > 0)
        return log.info({ edges: away.length }, 'marks that have ended are left at an edge')
      await forgetRevocations(
        database,
        ended.map(({ id }) => id),
      )
      if (ended.length < pageSize) return
    }
  })
  const lags = (): [string, number][] => edges.map((edge) => [edge.name, edge.lagSeconds()])
  if (edges.length > 0) {
    metrics.watchEach(
      'heliograph_edge_lag_seconds',
      'Time since an edge was last told that it knows every revocation; above 2 it asks about every picture.',
      'edge',
      lags,
    )
  }
  return {
    lags,
    start() {
      for (const edge of edges) edge.start()
    },
    async stop() {
      await Promise.all(edges.map((edge) => edge.stop()))
    },
  }
}

class Edge {
  readonly #client: EdgeClient
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: Log
  /** Marks of the last minute that it has. */
  readonly #known = new Set<Id>()
  /** Everything before it is at the edge; null until the edge was asked. */
  #position: number | null = null
  #vouchedAt = performance.now()
  #isReached = true
  #running: Promise<void> | undefined
  #stopped = false
  #isWoken = false
  #wakeUp: (() => void) | undefined

  constructor(client: EdgeClient, { database, clock, log }: Pick<EdgesDeps, 'database' | 'clock' | 'log'>) {
    this.#client = client
    this.#database = database
    this.#clock = clock
    this.#log = log.child({ edge: client.name })
  }

  get name(): string {
    return this.#client.name
  }

  lagSeconds(): number {
    return (performance.now() - this.#vouchedAt) / 1000
  }

  start(): void {
    this.#stopped = false
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.wake()
    await this.#running
    this.#running = undefined
  }

  wake(): void {
    this.#isWoken = true
    this.#wakeUp?.()
  }

  /** False: it could not be reached. */
  async unmark(marks: readonly string[]): Promise<boolean> {
    try {
      await eachOf(marks, (mark) => this.#client.unmark(mark))
      return true
    } catch {
      return false
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#isWoken = false
      try {
        await this.#round()
        if (!this.#isReached) this.#log.info('an edge is told again')
        this.#isReached = true
      } catch (error) {
        if (this.#isReached)
          this.#log.warn({ err: error }, 'an edge cannot be told; it asks about every picture')
        this.#isReached = false
        // It may come back without what it had: its own word counts then.
        this.#position = null
      }
      await this.#rest()
    }
  }

  /** Tells what is new since the last round, then vouches, unless that took too long to be true. */
  async #round(): Promise<void> {
    const began = performance.now()
    const position = this.#clock.now()
    await this.#tell(await this.#knownUntil())
    this.#position = position
    const left = vouchWithinMs - (performance.now() - began)
    if (left <= 0) return this.wake()
    await this.#client.vouch(position, Math.ceil(left))
    this.#vouchedAt = performance.now()
  }

  async #knownUntil(): Promise<number> {
    if (this.#position === null) {
      this.#known.clear()
      this.#position = (await this.#client.position()) ?? 0
    }
    return this.#position
  }

  async #tell(position: number): Promise<void> {
    const now = this.#clock.now()
    let from = minIdAt(Math.min(position, now) - lookBackMs)
    for (const id of this.#known) if (timeOf(id) < now - 2 * lookBackMs) this.#known.delete(id)
    for (;;) {
      const rows = await listRevocations(this.#database, { from, now: new Date(now), limit: pageSize })
      const fresh = rows.filter(({ id }) => !this.#known.has(id))
      await eachOf(fresh, async ({ id, mark }) => {
        await this.#client.mark(mark)
        this.#known.add(id)
      })
      const last = rows.at(-1)
      if (!last || rows.length < pageSize) return
      from = String(BigInt(last.id) + 1n)
    }
  }

  #rest(): Promise<void> {
    if (this.#isWoken && this.#isReached) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#wakeUp = undefined
        resolve()
      }
      const timer = setTimeout(end, roundEveryMs)
      // One that is away is tried at its own pace, however much is revoked meanwhile.
      if (this.#isReached) this.#wakeUp = end
    })
  }
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += atOnce) {
    await Promise.all(items.slice(start, start + atOnce).map(work))
  }
}
