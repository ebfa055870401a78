import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { systemClock } from '#platform/clock/clock.ts'
import { createDatabase } from '#platform/db/db.ts'
import { migrate, readMigrations } from '#platform/db/migrate.ts'
import { ensurePartitions } from '#platform/db/partitions.ts'
import { createJobs } from '#platform/jobs/jobs.ts'

export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url))

/**
 * A migrated database of its own, cloned from a template in a fraction of the time that migrating takes.
 * HELIOGRAPH_TEST_DATABASE_URL names a server to do it on; without it one is started and thrown away.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await openServer()
  try {
    const template = await findOrMakeTemplate(server.url)
    const name = `heliograph_test_${randomBytes(8).toString('hex')}`
    // Copying files beats writing them to the log, as PostgreSQL does unasked, by half.
    await asAdmin(server.url, (client) =>
      client.query(`create database ${name} template ${template} strategy file_copy`),
    )
    return { url: withDatabase(server.url, name), drop: once(() => drop(server, name)) }
  } catch (error) {
    await server.release()
    throw error
  }
}

/** The same, without tables: for what makes them. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const server = await openServer()
  const name = `heliograph_test_${randomBytes(8).toString('hex')}`
  await asAdmin(server.url, (client) => client.query(`create database ${name}`))
  return { url: withDatabase(server.url, name), drop: once(() => drop(server, name)) }
}

interface Server {
  url: string
  release(): Promise<void>
}

async function drop(server: Server, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await asAdmin(server.url, (client) => client.query(`drop database if exists ${name} with (force)`))
      break
    } catch (error) {
      // Autovacuum may be at work in it, which only a superuser may end: it is soon done.
      if ((error as { code?: string }).code !== '42501' || attempt === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  await server.release()
}

let own: Promise<{ url: string; stop(): Promise<void> }> | undefined
let users = 0

async function openServer(): Promise<Server> {
  const given = process.env.HELIOGRAPH_TEST_DATABASE_URL
  if (given) return { url: given, release: async () => undefined }
  users++
  own ??= startOwn()
  const { url } = await own
  return { url, release: once(releaseOwn) }
}

async function releaseOwn(): Promise<void> {
  users--
  if (users > 0 || !own) return
  const ending = own
  own = undefined
  await (await ending).stop()
}

async function startOwn(): Promise<{ url: string; stop(): Promise<void> }> {
  const { openPostgres } = await import('../../src/supervisor/postgres.mjs')
  const dataDir = await mkdtemp(join(tmpdir(), 'heliograph-test-'))
  const remove = () => rmSync(dataDir, { recursive: true, force: true })
  // A test that fails may not drop its database; the server ends with this process, the folder would stay.
  process.once('exit', remove)
  const postgres = await openPostgres({ dataDir, durable: false })
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop()
      process.off('exit', remove)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const templates = new Map<string, Promise<string>>()

function findOrMakeTemplate(adminUrl: string): Promise<string> {
  let template = templates.get(adminUrl)
  if (!template) {
    template = makeTemplate(adminUrl)
    templates.set(adminUrl, template)
  }
  return template
}

async function makeTemplate(adminUrl: string): Promise<string> {
  const name = await templateName()
  await asAdmin(adminUrl, async (client) => {
    // Every test file asks at the same moment; one makes it, the others wait. The lock ends with the connection.
    await client.query('select pg_advisory_lock(4863291)')
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount) return
    await client.query(`drop database if exists ${name}_making with (force)`)
    await client.query(`create database ${name}_making`)
    await fillTemplate(withDatabase(adminUrl, `${name}_making`))
    await client.query(`alter database ${name}_making rename to ${name}`)
  })
  return name
}

async function fillTemplate(url: string): Promise<void> {
  const log = pino({ level: 'silent' })
  const database = createDatabase({ url, poolSize: 2 }, log)
  await migrate(database, migrationsFolder)
  await ensurePartitions(database.main, systemClock)
  await database.close()
  const jobs = createJobs({ url, log })
  await jobs.prepare()
  await jobs.stop()
}

/** Changes with everything that the template is made of. */
async function templateName(): Promise<string> {
  const migrations = await readMigrations(migrationsFolder)
  const hash = createHash('sha256')
  for (const { checksum } of migrations) hash.update(checksum)
  hash.update(new Date().toISOString().slice(0, 7))
  return `heliograph_template_${hash.digest('hex').slice(0, 16)}`
}

async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

function once(work: () => Promise<void>): () => Promise<void> {
  let promise: Promise<void> | undefined
  return () => {
    promise ??= work()
    return promise
  }
}
