// Scenario "upload": what a twelve-megapixel photograph costs from master to renditions.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { createMediaPool, type MediaPool } from '../server/src/modules/media/media-pool.ts'
import type { Report, RunScenario, ScenarioContext } from './scenario.ts'
import { type Master, makeMasters } from './upload-masters.ts'
import type { ReferenceAnswer, ReferenceJob } from './upload-reference.ts'

const targetRatio = 1.3
const ways = ['pipeline', 'decode-once', 'decode-each'] as const
type Way = (typeof ways)[number]
/** Milliseconds of CPU, by master, one figure a round. */
type Figures = Record<Way, number[][]>

export const run: RunScenario = async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-upload-'))
  const pool = createMediaPool({ size: 1, log: { warn: (_, text) => context.log(text) } })
  const reference = await startReference()
  try {
    context.log('drawing twelve-megapixel photographs')
    const masters = await makeMasters(folder, context.isQuick ? 1 : 5)
    const figures = await measure({ context, masters, folder, pool, reference })
    return reportOf(masters, figures, context.isQuick)
  } finally {
    await pool.close()
    reference.kill()
    await rm(folder, { recursive: true })
  }
}

interface Setting {
  context: ScenarioContext
  masters: Master[]
  folder: string
  pool: MediaPool
  reference: ChildProcess
}

/** The ways take turns on each photograph, so that a noisy neighbour meets them all. */
async function measure({ context, masters, folder, pool, reference }: Setting): Promise<Figures> {
  const rounds = context.isQuick ? 1 : 15
  const figures: Figures = { pipeline: [], 'decode-once': [], 'decode-each': [] }
  for (const way of ways) figures[way] = masters.map(() => [])
  for (let round = 0; round <= rounds; round++) {
    context.log(round === 0 ? 'warming up' : `round ${round} of ${rounds}`)
    for (const [index, master] of masters.entries()) {
      for (let turn = 0; turn < ways.length; turn++) {
        const way = ways[(turn + round) % ways.length]!
        const cpuMs = await withParentCpu(() =>
          way === 'pipeline'
            ? renderByPool(pool, master, folder)
            : renderByReference(reference, way, master, folder),
        )
        if (round > 0) figures[way][index]!.push(cpuMs)
      }
    }
  }
  return figures
}

/** Handing over and waiting cost the parent something too, in all ways alike. */
async function withParentCpu(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage()
  const childMs = await work()
  const { user, system } = process.cpuUsage(before)
  return childMs + (user + system) / 1000
}

async function renderByPool(pool: MediaPool, master: Master, outDir: string): Promise<number> {
  const request = {
    id: master.name,
    kind: 'photo',
    purpose: 'media',
    masterPath: master.path,
    outDir,
  } as const
  return (await pool.render(request)).cpuMs
}

async function renderByReference(
  reference: ChildProcess,
  way: ReferenceJob['way'],
  { path, orientation }: Master,
  outDir: string,
): Promise<number> {
  const large = orientation === 6 ? { width: 1350, height: 1080 } : { width: 1080, height: 810 }
  const job: ReferenceJob = { way, masterPath: path, outDir, large, angle: orientation === 6 ? 90 : 0 }
  reference.send(job)
  const [answer] = (await once(reference, 'message')) as [ReferenceAnswer]
  return answer.cpuMs
}

/** Under the same rules as the pipeline's child: heap, arenas, threads. */
async function startReference(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./upload-reference.ts', import.meta.url)), {
    execArgv: ['--max-old-space-size=256'],
    env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' },
  })
  await once(child, 'message')
  return child
}

function reportOf(masters: Master[], figures: Figures, isQuick: boolean): Report {
  const medians = (way: Way) => figures[way].map(median)
  const [pipeline, once, each] = [medians('pipeline'), medians('decode-once'), medians('decode-each')]
  const ratio = mean(pipeline) / mean(once)
  const row = (name: string, megabytes: number, at: (values: number[]) => number) => [
    name,
    megabytes.toFixed(1),
    at(pipeline).toFixed(0),
    at(once).toFixed(0),
    `${(at(pipeline) / at(once)).toFixed(2)}×`,
    at(each).toFixed(0),
    `${(at(each) / at(once)).toFixed(2)}×`,
  ]
  return {
    summary:
      'CPU time per twelve-megapixel photograph, parent and child together: the whole pipeline in the media child ' +
      '(sniffing, limits, decode, crop, four renditions within their caps, EXIF, thumbhash, perceptual hash) beside ' +
      'sharp alone, in a process of the same rules, making the same four renditions.',
    tables: [
      {
        title: 'Milliseconds of CPU per photograph (median of the rounds)',
        columns: [
          'photograph',
          'MB',
          'pipeline',
          'sharp, decoding once',
          'ratio',
          'sharp, decoding for each size',
          'ratio',
        ],
        rows: [
          ...masters.map(({ name, megabytes }, index) => row(name, megabytes, (values) => values[index]!)),
          row('**mean**', mean(masters.map(({ megabytes }) => megabytes)), mean),
        ],
      },
    ],
    targets: [
      {
        text: `pipeline at most ${targetRatio}× of sharp decoding once: ${ratio.toFixed(2)}×`,
        isMet: isQuick || ratio <= targetRatio,
      },
    ],
    facts: {
      sharp: `${sharp.versions.sharp}, libvips ${sharp.versions.vips}`,
      rounds: `${figures.pipeline[0]!.length}, the ways interleaved, first round not counted`,
    },
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
