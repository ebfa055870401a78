// Scenario "accounts": what a sign-in costs beside argon2id alone, and what sign-ins do to those who read.
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import { hashesAtOnce, hashPassword } from '../server/src/modules/accounts/passwords.ts'
import type { VerifyOrder } from './accounts-reference.ts'
import type { Ask, Unnamed } from './feed-load.ts'
import { firstPage, followsOf, readersWith, type Setting, withSetting } from './feed-setting.ts'
import { mean, median, quantile } from './figures.ts'
import { type MeasuredProcess, startMeasured } from './measured-process.ts'
import type { Report, RunScenario, Table } from './scenario.ts'

const password = 'a long enough password'
/** More than threads of the pool, so that it never waits for us. */
const signInsInFlight = 16
const readsInFlight = 2
const leastOfBare = 0.9
const mostOfIdle = 1.5

const efforts = {
  usual: { rounds: 6, accounts: 2000, signIns: 120, pages: 300 },
  quick: { rounds: 1, accounts: 20, signIns: 20, pages: 40 },
}
type Effort = (typeof efforts)['usual']

export const run: RunScenario = (context) => {
  const [name, effort] = context.isQuick
    ? (['quick', efforts.quick] as const)
    : (['S', efforts.usual] as const)
  return withSetting(context, name, async (setting) => {
    const before = loadavg()
    const hash = await hashPassword(password)
    const signIns = endless(await givePasswords(setting, hash, effort.accounts))
    const bare = await startMeasured('./accounts-reference.ts', {})
    try {
      const verify: VerifyAlone = (inFlight, count = effort.signIns) =>
        verifyAlone(bare, { type: 'verify', hash, password, count, inFlight })
      const entering = await measureSignIns(setting, { verify, signIns, effort })
      const reading = await measureReads(setting, { verify, signIns, effort })
      return reportOf(setting, { entering, reading, effort, before })
    } finally {
      await bare.stop()
    }
  })
}

/** The same hash for all: what it costs to look at depends on its parameters alone. */
async function givePasswords({ set }: Setting, hash: string, count: number): Promise<Unnamed[]> {
  const client = new pg.Client({ connectionString: set.postgres.url })
  await client.connect()
  try {
    const { rows } = await client.query<{ username: string }>(
      `with people as (select bucket, id, username from users where state = 'active' order by bucket, id limit $2),
         given as (insert into credentials (bucket, user_id, password_hash, changed_at)
           select bucket, id, $1, now() from people)
       select username from people`,
      [hash, count],
    )
    return rows.map(({ username }) => ({
      token: null,
      method: 'POST',
      path: '/api/sessions',
      body: { login: username, password },
    }))
  } finally {
    await client.end()
  }
}

/** One account after the other, again and again. */
function endless(asks: readonly Unnamed[]): () => Unnamed {
  let next = 0
  return () => asks[next++ % asks.length]!
}

interface Alone {
  perSecond: number
  /** Milliseconds of CPU each. */
  cpu: number
}

type VerifyAlone = (inFlight: number, count?: number) => Promise<Alone>

async function verifyAlone(bare: MeasuredProcess, order: VerifyOrder): Promise<Alone> {
  const before = await bare.cpu()
  const verified = bare.next<{ ms: number }>('verified')
  bare.send(order)
  const { ms } = await verified
  return { perSecond: (order.count / ms) * 1000, cpu: ((await bare.cpu()) - before) / order.count }
}

interface Entering {
  perSecond: number[]
  waits: number[]
  /** Milliseconds of CPU per sign-in. */
  server: number[]
  database: number[]
  /** argon2id with as many hashes at once as the server lets through. */
  alike: Alone[]
  /** With every thread of the pool, so every processor. */
  unbound: Alone[]
}

async function measureSignIns(
  { context, load, ours, databaseCpu }: Setting,
  { verify, signIns, effort }: { verify: VerifyAlone; signIns: () => Unnamed; effort: Effort },
): Promise<Entering> {
  const found: Entering = { perSecond: [], waits: [], server: [], database: [], alike: [], unbound: [] }
  const count = effort.signIns
  for (let round = 0; round <= effort.rounds; round++) {
    context.log(round === 0 ? 'Sign-ins: warming up' : `Sign-ins: round ${round} of ${effort.rounds}`)
    const asks = Array.from({ length: count }, signIns)
    const before = { server: await ours.cpu(), database: databaseCpu() ?? Number.NaN }
    const began = performance.now()
    const answers = await load.all(ours.url, asks, signInsInFlight)
    const took = performance.now() - began
    const server = ((await ours.cpu()) - before.server) / count
    const database = ((databaseCpu() ?? Number.NaN) - before.database) / count
    const [alike, unbound] = [await verify(hashesAtOnce), await verify(signInsInFlight)]
    if (round === 0) continue
    found.alike.push(alike)
    found.unbound.push(unbound)
    found.perSecond.push((count / took) * 1000)
    found.waits.push(...answers.map(({ ms: wait }) => wait))
    found.server.push(server)
    found.database.push(database)
  }
  return found
}

interface Reading {
  idle: Reads
  beside: Reads
  /** Beside argon2id alone, with as many hashes at once as the server lets through. */
  besideBare: Reads
  signInsPerSecond: number[]
  barePerSecond: number[]
}

interface Reads {
  waits: number[]
  /** Milliseconds of CPU in a second. */
  server: number[]
  database: number[]
}

async function measureReads(
  setting: Setting,
  { verify, signIns, effort }: { verify: VerifyAlone; signIns: () => Unnamed; effort: Effort },
): Promise<Reading> {
  const { context, set, load, ours } = setting
  const readers = readersWith(setting, followsOf(set)[0]!).map(firstPage)
  const asks = Array.from({ length: effort.pages }, (_, i) => readers[i % readers.length]!)
  const empty = (): Reads => ({ waits: [], server: [], database: [] })
  const found: Reading = {
    ...{ idle: empty(), beside: empty(), besideBare: empty() },
    ...{ signInsPerSecond: [], barePerSecond: [] },
  }
  await load.all(ours.url, asks, readsInFlight)
  for (let round = 1; round <= effort.rounds; round++) {
    context.log(`Reads: round ${round} of ${effort.rounds}`)
    await readPages(setting, asks, found.idle)
    const others = keepSigningIn(setting, signIns)
    await others.begun
    await readPages(setting, asks, found.beside)
    found.signInsPerSecond.push(await others.stop())
    const bare = keepVerifying(verify)
    await readPages(setting, asks, found.besideBare)
    found.barePerSecond.push(await bare.stop())
  }
  return found
}

async function readPages({ load, ours, databaseCpu }: Setting, asks: Ask[], into: Reads): Promise<void> {
  const before = { server: await ours.cpu(), database: databaseCpu() ?? Number.NaN }
  const began = performance.now()
  const answers = await load.all(ours.url, asks, readsInFlight)
  const seconds = (performance.now() - began) / 1000
  into.waits.push(...answers.map(({ ms }) => ms))
  into.server.push(((await ours.cpu()) - before.server) / seconds)
  into.database.push(((databaseCpu() ?? Number.NaN) - before.database) / seconds)
}

/** As fast as the server lets them in, until it is stopped. */
function keepSigningIn({ load, ours }: Setting, signIns: () => Unnamed) {
  const began = performance.now()
  let [count, isOver] = [0, false]
  const { promise: begun, resolve: hasBegun } = Promise.withResolvers<void>()
  const work = async () => {
    while (!isOver) {
      await load.all(ours.url, [signIns()], 1)
      count++
      hasBegun()
    }
  }
  const working = Promise.all(Array.from({ length: signInsInFlight }, work))
  return {
    begun: Promise.race([begun, working.then(() => {})]),
    async stop() {
      isOver = true
      await working
      return (count / (performance.now() - began)) * 1000
    },
  }
}

/** As fast as one process can, until it is stopped: in small portions. */
function keepVerifying(verify: VerifyAlone) {
  const [portion, rates] = [5, [] as number[]]
  let isOver = false
  const working = (async () => {
    while (!isOver) rates.push((await verify(hashesAtOnce, portion)).perSecond)
  })()
  return {
    async stop() {
      isOver = true
      await working
      // Of portions alike, so their harmonic mean.
      return rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0)
    },
  }
}

interface Found {
  entering: Entering
  reading: Reading
  effort: Effort
  before: number[]
}

function reportOf({ set }: Setting, { entering, reading, effort, before }: Found): Report {
  const rateBeside = (alone: Alone[]) =>
    median(entering.perSecond.map((figure, round) => figure / alone[round]!.perSecond))
  const [asAlike, asUnbound] = [rateBeside(entering.alike), rateBeside(entering.unbound)]
  const asBeside = median(
    reading.signInsPerSecond.map((figure, round) => figure / reading.barePerSecond[round]!),
  )
  const bareCpus = entering.unbound.map(({ cpu }) => cpu)
  const cpu = median(entering.server.map((figure, round) => bareCpus[round]! / figure))
  const whole = mean(bareCpus) / (mean(entering.server) + (mean(entering.database) || 0))
  const [idle, beside] = [reading.idle, reading.beside].map(({ waits }) => quantile(waits, 0.99)) as [
    number,
    number,
  ]
  return {
    summary:
      `Sign-ins over HTTP (\`POST /api/sessions\`, the right password, ${effort.accounts} accounts in turn, ${signInsInFlight} in flight) ` +
      'beside as many checks of the same hash by argon2id alone, in a process that does nothing else: ' +
      `with as many hashes at once as the server lets through (${hashesAtOnce}), and with ${signInsInFlight}. They take turns. Then page 1 of the feed of readers with ${followsOf(set)[0]} follows, ${readsInFlight} in flight, ` +
      'without sign-ins, beside as many as the server lets in, and beside argon2id alone, in turn.',
    tables: [enteringTable(entering), readingTable(reading)],
    targets: [
      {
        text: `sign-ins in a second: ${asAlike.toFixed(2)}× of argon2id alone with as many hashes at once (${hashesAtOnce}), at least ${leastOfBare}×`,
        isMet: asAlike >= leastOfBare,
      },
      {
        text: `sign-ins in a second: ${asUnbound.toFixed(2)}× of argon2id alone on every processor, at least ${leastOfBare}×`,
        isMet: asUnbound >= leastOfBare,
      },
      {
        text: `sign-ins in a second beside readers: ${asBeside.toFixed(2)}× of argon2id alone beside the same readers, at least ${leastOfBare}×`,
        isMet: asBeside >= leastOfBare,
      },
      {
        text: `CPU of argon2id alone: ${cpu.toFixed(2)}× of the server's for a sign-in (${whole.toFixed(2)}× with PostgreSQL's), at least ${leastOfBare}×`,
        isMet: cpu >= leastOfBare,
      },
      {
        text: `p99 of page 1 beside sign-ins: ${(beside / idle).toFixed(2)}× of that without, at most ${mostOfIdle}×`,
        isMet: beside / idle <= mostOfIdle,
      },
    ],
    facts: { 'load at the beginning': before.map((load) => load.toFixed(1)).join(', ') },
  }
}

function enteringTable({ perSecond, waits, server, database, alike, unbound }: Entering): Table {
  const figure = (of: number) => (Number.isNaN(of) ? '–' : of.toFixed(1))
  const rowOf = (name: string, alone: Alone[]) => [
    name,
    figure(median(alone.map((round) => round.perSecond))),
    figure(median(alone.map(({ cpu }) => cpu))),
    ...['–', '–', '–'],
  ]
  return {
    title: 'Sign-ins: medians of rounds, CPU in milliseconds each',
    columns: ['what', 'in a second', 'CPU of the process', 'CPU of PostgreSQL', 'p50, ms', 'p99, ms'],
    rows: [
      [
        'sign-in',
        figure(median(perSecond)),
        figure(median(server)),
        // Its clock may be coarse: what counts is the sum over all rounds.
        figure(mean(database)),
        figure(quantile(waits, 0.5)),
        figure(quantile(waits, 0.99)),
      ],
      rowOf(`argon2id alone, ${hashesAtOnce} at once`, alike),
      rowOf(`argon2id alone, ${signInsInFlight} at once`, unbound),
    ],
  }
}

function readingTable({ idle, beside, besideBare, signInsPerSecond, barePerSecond }: Reading): Table {
  const row = (name: string, { waits, server, database }: Reads, signIns: string) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => quantile(waits, share).toFixed(1)),
    signIns,
    mean(server).toFixed(0),
    Number.isNaN(mean(database)) ? '–' : mean(database).toFixed(0),
  ]
  return {
    title: 'Page 1 of the feed: waiting in milliseconds, CPU in milliseconds of a second',
    columns: [
      'reads',
      'p50',
      'p95',
      'p99',
      'sign-ins or hashes in a second',
      'CPU of the server',
      'CPU of PostgreSQL',
    ],
    rows: [
      row('without sign-ins', idle, '–'),
      row('beside sign-ins', beside, median(signInsPerSecond).toFixed(1)),
      row(`beside argon2id alone, ${hashesAtOnce} at once`, besideBare, median(barePerSecond).toFixed(1)),
    ],
  }
}
