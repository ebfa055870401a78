// What a twelve-megapixel photograph costs from master to renditions.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMediaPool, type MediaPool } from '../server/src/modules/media/rendering/media-pool.ts'
import { mean, median } from './figures.ts'
import { cpuOf } from './media-children.ts'
import type { Master } from './media-masters.ts'
import type { ReferenceAnswer, ReferenceJob } from './media-reference.ts'
import type { Report, ScenarioContext } from './scenario.ts'

const mostOfSharp = 1.2
const leastOfMagick = 2
/** Debian's; whatever else is called `convert` on a machine is not looked at. */
const magick = '/usr/bin/convert'

/** What people choose for a photograph; each is the pipeline and no more. */
const choices = {
  filtered: { filter: 'first-light' },
  adjusted: { filter: 'first-light', edits: { brightness: 20, contrast: 10, warmth: 15, saturation: 20 } },
  straightened: { edits: { straighten: 4.5 } },
} as const
type Choice = keyof typeof choices
const choiceNames: Record<Choice, string> = {
  filtered: 'with a filter',
  adjusted: 'with a filter and four adjustments',
  straightened: 'straightened',
}

const ways = [
  'pipeline',
  'sharp',
  'sharpEach',
  'moderated',
  'magick',
  'filtered',
  'adjusted',
  'straightened',
] as const
type Way = (typeof ways)[number]
/** Milliseconds of CPU, by master, one figure a round. */
type Figures = Record<Way, number[][]>

interface Setting {
  context: ScenarioContext
  masters: readonly Master[]
  folder: string
}

export async function measureCpu(setting: Setting): Promise<Omit<Report, 'summary'>> {
  const pool = createMediaPool({ size: 1, log: { warn: (_, text) => setting.context.log(text) } })
  const reference = await startReference()
  try {
    return reportOf(setting, await measure(setting, pool, reference))
  } finally {
    await pool.close()
    reference.kill()
  }
}

/** The ways take turns on each photograph, so that a noisy neighbour meets them all. */
async function measure({ context, masters, folder }: Setting, pool: MediaPool, reference: ChildProcess) {
  const rounds = context.isQuick ? 1 : 9
  const used = ways.filter((way) => way !== 'magick' || existsSync(magick))
  const figures = Object.fromEntries(ways.map((way) => [way, masters.map((): number[] => [])])) as Figures
  for (let round = context.isQuick ? 1 : 0; round <= rounds; round++) {
    context.log(round === 0 ? 'CPU: warming up' : `CPU: round ${round} of ${rounds}`)
    for (const [index, master] of masters.entries()) {
      for (let turn = 0; turn < used.length; turn++) {
        const way = used[(turn + round) % used.length]!
        const cpuMs = await withParentCpu(() => renderBy(way, { pool, reference, master, folder }))
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

interface Place {
  pool: MediaPool
  reference: ChildProcess
  master: Master
  folder: string
}

function renderBy(way: Way, place: Place): Promise<number> {
  switch (way) {
    case 'pipeline':
      return renderByPool(place, {})
    case 'moderated':
      return renderByPool(place, { classify: { threshold: 0.7 } })
    case 'filtered':
    case 'adjusted':
    case 'straightened':
      return renderByPool(place, choices[way])
    case 'magick':
      return renderByMagick(place)
    case 'sharp':
      return renderByReference(place.reference, 'decode-once', place.master, place.folder)
    case 'sharpEach':
      return renderByReference(place.reference, 'decode-each', place.master, place.folder)
  }
}

async function renderByPool({ pool, master, folder }: Place, more: object): Promise<number> {
  const request = {
    id: master.name,
    kind: 'photo',
    purpose: 'media',
    masterPath: master.path,
    outDir: folder,
  } as const
  return (await pool.render({ ...request, ...more })).cpuMs
}

export async function renderByReference(
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

/** Decoded once as well, in one thread; each smaller picture from the larger one. */
function renderByMagick({ master, folder }: Place): Promise<number> {
  const out = (name: string) => join(folder, name)
  const thumbnail = [
    '-resize',
    '150x150^',
    '-gravity',
    'center',
    '-extent',
    '150x150',
    out('magick-thumbnail.webp'),
  ]
  const large = [
    '-resize',
    '1080x',
    '-quality',
    '80',
    '-write',
    out('magick.jpg'),
    '-write',
    out('magick.webp'),
  ]
  const medium = ['-resize', '640x', '-write', out('magick-medium.webp')]
  const args = [master.path, '-auto-orient', '-strip', ...large, ...medium, ...thumbnail]
  return cpuOf(magick, args, { MAGICK_THREAD_LIMIT: '1', OMP_NUM_THREADS: '1' })
}

/** Under the same rules as the pipeline's child: heap, arenas, threads. */
export async function startReference(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./media-reference.ts', import.meta.url)), {
    execArgv: ['--max-old-space-size=256'],
    env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' },
  })
  await once(child, 'message')
  return child
}

function reportOf({ context, masters }: Setting, figures: Figures): Omit<Report, 'summary'> {
  const medians = (way: Way) => figures[way].map(median)
  const all = Object.fromEntries(ways.map((way) => [way, medians(way)])) as Record<Way, number[]>
  const hasMagick = figures.magick.some((rounds) => rounds.length > 0)
  const toSharp = mean(all.pipeline) / mean(all.sharp)
  const toMagick = mean(all.magick) / mean(all.pipeline)
  const row = (name: string, megabytes: number, at: (values: number[]) => number) => {
    const [ours, sharp] = [at(all.pipeline), at(all.sharp)]
    return [
      name,
      megabytes.toFixed(1),
      ours.toFixed(0),
      sharp.toFixed(0),
      `${(ours / sharp).toFixed(2)}×`,
      at(all.sharpEach).toFixed(0),
      hasMagick ? at(all.magick).toFixed(0) : '–',
      hasMagick ? `${(at(all.magick) / ours).toFixed(1)}×` : '–',
      `+${(at(all.moderated) - ours).toFixed(0)}`,
    ]
  }
  return {
    tables: [
      {
        title: 'Milliseconds of CPU per twelve-megapixel photograph (median of the rounds)',
        columns: [
          'photograph',
          'MB',
          'pipeline',
          'sharp, decoding once',
          'ratio',
          'sharp, decoding for each size',
          'ImageMagick',
          'ratio',
          'moderation',
        ],
        rows: [
          ...masters.map(({ name, megabytes }, index) => row(name, megabytes, (values) => values[index]!)),
          row('**mean**', mean(masters.map(({ megabytes }) => megabytes)), mean),
        ],
      },
      {
        title: 'What is chosen for a photograph, beside the same pipeline without it',
        columns: ['photographs', 'milliseconds of CPU', 'ratio'],
        rows: [
          ['as they are', mean(all.pipeline).toFixed(0), '1.00×'],
          ...(Object.keys(choices) as Choice[]).map((choice) => [
            choiceNames[choice],
            mean(all[choice]).toFixed(0),
            `${(mean(all[choice]) / mean(all.pipeline)).toFixed(2)}×`,
          ]),
        ],
      },
    ],
    targets: [
      {
        text: `pipeline without moderation at most ${mostOfSharp}× of sharp decoding once: ${toSharp.toFixed(2)}×`,
        isMet: context.isQuick || toSharp <= mostOfSharp,
      },
      ...(hasMagick
        ? [
            {
              text: `ImageMagick takes at least ${leastOfMagick}× of the pipeline: ${toMagick.toFixed(1)}×`,
              isMet: context.isQuick || toMagick >= leastOfMagick,
            },
          ]
        : []),
    ],
    facts: { rounds: `${figures.pipeline[0]!.length}, the ways interleaved, first round not counted` },
  }
}
