import { EventEmitter } from 'node:events'
import type { WorkerEvents } from 'graphile-worker'
import type pg from 'pg'
import { createHolder, endHolder, isHolderDead } from '#platform/db/holders.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { JobPayload } from './job-types.ts'
import { JOBS, type Queue, TASKS } from './queue.ts'
import { asError, type Definitions } from './tasks.ts'

export interface GivenUp {
  id: string
  name: string
  payload: JobPayload
}

/**
 * Looks after what died: jobs locked by workers that are gone, and jobs whose last attempt nobody finished, so that
 * nothing hangs for ever in a state that nobody ends.
 */
export interface Watchdog {
  prepare(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  /** Runners announce themselves through these. */
  readonly events: WorkerEvents
  giveUp(job: GivenUp, error: Error): Promise<void>
  /** One round; every few seconds when started. */
  look(): Promise<void>
  /** All runners that began until now stand in the list. */
  announced(): Promise<void>
  /** Hands back what runners of this process still hold. */
  unlockOwn(): Promise<void>
}

export interface WatchdogOptions {
  pool: pg.Pool
  queue: Queue
  definitions: Definitions
  log: Log
  everyMs: number
}

const LEASE = '20 seconds'
const WORKERS = 'heliograph_jobs.workers'

export function createWatchdog({ pool, queue, definitions, log, everyMs }: WatchdogOptions): Watchdog {
  const holder = createHolder()
  const workers = new Set<string>()
  const events = new EventEmitter() as WorkerEvents
  events.on('pool:create', ({ workerPool }) => {
    workers.add(workerPool.id)
    enter().catch(() => undefined)
  })
  events.on('pool:release', ({ workerPool }) => workers.delete(workerPool.id))
  let announcing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> = Promise.resolve()

  /** One after the other: an older list that comes later would strike out who has just begun. */
  const enter = (): Promise<void> => {
    const entered = announcing.then(() => announce(pool, holder, workers))
    announcing = entered.catch(() => undefined)
    return entered
  }

  const giveUp: Watchdog['giveUp'] = async ({ id, name, payload }, error) => {
    try {
      if (await queue.isSuperseded(id)) return
      await definitions.get(name)?.exhausted?.(payload, error)
    } catch (thrown) {
      // Left without its mark: a later round tries again.
      log.error({ err: asError(thrown), job: name, jobId: id }, 'A given-up job could not be wound up yet')
      return
    }
    await queue.giveUp(id, error.message)
  }

  const look = async () => {
    await enter()
    await unlockDead(pool)
    await windUp(pool, holder, [...definitions.keys()], giveUp)
    await forgetOld(pool)
  }

  const schedule = () => {
    timer = setTimeout(() => {
      round = look()
        .catch((error) => log.warn({ err: error }, 'The watchdog of the jobs could not look'))
        .then(() => {
          if (timer) schedule()
        })
    }, everyMs)
    timer.unref()
  }

  return {
    events,
    giveUp,
    look,
    announced: () => announcing,
    async unlockOwn() {
      await pool.query(
        `update ${JOBS} set locked_at = null, locked_by = null
          where locked_by in (select worker from ${WORKERS} where holder = $1)`,
        [holder],
      )
    },
    async prepare() {
      await pool.query('create schema if not exists heliograph_jobs')
      await pool.query(`create table if not exists ${WORKERS} (
        worker text collate "C" primary key, holder text not null, lease_until timestamptz not null)`)
    },
    async start() {
      await look()
      schedule()
    },
    async stop() {
      clearTimeout(timer)
      timer = undefined
      await round
      endHolder(holder)
      await pool.query(`delete from ${WORKERS} where holder = $1`, [holder]).catch(() => undefined)
    },
  }
}

async function announce(pool: pg.Pool, holder: string, workers: ReadonlySet<string>): Promise<void> {
  const names = [...workers, ownWorker(holder)]
  await pool.query(
    `insert into ${WORKERS} (worker, holder, lease_until)
      select name, $2, now() + interval '${LEASE}' from unnest($1::text[]) as name
      on conflict (worker) do update set lease_until = excluded.lease_until`,
    [names, holder],
  )
  await pool.query(`delete from ${WORKERS} where holder = $1 and worker <> all($2)`, [holder, names])
}

/** The watchdog locks what it winds up as any worker locks what it runs. */
function ownWorker(holder: string): string {
  return `watchdog ${holder}`
}

interface WorkerRow {
  worker: string
  holder: string
  expired: boolean
}

/**
 * Jobs of workers whose lease has run out, or whose process is known to be gone, are free at once; a worker that is
 * not in the list at all may just be about to enter it.
 */
async function unlockDead(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<WorkerRow>(
    `select worker, holder, lease_until < now() as expired from ${WORKERS}`,
  )
  const dead = rows.filter((row) => row.expired || isHolderDead(row.holder)).map(({ worker }) => worker)
  const alive = rows.map(({ worker }) => worker).filter((worker) => !dead.includes(worker))
  await pool.query(
    `update ${JOBS} set locked_at = null, locked_by = null
      where locked_at is not null
      and (locked_by = any($1) or (locked_by <> all($2) and locked_at < now() - interval '${LEASE}'))`,
    [dead, alive],
  )
  if (dead.length > 0) await pool.query(`delete from ${WORKERS} where worker = any($1)`, [dead])
}

/** Given-up jobs stay for the operator to look at, but not for ever. */
async function forgetOld(pool: pg.Pool): Promise<void> {
  await pool.query(
    `delete from ${JOBS} where locked_at is null and attempts >= max_attempts and flags ? 'exhausted'
      and updated_at < now() - interval '30 days'`,
  )
}

interface UnfinishedRow {
  id: string
  name: string
  payload: JobPayload
  last_error: string | null
}

/** Jobs without attempts left for which nobody has run `exhausted`: their worker died in the last attempt. */
async function windUp(
  pool: pg.Pool,
  holder: string,
  names: readonly string[],
  giveUp: Watchdog['giveUp'],
): Promise<void> {
  // Their key went to a newer job, which decides.
  await pool.query(
    `delete from ${JOBS} where locked_at is null and attempts >= max_attempts and key is null and flags ? 'keyed'`,
  )
  let last = '0'
  for (;;) {
    const { rows } = await pool.query<UnfinishedRow>(
      `update ${JOBS} j set locked_at = now(), locked_by = $2 from ${TASKS} t
        where t.id = j.task_id and j.id = (
          select u.id from ${JOBS} u join ${TASKS} ut on ut.id = u.task_id
          where u.locked_at is null and u.attempts >= u.max_attempts and u.id > $1
            and (u.flags ? 'exhausted') is not true and ut.identifier = any($3)
          order by u.id limit 1 for update of u skip locked)
        returning j.id, t.identifier as name, j.payload, j.last_error`,
      [last, ownWorker(holder), names],
    )
    const job = rows[0]
    if (!job) return
    last = job.id
    const reason = job.last_error ?? 'The server ended while this job ran for the last time'
    await giveUp(job, new Error(reason))
    await pool.query(
      `update ${JOBS} set locked_at = null, locked_by = null where id = $1 and locked_by = $2`,
      [job.id, ownWorker(holder)],
    )
  }
}
