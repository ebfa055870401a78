// How long people wait: at several numbers in flight, as somebody new to the process, and while a process is cold.
import { performance } from 'node:perf_hooks'
import { handOver, type PageKind } from './feed-cpu.ts'
import type { Answered, Ask } from './feed-load.ts'
import { coldReaders, firstPage, followsOf, type Part, readersWith, type Setting } from './feed-setting.ts'
import { median, quantile } from './figures.ts'
import type { Target } from './scenario.ts'

const inFlight = [1, 16, 64]
const studyMs = 200

/**
 * The reference has answers from the measuring of their CPU, but for pages that a change comes before: of those each is asked for
 * once behind each change.
 */
export async function measureInFlight(
  setting: Setting,
  kinds: readonly PageKind[],
  what = 'pages',
): Promise<Part> {
  const { context, effort, set, load, ours, reference } = setting
  const rows: (string | number)[][] = []
  const targets: Target[] = []
  for (const kind of kinds) {
    const { name, asks, target } = kind
    const many = Array.from({ length: effort.inFlightPages }, (_, i) => asks[i % asks.length]!)
    if (kind.before) {
      const answers = await load.all(ours.url, asks, 1)
      await handOver(setting, reference, asks, answers, ours, null)
    }
    for (const count of inFlight) {
      context.log(`  ${name}, ${count} in flight`)
      // So many connections are made before: whoever has a page open has one.
      for (const { url } of [ours, reference]) await load.all(url, many.slice(0, 3 * count), count)
      const own = await timedOwn(setting, kind, many, count)
      const bare = await timed(() => load.all(reference.url, many, count))
      rows.push([
        name,
        count,
        ...waitsOf(own.waits),
        Math.round(own.perSecond),
        ...waitsOf(bare.waits),
        Math.round(bare.perSecond),
        `${(bare.perSecond / own.perSecond).toFixed(1)}×`,
      ])
      if (count !== inFlight.at(-1)) continue
      targets.push(waitTarget(set.name, name, quantile(own.waits, 0.99)))
      targets.push(rateTarget(set.name, name, bare.perSecond / own.perSecond, target))
    }
  }
  const figures = ['p50', 'p95', 'p99', 'pages/s']
  return {
    tables: [
      {
        title: `Set ${set.name}: ${what} by number in flight, milliseconds`,
        columns: [
          'page',
          'in flight',
          ...figures,
          ...figures.map((figure, at) => (at === 0 ? `reference ${figure}` : figure)),
          'pages/s, reference / Heliograph',
        ],
        rows,
      },
    ],
    targets,
  }
}

function waitTarget(set: string, page: string, ms: number): Target {
  return {
    text: `set ${set}, ${page}, p99 with ${inFlight.at(-1)} in flight: ${ms.toFixed(0)} ms of the study's ${studyMs} ms`,
    isMet: ms <= studyMs,
  }
}

function rateTarget(set: string, page: string, ratio: number, target: number): Target {
  return {
    text: `set ${set}, ${page}, pages/s with ${inFlight.at(-1)} in flight: the reference answers ${ratio.toFixed(1)}× as many, at most ${target}×`,
    isMet: ratio <= target,
  }
}

interface Timed {
  waits: number[]
  perSecond: number
}

async function timed(work: () => Promise<Answered[]>): Promise<Timed> {
  const started = performance.now()
  const waits = (await work()).map(({ ms }) => ms)
  return { waits, perSecond: (waits.length / (performance.now() - started)) * 1000 }
}

const changesPerCount = 3

async function timedOwn(
  setting: Setting,
  kind: PageKind,
  many: readonly Ask[],
  count: number,
): Promise<Timed> {
  const { load, ours, reference } = setting
  const { asks, before } = kind
  if (!before) return timed(() => load.all(ours.url, many, count))
  const waits: number[] = []
  let ms = 0
  for (let change = 0; change < changesPerCount; change++) {
    await before()
    const started = performance.now()
    const answers = await load.all(ours.url, asks, count)
    ms += performance.now() - started
    waits.push(...answers.map((answer) => answer.ms))
    await handOver(setting, reference, asks, answers, ours, null)
  }
  return { waits, perSecond: (waits.length / ms) * 1000 }
}

const waitsOf = (waits: readonly number[]) =>
  [0.5, 0.95, 0.99].map((share) => quantile(waits, share).toFixed(1))

/** Of a warm process: people whom it has not seen yet. Gives as well what it keeps of each. */
export async function measureColdReaders(setting: Setting): Promise<Part & { bytesPerReader: number }> {
  const { set, load, context } = setting
  const asks = coldReaders(setting).map(firstPage)
  const rows: string[][] = []
  const targets: Target[] = []
  let bytesPerReader = 0
  for (const count of inFlight) {
    context.log(`  ${asks.length} cold readers, ${count} in flight`)
    if (count !== inFlight[0]) await restartWarm(setting)
    const before = await setting.ours.memory()
    const first = await timed(() => load.all(setting.ours.url, asks, count))
    const after = await setting.ours.memory()
    const again = await timed(() => load.all(setting.ours.url, asks, count))
    rows.push(
      ['first time', String(count), ...waitsOf(first.waits)],
      ['second time', String(count), ...waitsOf(again.waits)],
    )
    if (count === inFlight[0]) bytesPerReader = (after.used - before.used) / asks.length
    if (count === inFlight.at(-1))
      targets.push(waitTarget(set.name, 'page 1 of readers new to a process', quantile(first.waits, 0.99)))
  }
  return {
    tables: [
      {
        title: `Set ${set.name}: readers new to a warm process, ${followsOf(set)[0]} follows, milliseconds`,
        columns: ['page 1', 'in flight', 'p50', 'p95', 'p99'],
        rows,
      },
    ],
    targets,
    bytesPerReader,
  }
}

const warmTurns = 20

/** Another process that has answered others for a while: nobody of the cold ones. */
async function restartWarm(setting: Setting): Promise<void> {
  await setting.restart()
  const asks = followsOf(setting.set).flatMap((follows) => readersWith(setting, follows).map(firstPage))
  const turns = setting.context.isQuick ? 1 : warmTurns
  for (let turn = 0; turn < turns; turn++) await setting.load.all(setting.ours.url, asks, 1)
}

const window = 20
/** As quick as a warm one: within this of its median. */
const warmFactor = 1.25

/** A process that starts in the middle of work, until it answers as the one that is warm. */
export async function measureColdProcess(setting: Setting): Promise<Part> {
  const { context, effort, set, load } = setting
  context.log('  a cold process')
  const asks = readersWith(setting, followsOf(set)[0]!).map(firstPage)
  const usual = median((await load.all(setting.ours.url, [...asks, ...asks], 1)).map(({ ms }) => ms))
  const began = performance.now()
  await setting.restart()
  const ready = performance.now() - began
  const waits: number[] = []
  let warmAfter: number | null = null
  const most = context.isQuick ? 3 * window : 200 * effort.readers
  while (waits.length < most && warmAfter === null) {
    const [answer] = await load.all(setting.ours.url, [asks[waits.length % asks.length]!], 1)
    waits.push(answer!.ms)
    const last = waits.slice(-window)
    if (last.length === window && median(last) <= usual * warmFactor)
      warmAfter = performance.now() - began - ready
  }
  const seconds = (ms: number) => (ms / 1000).toFixed(2)
  return {
    tables: [
      {
        title: `Set ${set.name}: a process from its start`,
        columns: ['what', 'figure'],
        rows: [
          ['ready again after the stop of the one before, seconds', seconds(ready)],
          ['first page, milliseconds', waits[0]!.toFixed(0)],
          [
            `slowest of the first ${window} pages, milliseconds`,
            Math.max(...waits.slice(0, window)).toFixed(0),
          ],
          [
            `median of ${window} pages within ${warmFactor}× of a warm process's, seconds after it was ready`,
            warmAfter === null ? '–' : seconds(warmAfter),
          ],
          ['… pages until then', warmAfter === null ? '–' : waits.length],
        ],
      },
    ],
  }
}
