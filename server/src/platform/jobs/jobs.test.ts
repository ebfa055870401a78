import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { createJobs, type JobContext, type Jobs, type JobsOptions, PermanentFailure } from './jobs.ts'

const log = pino({ level: 'silent' })
let database: TestDatabase
let pool: pg.Pool
const open = new Set<Jobs>()

before(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
})

beforeEach(async () => {
  await Promise.all([...open].map((jobs) => jobs.stop()))
  open.clear()
  await pool.query('delete from graphile_worker._private_jobs')
})

after(async () => {
  await Promise.all([...open].map((jobs) => jobs.stop()))
  await pool.end()
  await database.drop()
})

function create(options: Partial<JobsOptions> = {}): Jobs {
  const jobs = createJobs({ url: database.url, log, watchEveryMs: 200, ...options })
  open.add(jobs)
  return jobs
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'it did not happen in time')
    await sleep(10)
  }
}

/** Shorter than the lease of a worker, which ends after 20 s. */
const beforeLeaseMs = 15_000

async function countJobs(): Promise<number> {
  const { rows } = await pool.query('select count(*)::int as count from graphile_worker._private_jobs')
  return rows[0].count
}

const endless = (_: object, { signal }: JobContext) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

test('jobs run with what was enqueued, once', async () => {
  const jobs = create()
  const ran: unknown[] = []
  jobs.define<{ n: number; text: string }>('test.run', {
    lane: 'default',
    maxAttempts: 2,
    run: async (payload, { attempt }) => void ran.push({ ...payload, attempt }),
  })
  await jobs.enqueue('test.run', { n: 1, text: "O'Neill\\ \u2028" })
  await jobs.drain()
  await jobs.drain()
  assert.deepEqual(ran, [{ n: 1, text: "O'Neill\\ \u2028", attempt: 1 }])
  assert.equal(await countJobs(), 0)
})

test('of waiting jobs with one key the last counts, also within one batch', async () => {
  const jobs = create()
  const ran: number[] = []
  jobs.define<{ n: number }>('test.run', {
    lane: 'bulk',
    maxAttempts: 2,
    run: async ({ n }) => void ran.push(n),
  })
  await jobs.enqueue('test.run', { n: 1 }, { key: 'k' })
  await jobs.enqueueMany([2, 3].map((n) => ({ name: 'test.run', payload: { n }, options: { key: 'k' } })))
  await jobs.enqueueMany([4, 5].map((n) => ({ name: 'test.run', payload: { n } })))
  await jobs.drain()
  assert.deepEqual(ran.sort(), [3, 4, 5])
})

test('asking for what is missing never sends a waiting job to the back of the line, nor gives it new attempts', async () => {
  const jobs = create()
  const ran: string[] = []
  let isBroken = true
  jobs.define<{ s: string }>('test.run', {
    lane: 'bulk',
    maxAttempts: 2,
    run: async ({ s }) => {
      if (isBroken && s === 'old') throw new Error('not yet')
      ran.push(s)
    },
  })
  const missing = () =>
    jobs.enqueueMissing([{ name: 'test.run', payload: { s: 'old' }, options: { key: 'k' } }])
  const state = async () => {
    const { rows } = await pool.query(
      `select j.attempts, j.run_at from graphile_worker._private_jobs j where key = 'k'`,
    )
    return rows
  }
  await missing()
  await jobs.drain()
  const before = await state()
  assert.deepEqual([before.length, before[0]?.attempts], [1, 1])
  await missing()
  assert.deepEqual(await state(), before, 'it stands where it stood')
  await jobs.drain({ early: true })
  isBroken = false
  await jobs.drain({ early: true })
  assert.deepEqual(ran, [], 'given up')
  await missing()
  await jobs.drain()
  assert.deepEqual(ran, ['old'], 'what was given up or lost is asked for anew')
})

test('jobs for later wait, and smaller priorities go first', async () => {
  const jobs = create()
  const ran: string[] = []
  jobs.define<{ s: string }>('test.run', {
    lane: 'default',
    maxAttempts: 2,
    run: async ({ s }) => void ran.push(s),
  })
  await jobs.enqueue('test.run', { s: 'later' }, { runAt: new Date(Date.now() + 3_600_000) })
  await jobs.drain()
  assert.deepEqual(ran, [])
  const lane = (await jobs.depth()).find(({ lane }) => lane === 'default')
  assert.deepEqual([lane?.waiting, lane?.scheduled], [0, 1])
  await jobs.drain({ early: true })
  assert.deepEqual(ran, ['later'])
})

test('exhausted is called exactly when the last attempt failed', async () => {
  const jobs = create()
  const log: string[] = []
  jobs.define<{ n: number }>('test.fail', {
    lane: 'fresh',
    maxAttempts: 3,
    async run(_, { attempt }) {
      log.push(`attempt ${attempt}`)
      throw new Error(`no ${attempt}`)
    },
    exhausted: async ({ n }, error) => void log.push(`exhausted ${n}: ${error.message}`),
  })
  await jobs.enqueue('test.fail', { n: 7 })
  for (let i = 0; i < 6; i++) await jobs.drain({ early: true })
  assert.deepEqual(log, ['attempt 1', 'attempt 2', 'attempt 3', 'exhausted 7: no 3'])
  const [failed] = await jobs.failed()
  assert.deepEqual(
    { task: failed?.task, payload: failed?.payload, attempts: failed?.attempts, error: failed?.error },
    { task: 'test.fail', payload: { n: 7 }, attempts: 3, error: 'no 3' },
  )
  assert.equal(await jobs.retry(failed!.id), true)
  assert.equal(await jobs.retry('999999'), false)
  for (let i = 0; i < 6; i++) await jobs.drain({ early: true })
  assert.deepEqual(log.slice(4), ['attempt 1', 'attempt 2', 'attempt 3', 'exhausted 7: no 3'])
})

test('a permanent failure is not tried again', async () => {
  const jobs = create()
  const log: string[] = []
  jobs.define('test.fail', {
    lane: 'fresh',
    maxAttempts: 10,
    async run() {
      log.push('attempt')
      throw new PermanentFailure(new Error('not a picture'))
    },
    exhausted: async (_, error) => void log.push(error.message),
  })
  await jobs.enqueue('test.fail', {})
  for (let i = 0; i < 3; i++) await jobs.drain({ early: true })
  assert.deepEqual(log, ['attempt', 'not a picture'])
})

test('exhausted that fails itself is called again until it succeeds', { timeout: 60_000 }, async () => {
  const jobs = create()
  let calls = 0
  jobs.define('test.fail', {
    lane: 'fresh',
    maxAttempts: 1,
    async run() {
      throw new Error('no')
    },
    async exhausted() {
      calls++
      if (calls < 3) throw new Error('the database is away')
    },
  })
  await jobs.enqueue('test.fail', {})
  await jobs.startRunners()
  await until(() => calls === 3)
  await sleep(1000)
  assert.equal(calls, 3)
})

test('a worker killed in its last attempt leaves nothing hanging', { timeout: 60_000 }, async () => {
  const child = fork(new URL('./jobs.child.ts', import.meta.url), [database.url])
  await once(child, 'message')
  const jobs = create()
  const exhausted: string[] = []
  const define = () => {
    jobs.define<{ n: number }>('test.hang', {
      lane: 'fresh',
      maxAttempts: 1,
      run: async () => undefined,
      exhausted: async ({ n }, error) => void exhausted.push(`${n}: ${error.message}`),
    })
  }
  define()
  await jobs.enqueue('test.hang', { n: 1 })
  await once(child, 'message')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const began = performance.now()
  await jobs.startRunners()
  await until(() => exhausted.length > 0)
  assert.ok(performance.now() - began < beforeLeaseMs, 'the next start does not wait for a lease')
  assert.deepEqual(exhausted, ['1: The server ended while this job ran for the last time'])
})

test('jobs of a killed worker run again at once at the next start', { timeout: 60_000 }, async () => {
  const child = fork(new URL('./jobs.child.ts', import.meta.url), [database.url])
  await once(child, 'message')
  const jobs = create()
  const ran: number[] = []
  jobs.define<{ n: number }>('test.hang', {
    lane: 'fresh',
    maxAttempts: 3,
    run: async (_, { attempt }) => void ran.push(attempt),
  })
  await jobs.enqueue('test.hang', { n: 1 })
  await once(child, 'message')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await jobs.startRunners()
  await until(() => ran.length > 0, beforeLeaseMs)
  assert.deepEqual(ran, [2])
  await until(async () => (await countJobs()) === 0)
})

test('a living worker keeps its jobs while another process starts', { timeout: 60_000 }, async () => {
  const [one, two] = [create(), create()]
  let [first, second] = [0, 0]
  const slow = Promise.withResolvers<void>()
  one.define('test.slow', {
    lane: 'fresh',
    maxAttempts: 3,
    run: async () => {
      first++
      await slow.promise
    },
  })
  two.define('test.slow', { lane: 'fresh', maxAttempts: 3, run: async () => void second++ })
  await one.startRunners()
  await one.enqueue('test.slow', {})
  await until(() => first === 1)
  await two.startRunners()
  await sleep(1000)
  assert.equal(second, 0)
  slow.resolve()
  await until(async () => (await countJobs()) === 0)
})

test('a job whose key a newer one took does not end as failed', { timeout: 60_000 }, async () => {
  const jobs = create()
  const log: string[] = []
  const held = Promise.withResolvers<void>()
  jobs.define<{ n: number }>('test.newer', {
    lane: 'fresh',
    maxAttempts: 1,
    async run({ n }) {
      log.push(`run ${n}`)
      if (n === 2) return
      await held.promise
      throw new Error('the old one fails')
    },
    exhausted: async ({ n }) => void log.push(`exhausted ${n}`),
  })
  await jobs.startRunners()
  await jobs.enqueue('test.newer', { n: 1 }, { key: 'k' })
  await until(() => log.includes('run 1'))
  await jobs.enqueue('test.newer', { n: 2 }, { key: 'k' })
  await until(() => log.includes('run 2'))
  held.resolve()
  await until(async () => (await countJobs()) === 0)
  assert.deepEqual(log, ['run 1', 'run 2'])
})

test('back-fills, videos and pushes do not keep fresh work waiting', { timeout: 60_000 }, async () => {
  const jobs = create()
  let fresh = 0
  jobs.define('test.bulk', { lane: 'bulk', maxAttempts: 1, run: endless })
  jobs.define('test.default', { lane: 'default', maxAttempts: 1, run: endless })
  jobs.define('test.video', { lane: 'video', maxAttempts: 1, run: endless })
  jobs.define('test.clip', { lane: 'clip', maxAttempts: 1, run: endless })
  jobs.define('test.push', { lane: 'push', maxAttempts: 1, run: endless })
  jobs.define('test.fresh', { lane: 'fresh', maxAttempts: 1, run: async () => void fresh++ })
  await jobs.startRunners()
  const filler = (name: string) => Array.from({ length: 50 }, () => ({ name, payload: {} }))
  await jobs.enqueueMany(
    ['test.bulk', 'test.default', 'test.video', 'test.clip', 'test.push'].flatMap(filler),
  )
  await until(async () =>
    (await jobs.depth()).every(({ lane, waiting }) => lane === 'fresh' || waiting === 50),
  )
  await jobs.enqueue('test.fresh', {})
  await until(() => fresh === 1)
  await jobs.stop()
})

test('stopping tells running jobs, waits for them, and hands back what waits', {
  timeout: 60_000,
}, async () => {
  const jobs = create({ concurrency: { default: 1 } })
  let [started, ended] = [0, 0]
  jobs.define('test.slow', {
    lane: 'default',
    maxAttempts: 3,
    async run() {
      started++
      await sleep(300)
      ended++
    },
  })
  await jobs.startRunners()
  await jobs.enqueueMany(Array.from({ length: 8 }, () => ({ name: 'test.slow', payload: {} })))
  await until(() => started > 0)
  await jobs.stop()
  assert.equal(started, ended)
  const { rows } = await pool.query(
    'select count(*)::int as count, max(attempts) as attempts, count(locked_by)::int as locked from graphile_worker._private_jobs',
  )
  assert.deepEqual(rows, [{ count: 8 - ended, attempts: 0, locked: 0 }])
})

test('a job that a stop interrupts is no failure in the log, and runs again', {
  timeout: 60_000,
}, async () => {
  const lines: { level: number; job?: string }[] = []
  const written = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const jobs = create({ interruptAfterMs: 50, log: written })
  let started = 0
  const define = (one: Jobs) =>
    one.define('test.interrupted', {
      lane: 'video',
      maxAttempts: 3,
      async run(_payload, { signal }) {
        started++
        if (started === 1) await once(signal!, 'abort').then(() => signal!.throwIfAborted())
      },
    })
  define(jobs)
  await jobs.startRunners()
  await jobs.enqueue('test.interrupted', {})
  await until(() => started === 1)
  await jobs.stop()
  assert.deepEqual(
    lines.filter(({ job, level }) => job === 'test.interrupted' || level > 30).map(({ level }) => level),
    [30],
  )
  const next = create()
  define(next)
  await next.startRunners()
  await until(() => started === 2)
})

test('a job that does not end is given up at the bound, and runs again after the next start', {
  timeout: 60_000,
}, async () => {
  const jobs = create({ stopWithinMs: 300 })
  let started = 0
  jobs.define('test.stuck', {
    lane: 'fresh',
    maxAttempts: 3,
    run: () => {
      started++
      return new Promise(() => undefined)
    },
  })
  await jobs.startRunners()
  await jobs.enqueue('test.stuck', {})
  await until(() => started === 1)
  const began = performance.now()
  await jobs.stop()
  assert.ok(performance.now() - began < 5000)
  const next = create()
  let again = 0
  next.define('test.stuck', { lane: 'fresh', maxAttempts: 3, run: async () => void again++ })
  await next.drain({ early: true })
  await next.startRunners()
  await until(() => again === 1)
})

test('the runners start again after the database was away', { timeout: 60_000 }, async () => {
  const jobs = create()
  let ran = 0
  jobs.define('test.run', { lane: 'default', maxAttempts: 5, run: async () => void ran++ })
  await jobs.startRunners()
  await jobs.enqueue('test.run', {})
  await until(() => ran === 1)
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'heliograph-jobs'`,
  )
  await until(() =>
    jobs.enqueue('test.run', {}).then(
      () => true,
      () => false,
    ),
  )
  await until(() => ran === 2)
})

test('regular jobs are known to the clock of the queue, and are jobs like others', async () => {
  const jobs = create()
  let ran = 0
  jobs.every('test.nightly', '10 3 * * *', async () => void ran++)
  jobs.define('test.defined', { lane: 'default', maxAttempts: 1, run: async () => undefined })
  jobs.every('test.defined', '*/5 * * * *')
  assert.throws(() => jobs.every('test.unknown', '* * * * *'), /not defined/)
  await jobs.startRunners()
  await until(async () => {
    const { rows } = await pool.query(
      `select identifier from graphile_worker._private_known_crontabs where identifier like 'test.%' order by 1`,
    )
    return rows.map(({ identifier }) => identifier).join() === 'test.defined,test.nightly'
  })
  await jobs.enqueue('test.nightly', {})
  await until(() => ran === 1)
})

test('given-up jobs are kept for a month, others for as long as they wait', async () => {
  const jobs = create()
  jobs.define('test.fail', {
    lane: 'fresh',
    maxAttempts: 1,
    run: async () => {
      throw new Error('no')
    },
  })
  await jobs.enqueue('test.fail', {}, { key: 'old' })
  await jobs.enqueue('test.fail', {}, { key: 'new' })
  await jobs.drain()
  await jobs.enqueue('test.fail', {}, { key: 'later', runAt: new Date(Date.now() + 3_600_000) })
  await pool.query(
    `update graphile_worker._private_jobs set updated_at = now() - interval '31 days' where key in ('old', 'later')`,
  )
  await jobs.startRunners()
  const { rows } = await pool.query('select key from graphile_worker._private_jobs order by 1')
  assert.deepEqual(rows, [{ key: 'later' }, { key: 'new' }])
})

test('depth tells what waits in which lane, and for how long', async () => {
  const jobs = create()
  jobs.define('test.fresh', { lane: 'fresh', maxAttempts: 1, run: async () => undefined })
  jobs.define('test.bulk', { lane: 'bulk', maxAttempts: 1, run: async () => undefined })
  await jobs.enqueue('test.fresh', {}, { runAt: new Date(Date.now() - 90_000) })
  await jobs.enqueue('test.bulk', {}, { runAt: new Date(Date.now() + 90_000) })
  const depth = await jobs.depth()
  assert.deepEqual(
    depth.map(({ lane, waiting, scheduled }) => [lane, waiting, scheduled]),
    [
      ['fresh', 1, 0],
      ['clip', 0, 0],
      ['video', 0, 0],
      ['push', 0, 0],
      ['default', 0, 0],
      ['bulk', 0, 1],
    ],
  )
  assert.ok(depth[0]!.oldestAge >= 90 && depth[0]!.oldestAge < 100)
})
