// Scenario "suggestions": what suggesting people costs on the large set of data, for few and for many follows, beside a bare
// server that returns the same bytes and beside page 1 of the feed.
import { cpuTable, measureCpu, type PageCost } from './feed-cpu.ts'
import { sizes } from './feed-data.ts'
import { coldReaders, firstPage, followsOf, readersWith, type Setting, withSetting } from './feed-setting.ts'
import { quantile } from './figures.ts'
import type { Report, RunScenario, Table } from './scenario.ts'

const studyMs = 200
/** However many somebody follows, as much is read. */
const growthMax = 1.5

export const run: RunScenario = (context) => {
  const name = context.isQuick ? 'quick' : 'L'
  return withSetting(context, name, (setting) => measure(setting, name))
}

const suggestions = ({ token }: { token: string }) => ({ token, path: '/api/suggestions?limit=20' })

async function measure(setting: Setting, name: keyof typeof sizes): Promise<Report> {
  const { set } = setting
  const follows = followsOf(set)
  const most = follows.at(-1)!
  setting.context.log(`set ${name}: waiting`)
  const first = await firstTime(setting)
  setting.context.log(`set ${name}: CPU`)
  const costs = await measureCpu(setting, [
    ...follows.map((count) => ({
      name: `suggestions again within five minutes, ${count} follows`,
      asks: readersWith(setting, count).map(suggestions),
      target: Number.POSITIVE_INFINITY,
    })),
    {
      name: `page 1 of the feed, ${most} follows`,
      asks: readersWith(setting, most).map(firstPage),
      target: Number.POSITIVE_INFINITY,
    },
  ])
  return reportOf(name, costs, first)
}

interface FirstTime {
  follows: number
  waits: number[]
  /** Milliseconds of CPU per answer. */
  server: number
  database: number
}

/** Nothing of what is found for them is kept yet. One of others goes before: a process compiles what it does first. */
async function firstTime(setting: Setting): Promise<FirstTime[]> {
  const { set, load, ours, databaseCpu } = setting
  await load.all(ours.url, coldReaders(setting).slice(0, setting.effort.readers).map(suggestions), 1)
  const figures: FirstTime[] = []
  for (const follows of followsOf(set)) {
    const asks = readersWith(setting, follows).map(suggestions)
    const before = { server: await ours.cpu(), database: databaseCpu() ?? Number.NaN }
    const answers = await load.all(ours.url, asks, 1)
    figures.push({
      follows,
      waits: answers.map(({ ms }) => ms),
      server: ((await ours.cpu()) - before.server) / asks.length,
      database: ((databaseCpu() ?? Number.NaN) - before.database) / asks.length,
    })
  }
  return figures
}

function reportOf(name: keyof typeof sizes, costs: readonly PageCost[], first: readonly FirstTime[]): Report {
  const [most, feed] = costs.slice(-2) as [PageCost, PageCost]
  const [fewest, largest] = [first[0]!, first.at(-1)!]
  const growth = whole(largest) / whole(fewest)
  const slowest = quantile(largest.waits, 0.99)
  const { people, posts, follows } = sizes[name]
  return {
    summary:
      '`GET /api/suggestions` of 20 people with their reasons, beside a bare Fastify server that returns the same bytes from a ' +
      'Buffer, as in scenario `feed`; one request after the other, readers taking turns, the two servers in turn. At most ' +
      '100 followees and 40 follows of each are looked at, however many there are; what is found is kept for five minutes, and ' +
      'the rules are asked each time.',
    tables: [cpuTable(`Set ${name}: CPU per answer, milliseconds`, costs), firstTable(name, first)],
    targets: [
      {
        text: `found for the first time: ${largest.follows} follows cost ${growth.toFixed(2)}× of ${fewest.follows}, at most ${growthMax}×`,
        isMet: growth <= growthMax,
      },
      {
        text: `p99 of readers of ${largest.follows} follows new to the process: ${slowest.toFixed(0)} ms of the study's ${studyMs} ms`,
        isMet: slowest <= studyMs,
      },
    ],
    facts: {
      [`set ${name}`]: `${people} people, ${posts} posts, ${follows} follows`,
      'suggestions beside the feed': `${most.kind.name}: ${(whole(most) / whole(feed)).toFixed(1)}× of ${feed.kind.name}`,
    },
  }
}

function whole({ server, database }: { server: number; database: number }): number {
  return server + (Number.isNaN(database) ? 0 : database)
}

function firstTable(name: string, first: readonly FirstTime[]): Table {
  return {
    title: `Set ${name}: readers new to the process, milliseconds`,
    columns: ['first answer', 'CPU of Heliograph', 'CPU of PostgreSQL', 'p50', 'p95', 'p99'],
    rows: first.map(({ follows, server, database, waits }) => [
      `${follows} follows`,
      server.toFixed(2),
      Number.isNaN(database) ? '–' : database.toFixed(2),
      ...[0.5, 0.95, 0.99].map((share) => quantile(waits, share).toFixed(1)),
    ]),
  }
}
