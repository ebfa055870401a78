// Scenario "feed": what a page of the feed costs beside a bare server that returns the same bytes.
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { pino } from 'pino'
import { createClient } from '../client/src/client.ts'
import { createDatabase } from '../server/src/platform/db/db.ts'
import { openPostgres } from '../server/src/supervisor/postgres.mjs'
import { seedFeed, seedFollows } from '../server/test/helpers/seed-feed.ts'
import { median, quantile } from './figures.ts'
import { childrenCpu, type MeasuredProcess, startMeasured } from './measured-process.ts'
import type { Report, RunScenario, ScenarioContext } from './scenario.ts'

interface Size {
  people: number
  posts: number
  likes: number
  comments: number
  follows: number[]
  rounds: number
  pagesPerRound: number
}

const usual: Size = {
  people: 5200,
  posts: 20_000,
  likes: 60_000,
  comments: 20_000,
  follows: [50, 500, 5000],
  rounds: 15,
  pagesPerRound: 60,
}
const quick: Size = {
  people: 200,
  posts: 1000,
  likes: 1000,
  comments: 500,
  follows: [20],
  rounds: 1,
  pagesPerRound: 10,
}

/** One kind of page: both servers answer it at the same path. */
interface Case {
  name: string
  path: string
  token: string
  headers: Record<string, string>
  body: string
}

interface Figures {
  server: number[]
  database: number[]
  reference: number[]
  latency: number[]
  referenceLatency: number[]
}

export const run: RunScenario = async (context) => {
  const size = context.isQuick ? quick : usual
  const folder = await mkdtemp(join(tmpdir(), 'bench-feed-'))
  context.log('starting PostgreSQL, Heliograph and the bare server')
  const postgres = await openPostgres({ dataDir: folder, durable: false })
  const ended: (() => Promise<void>)[] = [
    () => rm(folder, { recursive: true, force: true }),
    () => postgres.stop(),
  ]
  try {
    const ours = await startMeasured('../server/src/main.ts', {
      DATABASE_URL: postgres.url,
      HELIOGRAPH_DATA: join(folder, 'data'),
      PORT: '0',
      LOG_LEVEL: 'warn',
    })
    ended.push(() => ours.stop())
    const reference = await startMeasured('./feed-reference.ts', {})
    ended.push(() => reference.stop())
    const cases = await prepareCases(context, size, ours, postgres.url)
    reference.send({ type: 'pages', pages: cases })
    await reference.next('taken')
    const databaseCpu = () => childrenCpu(postgres.pid)
    const figures = await measure({ context, size, cases, ours, reference, databaseCpu })
    return reportOf(size, cases, figures)
  } finally {
    for (const end of ended.toReversed()) await end()
  }
}

async function prepareCases(
  context: ScenarioContext,
  size: Size,
  ours: MeasuredProcess,
  databaseUrl: string,
): Promise<Case[]> {
  context.log(`seeding ${size.people} people and ${size.posts} posts`)
  const database = createDatabase({ url: databaseUrl, poolSize: 2 }, pino({ level: 'silent' }))
  try {
    const seeded = await seedFeed(database.main, size)
    const cases: Case[] = []
    for (const follows of size.follows) {
      const username = `follows_${follows}`
      const viewer = await createClient(ours.url).signUp({
        username,
        email: `${username}@example.org`,
        password: 'a long enough password',
      })
      await seedFollows(database.main, viewer.user.id, seeded.people.slice(0, follows))
      const token = viewer.token!
      const first = await capture(ours.url, `${follows} follows, page 1`, '/api/feed', token)
      const { nextCursor } = JSON.parse(first.body) as { nextCursor: string }
      const second = `/api/feed?cursor=${encodeURIComponent(nextCursor)}`
      cases.push(first, await capture(ours.url, `${follows} follows, page 2`, second, token))
    }
    return cases
  } finally {
    await database.close()
  }
}

async function capture(url: string, name: string, path: string, token: string): Promise<Case> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  const body = await response.text()
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${body}`)
  const { connection: _c, date: _d, ...headers } = Object.fromEntries(response.headers)
  return {
    name,
    path,
    token,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    body,
  }
}

interface Setting {
  context: ScenarioContext
  size: Size
  cases: Case[]
  ours: MeasuredProcess
  reference: MeasuredProcess
  databaseCpu(): number | null
}

/** The two take turns on each kind of page, so that a noisy neighbour meets both. */
async function measure({ context, size, cases, ours, reference, databaseCpu }: Setting): Promise<Figures[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const figures = cases.map(
    (): Figures => ({ server: [], database: [], reference: [], latency: [], referenceLatency: [] }),
  )
  for (let round = 0; round <= size.rounds; round++) {
    context.log(round === 0 ? 'warming up' : `round ${round} of ${size.rounds}`)
    for (const [index, page] of cases.entries()) {
      const databaseBefore = databaseCpu()
      const own = await timePages(agent, ours, page, size.pagesPerRound)
      const databaseAfter = databaseCpu()
      // The bare server is too quick for the clock of CPU times: it gets more pages.
      const bare = await timePages(agent, reference, page, size.pagesPerRound * 5)
      if (round === 0) continue
      const at = figures[index]!
      at.server.push(own.cpu)
      at.reference.push(bare.cpu)
      if (databaseBefore !== null && databaseAfter !== null)
        at.database.push((databaseAfter - databaseBefore) / size.pagesPerRound)
      at.latency.push(...own.latencies)
      at.referenceLatency.push(...bare.latencies)
    }
  }
  agent.destroy()
  return figures
}

async function timePages(agent: Agent, server: MeasuredProcess, page: Case, count: number) {
  const latencies: number[] = []
  const before = await server.cpu()
  for (let i = 0; i < count; i++) {
    const started = performance.now()
    await get(agent, server.url, page)
    latencies.push(performance.now() - started)
  }
  return { cpu: ((await server.cpu()) - before) / count, latencies }
}

/** Reads the whole answer; its length must be that of the page, or the two would not be alike. */
function get(agent: Agent, url: string, { path, token, body }: Case): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const asked = request(url + path, { agent, headers }, (response) => {
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
      })
      response.on('end', () =>
        response.statusCode === 200 && bytes === Buffer.byteLength(body)
          ? resolve()
          : reject(new Error(`${path} answered ${response.statusCode} with ${bytes} bytes`)),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

function reportOf(size: Size, cases: readonly Case[], figures: readonly Figures[]): Report {
  return {
    summary:
      'CPU and latency of a page of 20 posts, one request after the other, beside a bare `node:http` server that ' +
      'returns the same bytes from memory. First form of the feed: every page is read from PostgreSQL.',
    tables: [cpuTable(cases, figures), latencyTable(cases, figures)],
    targets: [],
    facts: {
      data: `${size.people} people, ${size.posts} posts, ${size.likes} likes, ${size.comments} comments`,
      pages: `${size.rounds} rounds of ${size.pagesPerRound} of each kind, medians of the rounds`,
    },
  }
}

function cpuTable(cases: readonly Case[], figures: readonly Figures[]) {
  return {
    title: 'CPU per page, milliseconds',
    columns: ['page', 'bytes', 'Heliograph', 'PostgreSQL', 'bare server', 'Heliograph / bare', 'both / bare'],
    rows: cases.map(({ name, body }, index) => {
      const { server, database, reference } = figures[index]!
      const [own, bare] = [median(server), median(reference)]
      const stored = database.length > 0 ? median(database) : null
      return [
        name,
        Buffer.byteLength(body),
        own.toFixed(2),
        stored === null ? '–' : stored.toFixed(2),
        bare.toFixed(3),
        `${(own / bare).toFixed(0)}×`,
        stored === null ? '–' : `${((own + stored) / bare).toFixed(0)}×`,
      ]
    }),
  }
}

function latencyTable(cases: readonly Case[], figures: readonly Figures[]) {
  return {
    title: 'Latency, milliseconds',
    columns: ['page', 'p50', 'p95', 'p99', 'bare p50', 'bare p95'],
    rows: cases.map(({ name }, index) => {
      const { latency, referenceLatency } = figures[index]!
      const own = [0.5, 0.95, 0.99].map((share) => quantile(latency, share).toFixed(1))
      const bare = [0.5, 0.95].map((share) => quantile(referenceLatency, share).toFixed(2))
      return [name, ...own, ...bare]
    }),
  }
}
