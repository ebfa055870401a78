import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { pino } from 'pino'
import { createTestClock, systemClock } from '#platform/clock/clock.ts'
import { idAt } from '#platform/ids/ids.ts'
import { createEmptyDatabase, migrationsFolder, type TestDatabase } from '../../../test/helpers/database.ts'
import { createDatabase, type Database } from './db.ts'
import { MigrationError, migrate } from './migrate.ts'
import { ensurePartitions, partitionsReadyUntil } from './partitions.ts'

const log = pino({ level: 'silent' })
let folder: string
let testDatabase: TestDatabase
let database: Database
/** Keeps a server of our own from stopping between two tests. */
let keeper: TestDatabase

before(async () => {
  keeper = await createEmptyDatabase()
})

after(() => keeper.drop())

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-migrate-'))
  testDatabase = await createEmptyDatabase()
  database = createDatabase({ url: testDatabase.url, poolSize: 4 }, log)
})

afterEach(async () => {
  await database.close()
  await testDatabase.drop()
  await rm(folder, { recursive: true })
})

const write = (name: string, text: string) => writeFile(join(folder, name), text)

async function tables(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations'
    order by 1`.execute(database.main)
  return rows.map(({ name }) => name)
}

test('migrations run once, in the order of their names, several statements each', async () => {
  await write('2026-b.sql', 'create table b (id int); alter table a add column x int;')
  await write('2026-a.sql', 'create table a (id int); create table a2 (id int);')
  await write('notes.txt', 'not a migration')
  assert.deepEqual(await migrate(database, folder), ['2026-a.sql', '2026-b.sql'])
  assert.deepEqual(await tables(), ['a', 'a2', 'b'])
  assert.deepEqual(await migrate(database, folder), [])
})

test('a failing migration leaves nothing behind, and the ones before it stay', async () => {
  await write('1.sql', 'create table a (id int);')
  await write('2.sql', 'create table b (id int); create table a (id int);')
  await assert.rejects(migrate(database, folder), /already exists/)
  assert.deepEqual(await tables(), ['a'])
  await write('2.sql', 'create table b (id int);')
  assert.deepEqual(await migrate(database, folder), ['2.sql'])
})

test('a changed migration stops the start with a sentence', async () => {
  await write('1.sql', 'create table a (id int);')
  await migrate(database, folder)
  await write('1.sql', 'create table a (id bigint);')
  await assert.rejects(migrate(database, folder), (error) => {
    assert.ok(error instanceof MigrationError)
    assert.match(error.message, /1\.sql has changed since it was applied/)
    return true
  })
})

test('a database of a newer release stops the start with a sentence', async () => {
  await write('1.sql', 'create table a (id int);')
  await write('2.sql', 'create table b (id int);')
  await migrate(database, folder)
  await rm(join(folder, '2.sql'))
  await assert.rejects(migrate(database, folder), /newer Heliograph: it has the migration 2\.sql/)
})

test('a migration that comes too late in the order is refused', async () => {
  await write('2.sql', 'create table b (id int);')
  await migrate(database, folder)
  await write('1.sql', 'create table a (id int);')
  await assert.rejects(migrate(database, folder), /1\.sql is older than 2\.sql/)
  assert.deepEqual(await tables(), ['b'])
})

test('several processes that start at once migrate once', async () => {
  for (let n = 0; n < 5; n++) await write(`${n}.sql`, `create table t${n} (id int); select pg_sleep(0.05);`)
  const others = Array.from({ length: 4 }, () => createDatabase({ url: testDatabase.url, poolSize: 2 }, log))
  const applied = await Promise.all(others.map((other) => migrate(other, folder)))
  assert.deepEqual(applied.flat().sort(), ['0.sql', '1.sql', '2.sql', '3.sql', '4.sql'])
  await Promise.all(others.map((other) => other.close()))
})

test('a migration that would wait long for a lock gives up instead of stopping all others', {
  timeout: 60_000,
}, async () => {
  await write('1.sql', 'create table a (id int);')
  await migrate(database, folder)
  await write('2.sql', "set local lock_timeout = '200ms'; alter table a add column x int;")
  const held = Promise.withResolvers<void>()
  const ready = Promise.withResolvers<void>()
  const blocker = database.transaction(async (tx) => {
    await sql`lock table a`.execute(tx)
    ready.resolve()
    await held.promise
  })
  await ready.promise
  await assert.rejects(migrate(database, folder))
  held.resolve()
  await blocker
  assert.deepEqual(await migrate(database, folder), ['2.sql'])
})

test('partitions stand two years ahead without a gap, and are made only once', async () => {
  await migrate(database, migrationsFolder)
  assert.ok((await partitionsReadyUntil(database.main, systemClock)).getTime() - systemClock.now() < 1000)
  const clock = createTestClock(Date.UTC(2026, 10, 23))
  const first = await ensurePartitions(database.main, clock)
  assert.equal(first.readyUntil.toISOString(), '2028-12-01T00:00:00.000Z')
  assert.equal(first.created, 8 * 26)
  const second = await ensurePartitions(database.main, clock)
  assert.deepEqual(second, { created: 0, readyUntil: first.readyUntil })
  await clock.set(Date.UTC(2027, 0, 1))
  const later = await ensurePartitions(database.main, clock)
  assert.equal(later.created, 8 * 2)
  assert.equal(later.readyUntil.toISOString(), '2029-02-01T00:00:00.000Z')
})

test('a gap ends readiness where it begins', async () => {
  await migrate(database, migrationsFolder)
  const clock = createTestClock(Date.UTC(2026, 10, 23))
  await ensurePartitions(database.main, clock)
  await sql`drop table likes_2027_03`.execute(database.main)
  assert.equal((await partitionsReadyUntil(database.main, clock)).toISOString(), '2027-03-01T00:00:00.000Z')
})

test('rows of the first and last moment of a month find their partition', async () => {
  await migrate(database, migrationsFolder)
  const clock = createTestClock(Date.UTC(2026, 10, 23))
  await ensurePartitions(database.main, clock)
  const start = Date.UTC(2027, 0, 1)
  for (const [ms, month] of [
    [start - 1, 'post_counts_2026_12'],
    [start, 'post_counts_2027_01'],
  ] as const) {
    const { rows } = await sql<{ name: string }>`
      insert into post_counts (bucket, post_id, like_count, comment_count, share_count)
      values (1023, ${idAt(ms, 1023, 127, 31)}, 0, 0, 0) returning tableoid::regclass::text as name`.execute(
      database.main,
    )
    assert.equal(rows[0]?.name, month)
  }
})

test('several processes that start at once make the partitions once', async () => {
  await migrate(database, migrationsFolder)
  const clock = createTestClock(Date.UTC(2026, 10, 23))
  const options = { monthsAhead: 1 }
  const reports = await Promise.all(
    Array.from({ length: 3 }, () => ensurePartitions(database.main, clock, options)),
  )
  assert.ok(reports.every(({ readyUntil }) => readyUntil.toISOString() === '2027-01-01T00:00:00.000Z'))
})

test('a server on a database that it must not touch ends with one sentence, and never stands still', async () => {
  await sql`create table schema_migrations (
    name text collate "C" primary key, checksum text not null, applied_at timestamptz not null)`.execute(
    database.main,
  )
  await sql`insert into schema_migrations values ('9999-of-a-newer-release.sql', 'x', '2026-01-01')`.execute(
    database.main,
  )
  const main = fileURLToPath(new URL('../../main.ts', import.meta.url))
  const env = { ...process.env, DATABASE_URL: testDatabase.url, HELIOGRAPH_DATA: folder, PORT: '0' }
  const server = fork(main, { env, stdio: 'ignore' })
  const [said] = (await once(server, 'message')) as [{ type: string; sentence: string }]
  assert.equal(said.type, 'fault')
  assert.match(said.sentence, /newer Heliograph.*9999-of-a-newer-release/)
  const [code] = await once(server, 'exit')
  assert.equal(code, 78)
})
