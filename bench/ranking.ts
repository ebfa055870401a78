// Scenario "ranking": how well feeds are ordered, for people whose tastes are known here and not to the ranker.
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import {
  createCandidateColumns,
  createScores,
  orderByScore,
} from '../server/src/modules/ranking/candidate-columns.ts'
import { rank } from '../server/src/modules/ranking/rank.ts'
import { createEmptyTaste } from '../server/src/modules/ranking/tastes/taste.ts'
import { rankingWeights } from '../server/src/modules/ranking/weights.ts'
import { mean, median } from './figures.ts'
import { type Arm, ablation, arms, fewArms, parts, variants } from './ranking-arms.ts'
import type { PopulationSize } from './ranking-population.ts'
import type { WeekFigures } from './ranking-week.ts'
import { liveAll, type WeekResult, type WeekTask } from './ranking-worker.ts'
import type { Report, RunScenario, Table } from './scenario.ts'
import { type Interval, interval95, isAbove, pairedInterval95 } from './statistics.ts'

interface Towns extends PopulationSize {
  runs: number
  firstSeed: number
  arms: WeekTask['arms']
}

const usual: Towns = {
  runs: 24,
  firstSeed: 1000,
  arms: 'all',
  people: 200,
  follows: 40,
  daysBefore: 4,
  days: 7,
  postsPerDay: 1,
}
/** Where far more is new between two sessions than a page holds. */
const busy: Towns = { ...usual, runs: 20, follows: 120, arms: 'few' }
/** Towns of their own: figures that are chosen by them are judged by the others. */
const others: Towns = { ...usual, runs: 10, firstSeed: 2000, arms: 'variants' }
const small = { runs: 2, people: 24, follows: 10, daysBefore: 2, days: 3, postsPerDay: 2 }

export const run: RunScenario = async ({ isQuick, log }) => {
  const all = [usual, busy, others].map((towns) => (isQuick ? { ...towns, ...small } : towns))
  const tasks = all.flatMap(({ runs, firstSeed, arms: asked, ...size }) =>
    Array.from({ length: runs }, (_, i): WeekTask => ({ size, seed: firstSeed + i, arms: asked })),
  )
  const weeks = isQuick ? tasks.map(liveAll) : await inThreads(tasks, log)
  const lived = all.map(({ runs }, at): Lived => {
    const before = all.slice(0, at).reduce((sum, towns) => sum + towns.runs, 0)
    return { towns: all[at]!, weeks: weeks.slice(before, before + runs) }
  })
  return reportOf(...(lived as [Lived, Lived, Lived]))
}

interface Lived {
  towns: Towns
  weeks: WeekResult[]
}

/** As many weeks at once as there are cores; results in the order of the tasks. */
async function inThreads(tasks: readonly WeekTask[], log: (text: string) => void): Promise<WeekResult[]> {
  const results = new Array<WeekResult>(tasks.length)
  let [next, done] = [0, 0]
  const work = async () => {
    const worker = new Worker(new URL('./ranking-worker.ts', import.meta.url))
    try {
      while (next < tasks.length) {
        const at = next++
        const lived = once(worker, 'message') as Promise<[WeekResult]>
        worker.postMessage(tasks[at]!)
        ;[results[at]] = await lived
        done++
        log(`week ${done} of ${tasks.length}`)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), tasks.length) }, work))
  return results
}

type Figure = Exclude<keyof WeekFigures, 'ndcgByDay'>

function reportOf({ towns, weeks }: Lived, busyTowns: Lived, otherTowns: Lived): Report {
  const of = figuresOf(weeks)
  const gain = (over: Arm) => pairedInterval95(of(arms.ranked, 'ndcg'), of(over, 'ndcg'))
  const target = (over: Arm) => ({
    text: `NDCG@20 of ranked − ${over.name}: ${signed(gain(over))}, beyond the interval`,
    isMet: isAbove(gain(over)),
  })
  return {
    summary:
      'A simulated population lives a week under each order of the feed. What people want is drawn from latent factors ' +
      'that the ranker never reads (interests, closeness, quality, how fast things grow old for them, the mood of the ' +
      'hour, chance); it sees who follows whom, hashtags, kinds of media, clocks and what people do. Order is measured ' +
      'against the hidden wish for each candidate at that moment, from the third day on. Ranking, sums, taste and mixing of authors are the ' +
      "server's own code. Runs are paired: the same town, posts and sessions for every order. ± is the half width of a 95 % " +
      "interval by Student's t over runs.",
    tables: [
      qualityTable('Quality of the first 20', of, Object.values(arms)),
      shownTable(of),
      ablationTable(of),
      daysTable(weeks),
      qualityTable(
        `The same where everybody follows ${busyTowns.towns.follows}`,
        figuresOf(busyTowns.weeks),
        fewArms,
      ),
      variantsTable(figuresOf(otherTowns.weeks)),
    ],
    targets: [arms.chronological, arms.counts, arms.rates].map(target),
    facts: {
      population: `${weeks.length} runs of ${towns.people} people, ${towns.follows} follows each, ${towns.days} days, ${Math.round(mean(of(arms.ranked, 'sessions')))} measured sessions a run; ${busyTowns.weeks.length} runs where everybody follows ${busyTowns.towns.follows}; ${otherTowns.weeks.length} of other towns for other figures`,
      'time of one ranking': `${timeOfRanking().toFixed(0)} µs for 500 candidates, median`,
    },
  }
}

type FiguresOf = (arm: Arm, figure: Figure) => number[]

function figuresOf(weeks: readonly WeekResult[]): FiguresOf {
  return ({ name }, figure) => weeks.map((week) => week[name]![figure])
}

function qualityTable(title: string, of: FiguresOf, shown: readonly Arm[]): Table {
  const ranked = of(arms.ranked, 'ndcg')
  return {
    title,
    columns: ['order', 'NDCG@20', 'recall@20', 'ranked is better by (NDCG@20, paired)', 'joy of a session'],
    rows: shown.map((arm) => [
      arm.name,
      figure(interval95(of(arm, 'ndcg'))),
      figure(interval95(of(arm, 'recall'))),
      arm === arms.ranked ? '–' : signed(pairedInterval95(ranked, of(arm, 'ndcg'))),
      figure(interval95(of(arm, 'joy')), 2),
    ]),
  }
}

function shownTable(of: FiguresOf): Table {
  return {
    title: 'What is shown: freshness and authors',
    columns: ['order', 'median age, hours', 'distinct authors in 20', 'seen before, of 20'],
    rows: Object.values(arms).map((arm) => [
      arm.name,
      figure(interval95(of(arm, 'medianAge')), 1),
      figure(interval95(of(arm, 'authors')), 1),
      figure(interval95(of(arm, 'seenShare').map((share) => share * 20)), 1),
    ]),
  }
}

function ablationTable(of: FiguresOf): Table {
  const ranked = of(arms.ranked, 'ndcg')
  return {
    title: 'What each part is worth: the ranking without it, its weight shared out among the others',
    columns: ['part', 'weight', 'NDCG@20 without', 'the part adds (paired)', 'beyond chance'],
    rows: parts.map((part) => {
      const without = of(ablation(part), 'ndcg')
      const added = pairedInterval95(ranked, without)
      const verdict = isAbove(added)
        ? 'adds'
        : isAbove({ ...added, mean: -added.mean })
          ? 'costs'
          : 'no difference'
      return [part, rankingWeights.parts[part], figure(interval95(without)), signed(added), verdict]
    }),
  }
}

function variantsTable(of: FiguresOf): Table {
  const ranked = of(arms.ranked, 'ndcg')
  return {
    title: 'Other figures, in other towns: how sensitive the formulas are',
    columns: ['change', 'NDCG@20', 'against the ranking as it is (paired)'],
    rows: [arms.ranked, ...variants].map((arm) => [
      arm === arms.ranked ? 'none' : arm.name,
      figure(interval95(of(arm, 'ndcg'))),
      arm === arms.ranked ? '–' : signed(pairedInterval95(of(arm, 'ndcg'), ranked)),
    ]),
  }
}

/** How much is learnt in a week. */
function daysTable(weeks: readonly WeekResult[]): Table {
  const shown: Arm[] = [arms.ranked, arms.off, arms.chronological]
  const days = weeks[0]![arms.ranked.name]!.ndcgByDay.length
  return {
    title: 'NDCG@20 by day',
    columns: ['day', ...shown.map(({ name }) => name)],
    rows: Array.from({ length: days }, (_, day) => [
      day + 1,
      ...shown.map(({ name }) => mean(weeks.map((week) => week[name]!.ndcgByDay[day]!)).toFixed(3)),
    ]),
  }
}

const figure = ({ mean: value, margin }: Interval, digits = 3) =>
  `${value.toFixed(digits)} ± ${margin.toFixed(digits)}`
const signed = (interval: Interval) => `${interval.mean < 0 ? '' : '+'}${figure(interval)}`

/** The server's ranking alone, microseconds. */
function timeOfRanking(): number {
  const [count, now] = [500, Date.UTC(2026, 10, 9)]
  const columns = createCandidateColumns(count)
  columns.count = count
  columns.authorCount = 100
  for (let row = 0; row < count; row++) {
    columns.author[row] = row % 100
    columns.publishedAt[row] = now - row * 600_000
    columns.features.set(
      [row % 300, row % 70, row % 11].map((key) => key + 1),
      row * 12,
    )
    columns.quality[row] = (row % 10) / 10
  }
  const taste = { ...createEmptyTaste('Europe/Berlin', now, true), likedNorm: 1 }
  const scores = createScores(count)
  const times = Array.from({ length: 400 }, () => {
    const started = performance.now()
    orderByScore(columns, rank(columns, taste, now, rankingWeights, scores))
    return (performance.now() - started) * 1000
  })
  return median(times.slice(100))
}
