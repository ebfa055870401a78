// What the parts of scenario "feed" measure with: a data set, the server on it, and the reference beside it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DataSet, openDataSet, type Reader, sizes } from './feed-data.ts'
import { type Ask, createLoad, type Load } from './feed-load.ts'
import { createChildrenCpu, type MeasuredProcess, startMeasured } from './measured-process.ts'
import type { ScenarioContext, Table, Target } from './scenario.ts'

export interface Effort {
  rounds: number
  /** Before those, until both servers are compiled as they are for good: V8 takes some ten thousand pages of a kind to that. */
  warmRounds: number
  /** Readers of each kind who take turns. */
  readers: number
  /** Pages of each reader in a round. */
  turns: number
  /** Requests per number in flight. */
  inFlightPages: number
  coldReaders: number
  posts: number
  likes: number
  lags: number
}

export const efforts: Record<'usual' | 'quick', Effort> = {
  usual: {
    rounds: 20,
    warmRounds: 40,
    readers: 20,
    turns: 15,
    inFlightPages: 3000,
    coldReaders: 200,
    posts: 24,
    likes: 2000,
    lags: 100,
  },
  quick: {
    rounds: 1,
    warmRounds: 1,
    readers: 3,
    turns: 2,
    inFlightPages: 60,
    coldReaders: 4,
    posts: 2,
    likes: 40,
    lags: 3,
  },
}

export interface Setting {
  context: ScenarioContext
  effort: Effort
  set: DataSet
  load: Load
  /** The server that is at work on the set: one at a time, unless Redis joins several. */
  readonly ours: MeasuredProcess
  reference: MeasuredProcess
  /** Milliseconds that PostgreSQL's processes have used; null where the system does not tell. */
  databaseCpu(): number | null
  /** Ends it and starts another one in its place. */
  restart(options?: StartOptions): Promise<void>
  /** Meanwhile none is at work but those that `work` starts. */
  apart(work: (start: (options?: StartOptions) => Promise<MeasuredProcess>) => Promise<void>): Promise<void>
}

interface StartOptions {
  /** Default: the server. */
  file?: string
  env?: Record<string, string>
  imports?: readonly string[]
}

export interface Part {
  tables: Table[]
  targets?: Target[]
  facts?: Record<string, string>
}

export async function withSetting<T>(
  context: ScenarioContext,
  name: 'S' | 'L' | 'quick',
  work: (setting: Setting) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-feed-'))
  const ended: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const sample = name === 'quick' ? { folder } : {}
    const set = await openDataSet(name, { size: sizes[name], log: context.log, ...sample })
    ended.push(() => set.close())
    const load = createLoad()
    ended.push(async () => load.close())
    const start = ({ file = '../server/src/main.ts', env = {}, imports }: StartOptions = {}) =>
      startMeasured(
        file,
        {
          DATABASE_URL: set.postgres.url,
          HELIOGRAPH_DATA: join(folder, 'data'),
          PORT: '0',
          LOG_LEVEL: 'warn',
          RATE_LIMITS: 'off',
          ...env,
        },
        imports,
      )
    context.log(`set ${name}: starting Heliograph and the reference`)
    let ours: MeasuredProcess | null = await start()
    const stop = async () => {
      const running = ours
      ours = null
      await running?.stop()
    }
    ended.push(stop)
    const reference = await startMeasured('./feed-reference.ts', {})
    ended.push(() => reference.stop())
    const effort = context.isQuick ? efforts.quick : efforts.usual
    const databaseCpu = createChildrenCpu(set.postgres.pid)
    return await work({
      context,
      effort,
      set,
      load,
      get ours() {
        if (!ours) throw new Error('No server is at work on the set')
        return ours
      },
      reference,
      databaseCpu,
      async restart(options) {
        await stop()
        ours = await start(options)
      },
      async apart(inside) {
        await stop()
        await inside(start)
        ours = await start()
      },
    })
  } finally {
    for (const end of ended.toReversed()) await end()
  }
}

/** Those of a kind who take turns: always the same ones. */
export function readersWith({ set, effort }: Setting, follows: number): Reader[] {
  return set.readers.filter((reader) => reader.follows === follows).slice(0, effort.readers)
}

/** Who is neither among those nor among the cold ones. */
export function othersWith({ set, effort }: Setting, follows: number): Reader[] {
  const all = set.readers.filter((reader) => reader.follows === follows)
  return all.slice(effort.readers + effort.coldReaders).slice(0, effort.readers)
}

/** The others of the fewest follows: no page of theirs was asked for yet. */
export function coldReaders({ set, effort }: Setting): Reader[] {
  const [fewest] = followsOf(set)
  return set.readers
    .filter(({ follows }) => follows === fewest)
    .slice(effort.readers)
    .slice(0, effort.coldReaders)
}

/** How many follows there are, fewest first. */
export function followsOf({ readers }: DataSet): number[] {
  return [...new Set(readers.map(({ follows }) => follows))].sort((a, b) => a - b)
}

export const firstPage = ({ token }: { token: string }): Ask => ({ token, path: '/api/feed' })

const quietShare = 0.1
const quietMs = 60
const quietTries = 100

/** What follows from what was done just now is done, by PostgreSQL too, so that no page pays for it. */
export async function untilQuiet({ ours, databaseCpu }: Setting): Promise<void> {
  const used = async () => (await ours.cpu()) + (databaseCpu() ?? 0)
  for (let tries = 0; tries < quietTries; tries++) {
    const [cpu, began] = [await used(), performance.now()]
    await sleep(quietMs)
    if ((await used()) - cpu < quietShare * (performance.now() - began)) return
  }
}

/** The page after the second: its order was written down when the second was asked for. */
export async function laterPage({ load, ours }: Setting, reader: Reader): Promise<Ask> {
  let ask = firstPage(reader)
  for (let page = 1; page < 3; page++) {
    const [answer] = await load.all(ours.url, [ask], 1)
    const { nextCursor } = JSON.parse(answer!.body.toString()) as { nextCursor: string | null }
    if (nextCursor === null) throw new Error(`A reader of ${reader.follows} follows has no page ${page + 1}`)
    ask = { token: reader.token, path: `/api/feed?cursor=${encodeURIComponent(nextCursor)}` }
  }
  return ask
}
