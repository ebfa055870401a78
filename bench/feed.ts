// Scenario "feed": what pages, posts and likes cost on two sizes of data, beside a bare server that returns the same bytes.

import { cpuTable, measureCpu, type PageCost, ratioOf } from './feed-cpu.ts'
import { sizes } from './feed-data.ts'
import { feedKinds } from './feed-kinds.ts'
import { measureLikes } from './feed-likes.ts'
import { measureMemory } from './feed-memory.ts'
import { measureFame, measureLag } from './feed-posting.ts'
import { readersWhoRead } from './feed-readers.ts'
import { type Part, type Setting, withSetting } from './feed-setting.ts'
import { measureColdProcess, measureColdReaders, measureInFlight } from './feed-times.ts'
import { startMeasured } from './measured-process.ts'
import type { Report, RunScenario, Table, Target } from './scenario.ts'

interface SetFigures {
  name: string
  costs: PageCost[]
  memory: { rss: number; used: number }
  bytesPerReader: number
  parts: Part[]
}

export const run: RunScenario = async (context) => {
  const names = context.isQuick ? (['quick'] as const) : (['S', 'L'] as const)
  const figures: SetFigures[] = []
  for (const name of names)
    figures.push(await withSetting(context, name, (setting) => measureSet(setting, name === names[0])))
  return reportOf(figures, await measureMemory(context))
}

/** Some questions need an answer from one set only. */
async function measureSet(setting: Setting, isFirst: boolean): Promise<SetFigures> {
  const { set } = setting
  await readersWhoRead(setting)
  setting.context.log(`set ${set.name}: CPU of pages`)
  const { snapshot, afterLooks, published, rebuilt, again, rebuiltOfMany } = await feedKinds(setting)
  const costs = await measureCpu(setting, [snapshot, afterLooks, ...published, ...rebuilt, ...again])
  const memory = await setting.ours.memory()
  const warm = await measureInFlight(setting, [snapshot, ...again])
  const { bytesPerReader, ...cold } = await measureColdReaders(setting)
  const parts = [
    warm,
    // Of the cold ones too, who are known by now.
    await measureInFlight(setting, [rebuiltOfMany], 'pages rebuilt'),
    cold,
    await measureColdProcess(setting),
    await measureFame(setting),
  ]
  if (isFirst) {
    parts.push(await measureCompressed(setting))
    parts.push(await measureLag(setting))
    parts.push(await measureLikes(setting))
  }
  return { name: set.name, costs, memory, bytesPerReader, parts }
}

const codecs = [
  ['gzip', 'gzip'],
  ['br', 'Brotli (quality 4)'],
] as const

/** Both servers compress each answer, by the same code. That code is no JavaScript: what V8 still compiles hardly counts. */
async function measureCompressed(setting: Setting): Promise<Part> {
  setting.context.log('both compressing')
  const { rounds, warmRounds } = setting.effort
  const effort = { ...setting.effort, rounds: Math.min(12, rounds), warmRounds: Math.min(3, warmRounds) }
  const imports = ['./compress-answers.ts']
  await setting.restart({ imports })
  const reference = await startMeasured('./feed-reference.ts', {}, imports)
  try {
    const { snapshot, again } = await feedKinds(setting)
    const kinds = [snapshot, again[0]!]
    const tables: Table[] = []
    for (const [encoding, name] of codecs) {
      const costs = await measureCpu(setting, kinds, { reference, encoding, effort })
      tables.push(cpuTable(`Both compressing each answer with ${name}: CPU per page, milliseconds`, costs))
    }
    return { tables }
  } finally {
    await reference.stop()
    await setting.restart()
  }
}

function reportOf(sets: readonly SetFigures[], memory: Table): Report {
  const perSet = sets.map(({ name, costs }) => cpuTable(`Set ${name}: CPU per page, milliseconds`, costs))
  return {
    summary:
      'A page of 20 posts beside a bare Fastify server in a process of its own that returns the same bytes from a Buffer, ' +
      'with the same options, the same hooks for the log and the look-up of a session by the hash of its token; answers as ' +
      'they are on both sides, one request after the other, readers taking turns, the two servers in turn. The server ' +
      'ships its answers as they are: see bench/README.md, and the tables in which both compress.',
    tables: [
      ...perSet,
      ...comparison(sets),
      ...sets.flatMap(({ parts }) => parts.flatMap(({ tables }) => tables)),
      memoryTable(sets),
      memory,
    ],
    targets: [
      ...sets.flatMap(({ name, costs }) => costs.map((cost) => pageTarget(name, cost))),
      ...growthTargets(sets),
      ...sets.flatMap(({ parts }) => parts.flatMap(({ targets }) => targets ?? [])),
    ],
    facts: Object.fromEntries(
      sets.map(({ name }) => {
        const { people, posts, follows } = sizes[name as keyof typeof sizes]
        return [`set ${name}`, `${people} people, ${posts} posts, ${follows} follows`]
      }),
    ),
  }
}

function pageTarget(set: string, cost: PageCost): Target {
  const { name, target } = cost.kind
  return {
    text: `set ${set}, ${name}: ${ratioOf(cost).toFixed(1)}× of the reference's CPU, at most ${target}×`,
    isMet: ratioOf(cost) <= target,
  }
}

/** Milliseconds of the larger set per millisecond of the smaller, each by its reference of the same minutes. */
function growthOf([small, large]: readonly SetFigures[]): { name: string; growth: number }[] {
  if (!small || !large) return []
  return small.costs.map((cost, i) => ({
    name: cost.kind.name,
    growth: ratioOf(large.costs[i]!) / ratioOf(cost),
  }))
}

function comparison(sets: readonly SetFigures[]): Table[] {
  const rows = growthOf(sets).map(({ name, growth }) => [name, `${growth.toFixed(2)}×`])
  return rows.length === 0
    ? []
    : [{ title: 'Set L by set S, each as its ratio to the reference', columns: ['page', 'L / S'], rows }]
}

function growthTargets(sets: readonly SetFigures[]): Target[] {
  return growthOf(sets).map(({ name, growth }) => ({
    text: `${name}: set L costs ${growth.toFixed(2)}× of set S, at most 1.2×`,
    isMet: growth <= 1.2,
  }))
}

function memoryTable(sets: readonly SetFigures[]): Table {
  const megabytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(0)
  return {
    title: 'Memory of the server after collecting garbage, MiB',
    columns: ['state', 'whole process', 'heap and buffers'],
    rows: [
      ...sets.map(({ name, memory }) => [`set ${name}, warm`, megabytes(memory.rss), megabytes(memory.used)]),
      ...sets.map(({ name, bytesPerReader }) => [
        `set ${name}: a reader more, with the posts that their page brings into memory, KiB`,
        '–',
        (bytesPerReader / 1024).toFixed(1),
      ]),
    ],
  }
}
