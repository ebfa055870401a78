// CPU of a page, beside a bare server that returns the same bytes: the two take turns in one run.
import type { Answered, Ask, Encoding } from './feed-load.ts'
import type { ReferencePage } from './feed-reference.ts'
import type { Setting } from './feed-setting.ts'
import { mean, median } from './figures.ts'
import { isFine, type MeasuredProcess } from './measured-process.ts'
import type { Table } from './scenario.ts'

export interface PageKind {
  name: string
  /** One of each reader. */
  asks: Ask[]
  /** Times the reference's CPU that it may cost. */
  target: number
  /** Pages of each reader in a round, where it is not as usual. */
  turns?: number
  /** Before each turn of ours, not measured: makes what is asked for another. */
  before?(): Promise<void>
  /** Pages of other people before each turn, on both sides and not measured. */
  others?: OtherPages
}

export interface OtherPages {
  asks: readonly Ask[]
  times: number
}

export interface PageCost {
  kind: PageKind
  bytes: number
  /** Milliseconds of CPU per page. */
  server: number
  database: number
  reference: number
}

/** What it needs of a setting. */
export type CpuSetting = Pick<Setting, 'context' | 'load' | 'ours' | 'reference' | 'databaseCpu'> & {
  effort: CpuEffort
}

export type CpuEffort = Pick<Setting['effort'], 'rounds' | 'turns'> &
  Partial<Pick<Setting['effort'], 'warmRounds'>>

interface Samples {
  server: number[]
  database: number[]
  reference: number[]
  bytes: number[]
}

/** More turns for the reference: it is too quick for the clock of CPU times. */
const referenceTurns = 4

export async function measureCpu(
  setting: CpuSetting,
  kinds: readonly PageKind[],
  {
    reference = setting.reference,
    encoding = null as Encoding | null,
    effort = setting.effort as CpuEffort,
  } = {},
): Promise<PageCost[]> {
  const { context, ours } = setting
  const probes = { ours: await probeCost(ours), reference: await probeCost(reference) }
  const samples = kinds.map((): Samples => ({ server: [], database: [], reference: [], bytes: [] }))
  for (let round = 1 - (effort.warmRounds ?? Math.min(3, effort.rounds)); round <= effort.rounds; round++) {
    context.log(round <= 0 ? '  warming up' : `  round ${round} of ${effort.rounds}`)
    for (const [index, { asks, before, others, turns = effort.turns }] of kinds.entries()) {
      const turn = asks.map((ask) => ({ ...ask, encoding }))
      let answered: readonly Answered[] = []
      const prepare = async () => {
        await before?.()
        if (others) answered = (await askOthers(setting, ours, others)).slice(-others.asks.length)
      }
      const own =
        before || others
          ? await inTurns(turns, prepare, () => measureOwn(setting, turn, probes.ours))
          : await measureOwn(setting, repeat(turn, turns), probes.ours)
      await handOver(setting, reference, asks, own.answers.slice(-asks.length), ours, encoding)
      const bareTurns = round <= 0 ? turns : turns * referenceTurns
      if (others) await handOver(setting, reference, others.asks, answered, ours, null)
      // It was asked nothing while ours did something else: it is at work again, too, when it is measured.
      else if (before) await setting.load.all(reference.url, repeat(turn, referenceTurns), 1)
      const bare = others
        ? await inTurns(
            bareTurns,
            () => askOthers(setting, reference, others),
            () => cpuOf(setting, reference, turn, probes.reference),
          )
        : await cpuOf(setting, reference, repeat(turn, bareTurns), probes.reference)
      if (round <= 0) continue
      const at = samples[index]!
      at.server.push(own.cpu)
      at.reference.push(bare.cpu)
      at.bytes.push(mean(own.answers.map(({ body }) => body.length)))
      at.database.push(own.database)
    }
  }
  return kinds.map((kind, index) => {
    const { server, database, reference: bare, bytes } = samples[index]!
    return {
      kind,
      bytes: Math.round(mean(bytes)),
      server: median(server),
      // A coarse clock says something only of all rounds together. By a fine one what comes once in many rounds (jobs,
      // autovacuum) counts with pages as little as on the servers' side.
      database: (isFine ? median : mean)(database),
      reference: median(bare),
    }
  })
}

interface Measured {
  answers: Answered[]
  /** Milliseconds per answer. */
  cpu: number
  database: number
}

function askOthers({ load }: Pick<CpuSetting, 'load'>, server: MeasuredProcess, { asks, times }: OtherPages) {
  return load.all(server.url, repeat(asks, times), 1)
}

const probeTries = 25

/** Milliseconds of CPU that asking for its CPU costs a process. */
async function probeCost(server: MeasuredProcess): Promise<number> {
  const costs: number[] = []
  for (let nth = 0; nth < probeTries; nth++) {
    const before = await server.cpu()
    costs.push((await server.cpu()) - before)
  }
  return median(costs)
}

async function measureOwn(setting: CpuSetting, asks: readonly Ask[], probe: number): Promise<Measured> {
  const { databaseCpu, ours } = setting
  const before = databaseCpu()
  const own = await cpuOf(setting, ours, asks, probe)
  return { ...own, database: ((databaseCpu() ?? Number.NaN) - (before ?? Number.NaN)) / asks.length }
}

async function inTurns(
  turns: number,
  before: () => Promise<unknown>,
  measure: () => Promise<Measured>,
): Promise<Measured> {
  const all: Measured[] = []
  for (let turn = 0; turn < turns; turn++) {
    await before()
    all.push(await measure())
  }
  return {
    answers: all.flatMap(({ answers }) => answers),
    cpu: mean(all.map(({ cpu }) => cpu)),
    database: mean(all.map(({ database }) => database)),
  }
}

async function cpuOf(
  { load }: Pick<CpuSetting, 'load'>,
  server: MeasuredProcess,
  asks: readonly Ask[],
  probe: number,
): Promise<Measured> {
  const before = await server.cpu()
  const answers = await load.all(server.url, asks, 1)
  return { answers, cpu: ((await server.cpu()) - before - probe) / asks.length, database: Number.NaN }
}

/** The reference returns what ours has just answered. Compressed answers are asked for once more as they are. */
export async function handOver(
  { load }: Pick<CpuSetting, 'load'>,
  reference: MeasuredProcess,
  asks: readonly Ask[],
  answers: readonly Answered[],
  ours: MeasuredProcess,
  encoding: Encoding | null,
): Promise<void> {
  const plain = encoding === null ? answers : await load.all(ours.url, asks, 1)
  const pages = asks.map(({ path, token }, i): ReferencePage => {
    const { body, headers } = plain[i]!
    const { connection: _c, date: _d, 'keep-alive': _k, 'transfer-encoding': _t, ...kept } = headers
    return {
      path,
      token,
      headers: { ...kept, 'content-length': String(body.length) },
      body: body.toString(),
    }
  })
  const taken = reference.next('taken')
  reference.send({ type: 'pages', pages })
  await taken
}

function repeat<T>(items: readonly T[], times: number): T[] {
  return Array.from({ length: times }, () => items).flat()
}

/** What PostgreSQL does for a page is part of what it costs. */
export function ratioOf({ server, database, reference }: PageCost): number {
  return (server + (Number.isNaN(database) ? 0 : database)) / reference
}

export function cpuTable(title: string, costs: readonly PageCost[]): Table {
  return {
    title,
    columns: [
      'page',
      'bytes',
      'Heliograph',
      'PostgreSQL',
      'reference',
      'Heliograph / reference',
      'both / reference',
    ],
    rows: costs.map((cost) => [
      cost.kind.name,
      cost.bytes,
      cost.server.toFixed(3),
      Number.isNaN(cost.database) ? '–' : cost.database.toFixed(3),
      cost.reference.toFixed(3),
      `${(cost.server / cost.reference).toFixed(1)}×`,
      `${ratioOf(cost).toFixed(1)}×`,
    ]),
  }
}
