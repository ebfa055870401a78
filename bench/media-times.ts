// How long people wait from the last byte of a photograph to their post being ready, on the real server.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { pino } from 'pino'
import { type Client, createClient } from '../client/src/client.ts'
import { createDatabase, type Database } from '../server/src/platform/db/db.ts'
import { bucketOf, idAt } from '../server/src/platform/ids/ids.ts'
import { openPostgres } from '../server/src/supervisor/postgres.mjs'
import { quantile } from './figures.ts'
import { type MeasuredProcess, startMeasured } from './measured-process.ts'
import { watchMemory } from './media-children.ts'
import { renderByReference, startReference } from './media-cpu.ts'
import type { Master } from './media-masters.ts'
import type { Report, ScenarioContext } from './scenario.ts'

const mostWithBackfill = 1.5
const together = 8

interface Setting {
  context: ScenarioContext
  masters: readonly Master[]
  folder: string
}

interface Instance {
  person: Client & { user: { id: string } }
  database: Database
  server: MeasuredProcess
  env: Record<string, string>
}

interface Times {
  alone: number[]
  together: number[]
}

export async function measureTimes(setting: Setting): Promise<Omit<Report, 'summary'>> {
  const codecs = await timeCodecs(setting)
  const plain = await withServer(setting, { MODERATION: 'no' }, async (instance) => {
    const times = await timeUploads(setting, instance)
    return { ...times, ...(await timeWithBackfill(setting, instance)) }
  })
  const moderated = setting.context.isQuick
    ? plain
    : await withServer(setting, {}, (instance) => timeUploads(setting, instance))
  return reportOf(setting, { codecs, plain, moderated })
}

async function withServer<T>(
  { context }: Setting,
  settings: Record<string, string>,
  work: (instance: Instance) => Promise<T>,
): Promise<T & { peaks: Map<string, number> }> {
  context.log('Times: starting PostgreSQL and Heliograph')
  // Of its own: PostgreSQL's user must reach it.
  const home = await mkdtemp(join(tmpdir(), 'bench-media-instance-'))
  const postgres = await openPostgres({ dataDir: home })
  const env = {
    DATABASE_URL: postgres.url,
    HELIOGRAPH_DATA: join(home, 'data'),
    PORT: '0',
    LOG_LEVEL: 'error',
    ...settings,
  }
  const server = await startMeasured('../server/src/main.ts', env)
  const database = createDatabase({ url: postgres.url, poolSize: 2 }, pino({ level: 'silent' }))
  const memory = watchMemory(server.pid, (line) =>
    line.includes('media/child/main.ts')
      ? 'a decoding process'
      : line.includes('server/src/main.ts')
        ? 'the server'
        : null,
  )
  try {
    const person = await createClient(server.url).signUp({
      username: 'bench',
      email: 'bench@example.org',
      password: 'a long enough password',
    })
    return { ...(await work({ person, database, server, env })), peaks: memory.stop() }
  } finally {
    memory.stop()
    await database.close()
    await server.stop()
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function timeUploads({ context, masters }: Setting, instance: Instance): Promise<Times> {
  const rounds = context.isQuick ? 1 : 8
  const files = await Promise.all(masters.map(({ path }) => readFile(path)))
  const pick = (index: number) => files[index % files.length]!
  await share(instance, pick(0))
  context.log('Times: one upload after the other')
  const alone: number[] = []
  for (let index = 0; index < rounds * files.length; index++) alone.push(await share(instance, pick(index)))
  context.log(`Times: ${together} uploads at once`)
  const atOnce: number[] = []
  for (let round = 0; round < rounds; round++) {
    const wave = Array.from({ length: together }, (_, index) => share(instance, pick(round + index)))
    atOnce.push(...(await Promise.all(wave)))
  }
  return { alone, together: atOnce }
}

/** Milliseconds from the acknowledgement of the last byte to the post being ready. */
async function share({ person, database }: Instance, bytes: Buffer): Promise<number> {
  const uploadId = await person.upload(bytes)
  const began = performance.now()
  const { id } = await person.call('POST /api/posts', { body: { media: [{ uploadId }] } })
  for (;;) {
    const { status } = await database.main
      .selectFrom('posts')
      .select('status')
      .where('bucket', '=', bucketOf(id))
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (status === 'ready') return performance.now() - began
    if (status !== 'processing') throw new Error(`a post ended ${status}`)
    await sleep(10)
  }
}

async function timeWithBackfill(setting: Setting, instance: Instance) {
  const { context, masters } = setting
  const count = context.isQuick ? 5 : 500
  const files = await Promise.all(masters.map(({ path }) => readFile(path)))
  await multiply(instance, count)
  const waiting = () => countOld(instance)
  context.log(`Times: a back-fill of ${count} beside fresh uploads`)
  const cli = fileURLToPath(new URL('../server/src/cli/cli.ts', import.meta.url))
  const args = ['--no-warnings', cli, 'media', 'rerender', '--all']
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...instance.env } })
  while ((await waiting()) === count) await sleep(50)
  const backfill: number[] = []
  const rounds = context.isQuick ? 1 : 8
  for (let index = 0; index < rounds * files.length; index++) {
    backfill.push(await share(instance, files[index % files.length]!))
  }
  return { backfill, count, left: await waiting() }
}

const clonedToken = 'bench'

/** As many media as wanted, whose masters and renditions are those of one that is ready. */
async function multiply({ person, database }: Instance, count: number): Promise<void> {
  const bucket = bucketOf(person.user.id)
  const { id: model } = await database.main
    .selectFrom('media')
    .select('id')
    .where('bucket', '=', bucket)
    .where('processing_status', '=', 'ready')
    .executeTakeFirstOrThrow()
  // Ids of one millisecond after the other, long ago.
  const first = idAt(Date.UTC(2025, 0, 1), bucket, 0, 0)
  await sql`insert into media select (jsonb_populate_record(m, jsonb_build_object(
      'id', ${first}::bigint + n * 4194304, 'upload_id', ${first}::bigint + n * 4194304,
      'post_id', null, 'token', ${clonedToken}::text))).*
    from media m, generate_series(1, ${count}::int) n where m.bucket = ${bucket} and m.id = ${model}`.execute(
    database.main,
  )
}

async function countOld({ person, database }: Instance): Promise<number> {
  const row = await database.main
    .selectFrom('media')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('bucket', '=', bucketOf(person.user.id))
    .where('token', '=', clonedToken)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Sharp alone, decoding once, in as many processes as there are cores: by the clock. */
async function timeCodecs({ context, masters, folder }: Setting): Promise<Times> {
  context.log('Times: the codecs alone')
  const rounds = context.isQuick ? 1 : 4
  const workers = await Promise.all(Array.from({ length: availableParallelism() }, startReference))
  try {
    const work = (worker: (typeof workers)[number], index: number) =>
      renderByReference(worker, 'decode-once', masters[index % masters.length]!, folder)
    for (const worker of workers) await work(worker, 0)
    const alone: number[] = []
    for (let index = 0; index < rounds * masters.length; index++) {
      const began = performance.now()
      await work(workers[0]!, index)
      alone.push(performance.now() - began)
    }
    const atOnce: number[] = []
    for (let round = 0; round < rounds; round++) {
      const waiting = Array.from({ length: together }, (_, index) => round + index)
      const began = performance.now()
      const next = async (worker: (typeof workers)[number]) => {
        for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
          await work(worker, index)
          atOnce.push(performance.now() - began)
        }
      }
      await Promise.all(workers.map(next))
    }
    return { alone, together: atOnce }
  } finally {
    for (const worker of workers) worker.kill()
  }
}

interface Found {
  codecs: Times
  plain: Times & { peaks: Map<string, number>; backfill: number[]; count: number; left: number }
  moderated: Times & { peaks: Map<string, number> }
}

function reportOf({ context }: Setting, { codecs, plain, moderated }: Found): Omit<Report, 'summary'> {
  const row = (what: string, figures: readonly number[], of: readonly number[]) => [
    what,
    ...[0.5, 0.95].map((share) => quantile(figures, share).toFixed(0)),
    ...[0.5, 0.95].map((share) => quantile(of, share).toFixed(0)),
  ]
  const ratio = quantile(plain.backfill, 0.95) / quantile(plain.alone, 0.95)
  const megabytes = (bytes: number | undefined) => ((bytes ?? 0) / 1024 ** 2).toFixed(0)
  const kinds = ['the server', 'a decoding process']
  return {
    tables: [
      {
        title: 'Milliseconds from the last byte to the ready post',
        columns: ['uploads', 'p50', 'p95', 'codecs alone, p50', 'p95'],
        rows: [
          row('one at a time', plain.alone, codecs.alone),
          row(`${together} at once`, plain.together, codecs.together),
          row(`one at a time beside a back-fill of ${plain.count}`, plain.backfill, codecs.alone),
          row('one at a time, with moderation', moderated.alone, codecs.alone),
          row(`${together} at once, with moderation`, moderated.together, codecs.together),
        ],
      },
      {
        title: 'Peak memory, MB resident',
        columns: ['process', 'without moderation', 'with moderation'],
        rows: kinds.map((kind) => [
          kind,
          megabytes(plain.peaks.get(kind)),
          megabytes(moderated.peaks.get(kind)),
        ]),
      },
    ],
    targets: [
      {
        text: `fresh uploads beside a back-fill: p95 at most ${mostWithBackfill}× of that without: ${ratio.toFixed(2)}× (${plain.left} of ${plain.count} were still to do)`,
        isMet: context.isQuick || (ratio <= mostWithBackfill && plain.left > 0),
      },
    ],
  }
}
