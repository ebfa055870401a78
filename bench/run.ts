// `npm run bench -- <scenario> [--quick]`: runs it, prints its tables, writes them to bench/results/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { Report, RunScenario, Table } from './scenario.ts'

const scenarios: Record<string, { about: string; load: () => Promise<{ run: RunScenario }> }> = {
  media: {
    about: 'photographs: CPU beside sharp and ImageMagick, waiting times, bytes and likeness',
    load: () => import('./media.ts'),
  },
  feed: {
    about: 'CPU and latency of a page of the feed beside a bare server',
    load: () => import('./feed.ts'),
  },
  suggestions: {
    about: 'CPU and waiting of suggesting people beside a bare server and the feed',
    load: () => import('./suggestions.ts'),
  },
  accounts: {
    about: 'sign-ins beside argon2id alone, and pages of the feed beside sign-ins',
    load: () => import('./accounts.ts'),
  },
  live: {
    about: 'messages through two processes, durable ones a second, memory of open sockets',
    load: () => import('./live.ts'),
  },
  ranking: {
    about: 'how well feeds are ordered, for a simulated population with hidden wishes',
    load: () => import('./ranking.ts'),
  },
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
})
const [name] = positionals
const scenario = name === undefined ? undefined : scenarios[name]
if (!scenario || positionals.length !== 1) {
  console.error('Usage: npm run bench -- <scenario> [--quick]\n')
  for (const [known, { about }] of Object.entries(scenarios)) console.error(`  ${known.padEnd(12)} ${about}`)
  process.exit(2)
}

const { run } = await scenario.load()
const report = await run({ isQuick: values.quick, log: (text) => console.error(text) })
const markdown = present(name!, report)
console.log(markdown)
if (!values.quick) save(name!, markdown)
if (report.targets.some(({ isMet }) => !isMet)) process.exitCode = 1

function save(scenarioName: string, text: string): void {
  const folder = new URL('./results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${today()}-${scenarioName}.md`, folder), text)
}

function present(scenarioName: string, { summary, tables, targets, facts }: Report): string {
  const machine = Object.entries({ ...machineFacts(), ...facts }).map(([key, value]) => `- ${key}: ${value}`)
  return [
    `# ${scenarioName}, ${today()}`,
    summary,
    ...tables.map(presentTable),
    targets.map(({ text, isMet }) => `- ${isMet ? 'met' : '**missed**'}: ${text}`).join('\n'),
    `Measured on:\n\n${machine.join('\n')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function presentTable({ title, columns, rows }: Table): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, index) => (index === 0 ? '---' : '---:'))
  return [`## ${title}`, '', line(columns), line(rule), ...rows.map(line)].join('\n')
}

function machineFacts(): Record<string, string> {
  const [first] = cpus()
  return {
    processor: `${cpus().length} × ${first?.model.trim() || arch()}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    system: `${platform()} ${release()}, ${arch()}`,
    node: process.version,
    'load at the end': loadavg()
      .map((load) => load.toFixed(1))
      .join(', '),
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}
