import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { pino } from 'pino'
import { createEmptyDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { createDatabase, type Database } from './db.ts'
import { createPositions } from './replicas.ts'

const log = pino({ level: 'silent' })
const run = promisify(execFile)

test('a position of the log becomes the time at which the main database stood there', () => {
  const positions = createPositions()
  assert.equal(positions.reachedAt('0/FF'), null)
  positions.add(1000, '0/10')
  positions.add(1500, '0/FFFFFFFF')
  positions.add(2000, '1/0')
  assert.equal(positions.reachedAt('0/F'), null)
  assert.equal(positions.reachedAt('0/10'), 1000)
  assert.equal(positions.reachedAt('0/FFFFFFFE'), 1000)
  assert.equal(positions.reachedAt('1/0'), 2000)
  assert.equal(positions.reachedAt('A/0'), 2000)
})

test('what is no standby is never read from, nor is one that is away', async () => {
  const test = await createEmptyDatabase()
  const away = 'postgres://x:y@127.0.0.1:9/none'
  const database = createDatabase({ url: test.url, replicaUrls: [test.url, away] }, log)
  await sleep(1200)
  assert.equal(database.readFor(null), database.main)
  await database.close()
  await test.drop()
})

// A real standby needs programs that do not come along: Debian's postgresql-15, as the user postgres.
const bin = '/usr/lib/postgresql/15/bin'
const canReplicate = existsSync(`${bin}/pg_basebackup`) && process.getuid?.() === 0

test('reads go to a standby, but not of who just wrote, nor when it falls behind', {
  skip: canReplicate ? false : 'needs postgresql-15 and root',
  timeout: 120_000,
}, async (t) => {
  const { main, standby, close } = await startPair()
  t.after(close)
  const database = createDatabase({ url: main, replicaUrls: [standby] }, log)
  const isStandby = async (db: Database['main']) =>
    (await sql<{ r: boolean }>`select pg_is_in_recovery() as r`.execute(db)).rows[0]?.r
  const until = async (wanted: boolean) => {
    for (let i = 0; (await isStandby(database.readFor(null))) !== wanted; i++) {
      assert.ok(i < 200, `reads on the standby: ${!wanted}`)
      await sleep(50)
    }
  }
  await sql`create table notes (id int primary key)`.execute(database.main)
  await until(true)
  for (let n = 0; n < 50; n++) {
    await database.transaction((tx) => sql`insert into notes values (${n})`.execute(tx), { by: '7' })
    const seen = await sql`select 1 from notes where id = ${n}`.execute(database.readFor('7'))
    assert.equal(seen.rows.length, 1, 'they read what they wrote')
  }
  assert.equal(await isStandby(database.readFor('7')), false)
  assert.equal(await isStandby(database.readFor('8')), true)

  const other = createDatabase({ url: standby }, log)
  await sql`select pg_wal_replay_pause()`.execute(other.main)
  await sql`insert into notes values (100)`.execute(database.main)
  await until(false)
  await sql`select pg_wal_replay_resume()`.execute(other.main)
  await until(true)
  await other.close()
  await database.close()
})

async function startPair() {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-replica-'))
  await run('chown', ['postgres', folder])
  const asPostgres = (command: string) =>
    run('su', ['postgres', '-c', `cd ${folder} && PATH=${bin}:$PATH && ${command}`])
  const start = (name: string) =>
    asPostgres(
      `pg_ctl -D ${name} -w -l ${name}.log -o "-c listen_addresses='' -c unix_socket_directories=${folder}/at-${name} -c hot_standby=on" start`,
    )
  await asPostgres(
    'mkdir at-main at-standby && initdb -D main -A trust > /dev/null && echo "fsync=off" >> main/postgresql.conf',
  )
  await start('main')
  await asPostgres(`pg_basebackup -h ${folder}/at-main -D standby -R`)
  await start('standby')
  const url = (name: string) =>
    `postgres://postgres@localhost/postgres?host=${encodeURIComponent(`${folder}/at-${name}`)}`
  return {
    main: url('main'),
    standby: url('standby'),
    async close() {
      await asPostgres('pg_ctl -D standby -m fast stop && pg_ctl -D main -m fast stop')
      await rm(folder, { recursive: true })
    },
  }
}

/** Keeps a server of our own from stopping between two tests. */
let keeper: TestDatabase
before(async () => {
  keeper = await createEmptyDatabase()
})
after(() => keeper.drop())
