// What the parts of scenario "live" measure with: people in a PostgreSQL of their own, two processes of the server over one
// Redis, and two bare ones beside them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startRedis, type TestRedis } from '../server/test/helpers/redis.ts'
import { type DataSet, openDataSet } from './feed-data.ts'
import { createLoad, type Load } from './feed-load.ts'
import type { Part } from './feed-setting.ts'
import { createChildrenCpu, type MeasuredProcess, startMeasured } from './measured-process.ts'
import type { ScenarioContext } from './scenario.ts'

export interface LiveEffort {
  rounds: number
  /** One after the other, of each kind in a round. */
  messages: number
  /** As many at once as go, in a round. */
  burst: number
  sockets: number
}

const efforts: Record<'usual' | 'quick', LiveEffort> = {
  usual: { rounds: 5, messages: 400, burst: 3000, sockets: 10_000 },
  quick: { rounds: 1, messages: 10, burst: 60, sockets: 100 },
}

const sizes = {
  usual: {
    people: 40_000,
    posts: 12_000,
    follows: 400_000,
    readers: [{ follows: 1000, count: 24 }],
    lively: 0.36,
  },
  quick: { people: 600, posts: 2000, follows: 12_000, readers: [{ follows: 100, count: 6 }], lively: 0.5 },
}

export interface LiveSetting {
  context: ScenarioContext
  effort: LiveEffort
  /** Its readers follow 1,000 people each (100 in a quick run). */
  set: DataSet
  load: Load
  redis: TestRedis
  /** The server: one process that serves and works, and one that only serves. */
  one: MeasuredProcess
  other: MeasuredProcess
  /** Two bare processes: `live-reference.ts`. */
  bare: MeasuredProcess
  bareOther: MeasuredProcess
  databaseCpu(): number | null
}

export type MeasurePart = (setting: LiveSetting) => Promise<Part>

export async function withLiveSetting<T>(
  context: ScenarioContext,
  work: (setting: LiveSetting) => Promise<T>,
): Promise<T> {
  const kind = context.isQuick ? 'quick' : 'usual'
  // PostgreSQL runs as another user, who must reach its folder.
  const [setFolder, dataFolder] = await Promise.all(
    ['set', 'data'].map((name) => mkdtemp(join(tmpdir(), `bench-live-${name}-`))),
  )
  const ended = [setFolder, dataFolder].map((folder) => () => rm(folder!, { recursive: true, force: true }))
  const opened = <O>(what: O, end: (what: O) => unknown): O => {
    ended.push(async () => void (await end(what)))
    return what
  }
  try {
    const redis = opened(await startRedis(), (it) => it[Symbol.asyncDispose]())
    const set = opened(
      await openDataSet('live', { size: sizes[kind], log: context.log, folder: setFolder! }),
      (it) => it.close(),
    )
    await makeBareTable(set.postgres.url)
    const load = opened(createLoad(), (it) => it.close())
    const env = {
      DATABASE_URL: set.postgres.url,
      REDIS_URL: redis.url,
      HELIOGRAPH_DATA: dataFolder!,
      PORT: '0',
      LOG_LEVEL: 'warn',
      RATE_LIMITS: 'off',
    }
    const start = async (file: string, own: Record<string, string> = {}) =>
      opened(await startMeasured(file, { ...env, ...own }), (it) => it.stop())
    context.log('starting two processes of Heliograph and two bare ones')
    return await work({
      context,
      effort: efforts[kind],
      set,
      load,
      redis,
      one: await start('../server/src/main.ts'),
      other: await start('../server/src/main.ts', { ROLES: 'web' }),
      bare: await start('./live-reference.ts'),
      bareOther: await start('./live-reference.ts'),
      databaseCpu: createChildrenCpu(set.postgres.pid),
    })
  } finally {
    for (const end of ended.toReversed()) await end()
  }
}

/** What the bare server writes into. */
async function makeBareTable(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(
    `create table bench_messages (conversation bigint, sequence bigint, sender_id bigint, client_id text, text text,
       created_at timestamptz, primary key (conversation, sequence))`,
  )
  await client.end()
}
