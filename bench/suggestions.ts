// Scenario "suggestions": what suggesting people costs on the large set of data, for few and for many follows, beside a bare
// server that returns the same bytes and beside page 1 of the feed.
import { cpuTable, measureCpu, type PageCost, ratioOf } from './feed-cpu.ts'
import { sizes } from './feed-data.ts'
import { firstPage, followsOf, readersWith, type Setting, withSetting } from './feed-setting.ts'
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
  const { set, load, ours } = setting
  const follows = followsOf(set)
  const most = follows.at(-1)!
  setting.context.log(`set ${name}: waiting`)
  // Before anybody's relations are in memory: people whom the process has not seen.
  const waits = (
    await load.all(ours.url, follows.flatMap((count) => readersWith(setting, count)).map(suggestions), 1)
  ).map(({ ms }) => ms)
  setting.context.log(`set ${name}: CPU`)
  const costs = await measureCpu(setting, [
    ...follows.map((count) => ({
      name: `suggestions, ${count} follows`,
      asks: readersWith(setting, count).map(suggestions),
      target: Number.POSITIVE_INFINITY,
    })),
    {
      name: `page 1 of the feed, ${most} follows`,
      asks: readersWith(setting, most).map(firstPage),
      target: Number.POSITIVE_INFINITY,
    },
  ])
  return reportOf(name, costs, waits)
}

function reportOf(name: keyof typeof sizes, costs: readonly PageCost[], waits: readonly number[]): Report {
  const fewest = costs[0]!
  const [most, feed] = costs.slice(-2) as [PageCost, PageCost]
  const growth = whole(most) / whole(fewest)
  const slowest = quantile(waits, 0.99)
  const { people, posts, follows } = sizes[name]
  return {
    summary:
      '`GET /api/suggestions` of 20 people with their reasons, beside a bare Fastify server that returns the same bytes from a ' +
      'Buffer, as in scenario `feed`; one request after the other, readers taking turns, the two servers in turn. At most ' +
      '120 followees and 40 follows of each are looked at, however many there are.',
    tables: [cpuTable(`Set ${name}: CPU per answer, milliseconds`, costs), waitsTable(name, waits)],
    targets: [
      {
        text: `${most.kind.name}: ${ratioOf(most).toFixed(1)}× of the reference's CPU, ${(whole(most) / whole(feed)).toFixed(1)}× of ${feed.kind.name}; ${growth.toFixed(2)}× of ${fewest.kind.name}, at most ${growthMax}×`,
        isMet: growth <= growthMax,
      },
      {
        text: `p99 of readers new to the process: ${slowest.toFixed(0)} ms of the study's ${studyMs} ms`,
        isMet: slowest <= studyMs,
      },
    ],
    facts: { [`set ${name}`]: `${people} people, ${posts} posts, ${follows} follows` },
  }
}

function whole({ server, database }: PageCost): number {
  return server + (Number.isNaN(database) ? 0 : database)
}

function waitsTable(name: string, waits: readonly number[]): Table {
  return {
    title: `Set ${name}: readers new to the process, one after the other, milliseconds`,
    columns: ['answers', 'p50', 'p95', 'p99'],
    rows: [[waits.length, ...[0.5, 0.95, 0.99].map((share) => quantile(waits, share).toFixed(1))]],
  }
}
