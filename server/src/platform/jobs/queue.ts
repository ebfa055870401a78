import { runMigrations } from 'graphile-worker'
import type pg from 'pg'
import { toFault } from '#platform/db/errors.ts'
import type { FailedJob, JobPayload, LaneDepth, NewJob } from './job-types.ts'
import { type Lane, lanes } from './lanes.ts'
import { quietLogger } from './queue-log.ts'
import type { Definitions } from './tasks.ts'

/**
 * graphile-worker's tables, which its exact version pins. A job that was enqueued with a key carries the flag `keyed`:
 * the queue takes the key from a running job when a newer one of the same key comes, and the newer one then counts.
 * A job given up whose `exhausted` has run carries the flag `exhausted`.
 */
export const JOBS = 'graphile_worker._private_jobs'
export const TASKS = 'graphile_worker._private_tasks'

export interface Queue {
  prepare(): Promise<void>
  add(jobs: readonly NewJob[]): Promise<void>
  /** Which of the keys belong to a job that runs or will run. */
  liveKeys(keys: readonly string[]): Promise<Set<string>>
  hasDue(): Promise<boolean>
  makeDue(): Promise<void>
  depth(): Promise<LaneDepth[]>
  failed(limit: number): Promise<FailedJob[]>
  retry(id: string): Promise<boolean>
  /** A newer job took the key of this one while it ran. */
  isSuperseded(id: string): Promise<boolean>
  /** The last attempt failed and `exhausted` has seen to it: no more attempts. */
  giveUp(id: string, message: string): Promise<void>
}

const BATCH = 500

export function createQueue(pool: pg.Pool, definitions: Definitions): Queue {
  const query = (config: pg.QueryConfig) =>
    pool.query(config).catch((error) => {
      throw toFault(error)
    })
  return {
    prepare: () => runMigrations({ pgPool: pool, logger: quietLogger }),
    async add(jobs) {
      const specs = withoutRepeats(jobs).map((job) => toSpec(job, definitions))
      for (let start = 0; start < specs.length; start += BATCH) {
        await query({
          name: 'jobs.add',
          text: `select 1 from graphile_worker.add_jobs(array(
            select row(t.identifier, t.payload, null, t.run_at, t.max_attempts, t.job_key, t.priority, t.flags)::graphile_worker.job_spec
            from json_to_recordset($1::json) as t(identifier text, payload json, run_at timestamptz, max_attempts int,
              job_key text, priority int, flags text[])), false)`,
          values: [JSON.stringify(specs.slice(start, start + BATCH))],
        })
      }
    },
    async liveKeys(keys) {
      const { rows } = await pool.query<{ key: string }>(
        `select key from ${JOBS} where key = any($1) and (locked_at is not null or attempts < max_attempts)`,
        [keys],
      )
      return new Set(rows.map(({ key }) => key))
    },
    async hasDue() {
      const { rowCount } = await pool.query(
        `select 1 from ${JOBS} j join ${TASKS} t on t.id = j.task_id
          where j.attempts < j.max_attempts and (j.locked_at is not null or j.run_at <= now())
          and t.identifier = any($1) limit 1`,
        [[...definitions.keys()]],
      )
      return Boolean(rowCount)
    },
    async makeDue() {
      await pool.query(`update ${JOBS} set run_at = now() where is_available and run_at > now()`)
    },
    depth: () => readDepth(pool, definitions),
    failed: (limit) => readFailed(pool, limit),
    async retry(id) {
      const { rowCount } = await pool.query(
        `update ${JOBS} set attempts = 0, run_at = now(), last_error = null, flags = flags - 'exhausted'
          where id = $1 and locked_at is null and attempts >= max_attempts`,
        [id],
      )
      return rowCount === 1
    },
    async isSuperseded(id) {
      const { rowCount } = await pool.query(
        `select 1 from ${JOBS} where id = $1 and key is null and flags ? 'keyed'`,
        [id],
      )
      return rowCount === 1
    },
    async giveUp(id, message) {
      await pool.query(
        `update ${JOBS} set max_attempts = greatest(attempts, 1), attempts = greatest(attempts, 1), last_error = $2,
          flags = coalesce(flags, '{}') || '{"exhausted": true}', updated_at = now() where id = $1`,
        [id, message],
      )
    },
  }
}

/** Of several jobs with one key the last counts; the database would refuse to replace one row twice. */
function withoutRepeats(jobs: readonly NewJob[]): NewJob[] {
  const byKey = new Map<string, NewJob>()
  jobs.forEach((job, index) => {
    const key = job.options?.key
    byKey.set(key === undefined ? `#${index}` : `=${key}`, job)
  })
  return [...byKey.values()]
}

function toSpec({ name, payload, options = {} }: NewJob, definitions: Definitions) {
  return {
    identifier: name,
    payload,
    run_at: options.runAt?.toISOString(),
    // A process without the definition (the CLI) leaves the number to the queue's default.
    max_attempts: definitions.get(name)?.maxAttempts,
    job_key: options.key,
    priority: options.priority,
    flags: options.key === undefined ? undefined : ['keyed'],
  }
}

interface DepthRow {
  task: string
  waiting: number
  scheduled: number
  failed: number
  oldest: number
}

async function readDepth(pool: pg.Pool, definitions: Definitions): Promise<LaneDepth[]> {
  const { rows } = await pool.query<DepthRow>(
    `select t.identifier as task,
      count(*) filter (where j.locked_at is not null or (j.attempts < j.max_attempts and j.run_at <= now()))::int as waiting,
      count(*) filter (where j.is_available and j.run_at > now())::int as scheduled,
      count(*) filter (where j.locked_at is null and j.attempts >= j.max_attempts)::int as failed,
      coalesce(extract(epoch from now() - min(j.run_at) filter (where j.is_available and j.run_at <= now())), 0)::float as oldest
    from ${JOBS} j join ${TASKS} t on t.id = j.task_id group by 1`,
  )
  return lanes.map((lane) =>
    sumLane(
      lane,
      rows.filter(({ task }) => definitions.get(task)?.lane === lane),
    ),
  )
}

function sumLane(lane: Lane, rows: readonly DepthRow[]): LaneDepth {
  const sum = { lane, waiting: 0, scheduled: 0, failed: 0, oldestAge: 0 }
  for (const row of rows) {
    sum.waiting += row.waiting
    sum.scheduled += row.scheduled
    sum.failed += row.failed
    sum.oldestAge = Math.max(sum.oldestAge, row.oldest)
  }
  return sum
}

interface FailedRow {
  id: string
  task: string
  payload: JobPayload
  attempts: number
  last_error: string | null
  updated_at: Date
}

async function readFailed(pool: pg.Pool, limit: number): Promise<FailedJob[]> {
  const { rows } = await pool.query<FailedRow>(
    `select j.id, t.identifier as task, j.payload, j.attempts, j.last_error, j.updated_at
      from ${JOBS} j join ${TASKS} t on t.id = j.task_id
      where j.attempts >= j.max_attempts and j.locked_at is null
      order by j.updated_at desc, j.id desc limit $1`,
    [limit],
  )
  return rows.map(({ last_error, updated_at, ...row }) => ({
    ...row,
    error: last_error ?? '',
    failedAt: updated_at,
  }))
}
