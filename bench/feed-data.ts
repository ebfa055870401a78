// Data sets of scenario "feed", each in a PostgreSQL data folder that is kept from run to run.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { createToken } from '../server/src/modules/accounts/session-tokens.ts'
import { createDatabase } from '../server/src/platform/db/db.ts'
import { migrate } from '../server/src/platform/db/migrate.ts'
import { MigrationError } from '../server/src/platform/db/migration-error.ts'
import { ensurePartitions } from '../server/src/platform/db/partitions.ts'
import { bucketOf, type Id, idAt } from '../server/src/platform/ids/ids.ts'
import { openPostgres, type Postgres } from '../server/src/supervisor/postgres.mjs'
import { copyRows, withoutIndexes } from './copy-rows.ts'
import { celebrity, drawFollows, obscureOf, readersOf } from './feed-graph.ts'
import {
  type DataRows,
  type DataSize,
  mediaColumns,
  mediaRow,
  personId,
  rowsOf,
  spanMs,
} from './feed-rows.ts'
import { tidy } from './feed-tidy.ts'

/** Raised when other rows are drawn: what was kept is then made anew. */
const version = 1
/** Feeds are about what is new: older sets are made anew. */
const keptForMs = 14 * 24 * 60 * 60 * 1000

const manyReaders = [
  { follows: 150, count: 240 },
  { follows: 500, count: 24 },
  { follows: 1000, count: 24 },
]

export const sizes = {
  S: { people: 10_000, posts: 100_000, follows: 1_500_000, readers: manyReaders, lively: 0.36 },
  L: { people: 100_000, posts: 3_000_000, follows: 15_000_000, readers: manyReaders, lively: 0.12 },
  quick: {
    people: 600,
    posts: 4000,
    follows: 12_000,
    readers: [
      { follows: 30, count: 12 },
      { follows: 100, count: 6 },
    ],
    lively: 0.5,
  },
} satisfies Record<string, DataSize>

export interface SignedIn {
  id: Id
  token: string
}

export interface Reader extends SignedIn {
  follows: number
}

export interface DataSet {
  name: string
  size: DataSize
  folder: string
  postgres: Postgres
  readers: Reader[]
  celebrity: SignedIn
  /** Followed by five of the readers alone. */
  obscure: SignedIn
  /** People who only like. */
  signIn(people: number): Promise<SignedIn[]>
  /** Photographs that are ready and belong to no post yet: ids of their uploads. */
  uploadsOf(owner: Id, count: number): Promise<Id[]>
  /** Posts that everybody may see. */
  postsToSee(count: number): Promise<Id[]>
  close(): Promise<void>
}

interface Made {
  version: number
  size: DataSize
  start: number
}

/** Where sets are kept: HELIOGRAPH_BENCH_DATA or the system's folder for what may be lost. */
function folderOf(name: string): string {
  return join(process.env.HELIOGRAPH_BENCH_DATA ?? join(tmpdir(), 'heliograph-bench'), `feed-${name}`)
}

export interface OpenOptions {
  size: DataSize
  log(text: string): void
  /** Elsewhere than where sets are kept, for samples. */
  folder?: string
}

/** Opens what was kept, or makes it; PostgreSQL then runs as it does for everybody, writes flushed. */
export async function openDataSet(
  name: string,
  { size, log, folder = folderOf(name) }: OpenOptions,
): Promise<DataSet> {
  let made = await readMade(folder)
  if (made !== null && !isAlike(made, size)) made = null
  if (made !== null) {
    const postgres = await openPostgres({ dataDir: folder })
    if (await migrates(postgres)) return dataSet(name, folder, postgres, made)
    await postgres.stop()
  }
  await rm(folder, { recursive: true, force: true })
  made = await makeDataSet(name, folder, size, log)
  return dataSet(name, folder, await openPostgres({ dataDir: folder }), made)
}

async function readMade(folder: string): Promise<Made | null> {
  const file = join(folder, 'bench.json')
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Made) : null
}

function isAlike(made: Made, size: DataSize): boolean {
  const age = Date.now() - made.start - spanMs
  return made.version === version && JSON.stringify(made.size) === JSON.stringify(size) && age < keptForMs
}

const migrations = fileURLToPath(new URL('../server/migrations', import.meta.url))

/** False when the set was made by migrations that are not those of this checkout. */
async function migrates(postgres: Postgres): Promise<boolean> {
  const database = createDatabase({ url: postgres.url, poolSize: 2 }, pino({ level: 'silent' }))
  try {
    await migrate(database, migrations)
    return true
  } catch (error) {
    if (error instanceof MigrationError) return false
    throw error
  } finally {
    await database.close()
  }
}

async function makeDataSet(
  name: string,
  folder: string,
  size: DataSize,
  log: OpenOptions['log'],
): Promise<Made> {
  const began = Date.now()
  log(`making data set ${name}: ${size.people} people, ${size.posts} posts, ${size.follows} follows`)
  await mkdir(folder, { recursive: true })
  const postgres = await openPostgres({ dataDir: folder, durable: false, settings: loading })
  const made: Made = { version, size, start: Date.now() - spanMs }
  try {
    const database = createDatabase({ url: postgres.url, poolSize: 2 }, pino({ level: 'silent' }))
    await migrate(database, migrations)
    await ensurePartitions(database.main, { now: () => made.start })
    await database.close()
    const rows = rowsOf(size, drawFollows(size, 5), made.start)
    await withClient(postgres, (client) => load(client, rows, log))
  } finally {
    await postgres.stop({ withinMs: 600_000 })
  }
  await writeFile(join(folder, 'bench.json'), JSON.stringify(made))
  log(`made in ${Math.round((Date.now() - began) / 1000)} s`)
  return made
}

/** For filling an empty database that can be made again: nothing is written twice. */
const loading = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '8GB',
  autovacuum: 'off',
  maintenance_work_mem: '512MB',
}

async function load(client: pg.Client, { ordered, loose }: DataRows, log: OpenOptions['log']): Promise<void> {
  for (const { table, columns, rows } of ordered) {
    log(`  ${table}`)
    await copyRows(client, table, columns, rows)
  }
  for (const { table, columns, rows } of loose) {
    log(`  ${table}`)
    await withoutIndexes(client, table, () => copyRows(client, table, columns, rows))
  }
  log('  vacuum and statistics')
  await client.query('vacuum (analyze)')
}

async function withClient<T>(postgres: Postgres, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function dataSet(
  name: string,
  folder: string,
  postgres: Postgres,
  { size, start }: Made,
): Promise<DataSet> {
  const idOf = (person: number) => personId(person, start)
  const writers = [celebrity, obscureOf(size)].map(idOf)
  const tidyUp = () => withClient(postgres, (client) => tidy(client, start + spanMs, writers))
  // A run that was killed has left its rows.
  await tidyUp()
  const signInAs = (people: readonly Id[]) => withClient(postgres, (client) => startSessions(client, people))
  const readers = readersOf(size)
  const signedIn = await signInAs(
    [celebrity, obscureOf(size), ...readers.map(({ person }) => person)].map(idOf),
  )
  const [famous, unknown, ...rest] = signedIn as [SignedIn, SignedIn, ...SignedIn[]]
  const first = Math.floor(size.people * 0.75)
  return {
    name,
    size,
    folder,
    postgres,
    readers: rest.map((reader, i) => ({ ...reader, follows: readers[i]!.follows })),
    celebrity: famous,
    obscure: unknown,
    signIn: (people) => signInAs(Array.from({ length: people }, (_, i) => idOf(first + i))),
    uploadsOf: (owner, count) => withClient(postgres, (client) => addUploads(client, owner, count)),
    postsToSee: (count) => withClient(postgres, (client) => publicPosts(client, count)),
    async close() {
      await tidyUp()
      await postgres.stop()
    },
  }
}

let sequence = 0
const began = Date.now()
/** Ids of rows that a run adds: another slot than those of the set. Each is older than the one before. */
function newId(bucket: number): Id {
  sequence++
  return idAt(began - 1000 - Math.floor(sequence / 32), bucket, 124, sequence % 32)
}

async function startSessions(client: pg.Client, people: readonly Id[]): Promise<SignedIn[]> {
  const signedIn = people.map((id) => ({ id, ...createToken(id) }))
  const now = new Date()
  const until = new Date(now.getTime() + 30 * 24 * 60 * 60 * 1000).toISOString()
  await copyRows(
    client,
    'sessions',
    ['bucket', 'user_id', 'id', 'token_hash', 'user_agent', 'created_at', 'last_used_at', 'expires_at'],
    signedIn.map(({ id, hash }) => {
      const [bucket, at] = [bucketOf(id), now.toISOString()]
      return [bucket, id, newId(bucket), `\\\\x${hash.toString('hex')}`, 'bench', at, at, until]
    }),
  )
  return signedIn.map(({ id, token }) => ({ id, token }))
}

async function addUploads(client: pg.Client, owner: Id, count: number): Promise<Id[]> {
  const bucket = bucketOf(owner)
  const now = Date.now()
  const ids = Array.from({ length: count }, () => newId(bucket))
  const [made, until] = [new Date(now).toISOString(), new Date(now + 86_400_000).toISOString()]
  await copyRows(
    client,
    'media',
    mediaColumns,
    ids.map((id) => mediaRow(id, bucket, owner, null, now)),
  )
  await copyRows(
    client,
    'uploads',
    ['bucket', 'id', 'owner_id', 'purpose', 'size', 'state', 'media_id', 'expires_at', 'created_at'],
    ids.map((id) => [bucket, id, owner, 'media', 3_000_000, 'complete', id, until, made]),
  )
  return ids
}

async function publicPosts(client: pg.Client, count: number): Promise<Id[]> {
  const { rows } = await client.query<{ id: Id }>(
    `select p.id from posts p join users u on u.bucket = p.bucket and u.id = p.author_id
     where not u.is_private limit $1`,
    [count],
  )
  return rows.map(({ id }) => id)
}
