import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import { isFault } from '#platform/http/fault.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { afterCommit, createDatabase, type Database, jsonb } from './db.ts'
import { isUniqueViolation } from './errors.ts'
import { after as afterPosition, cutPage } from './keyset.ts'
import { prepared } from './prepared.ts'

const log = pino({ level: 'silent' })
let testDatabase: TestDatabase
let database: Database

before(async () => {
  testDatabase = await createTestDatabase()
  database = createDatabase({ url: testDatabase.url, poolSize: 4 }, log)
  await sql`create table notes (id bigint primary key, n numeric, f float8, at timestamptz, day date, data jsonb, tags text[])`.execute(
    database.main,
  )
})

after(async () => {
  await database.close()
  await testDatabase.drop()
})

async function one<T>(text: string, on = database): Promise<T> {
  const { rows } = await sql.raw<T>(text).execute(on.main)
  return rows[0]!
}

test('values come as the types that the tables declare', async () => {
  const row = await one<
    Record<string, unknown>
  >(`select 9223372036854775807::int8 as big, 12.50::numeric as n,
    1.5::float8 as f, '2026-05-01T10:00:00Z'::timestamptz as at, '2026-05-01'::date as day, '{"a":[1]}'::jsonb as data,
    array[1::int8, 2] as bigs, 3::int2 as small`)
  assert.deepEqual(row, {
    big: '9223372036854775807',
    n: 12.5,
    f: 1.5,
    at: new Date('2026-05-01T10:00:00Z'),
    day: '2026-05-01',
    data: { a: [1] },
    bigs: ['1', '2'],
    small: 3,
  })
})

test('a jsonb value is written as it is, arrays too', async () => {
  for (const value of [[], [1, 'x'], { a: null }, 'text', null]) {
    const { rows } = await sql<{ v: unknown }>`select ${jsonb(value)} as v`.execute(database.main)
    assert.deepEqual(rows[0]?.v, value)
  }
})

test('every session has its limits, a fixed search path and UTC', async () => {
  const expected = { path: 'public', statement: '30s', idle: '30s', zone: 'UTC' }
  const query = `select current_setting('search_path') as path, current_setting('statement_timeout') as statement,
    current_setting('idle_in_transaction_session_timeout') as idle, current_setting('timezone') as zone`
  assert.deepEqual(await one(query), expected)
  await database.transaction(async (tx) => {
    assert.deepEqual((await sql.raw(query).execute(tx)).rows[0], expected)
  })
})

test('reads of many callers at once get their own answers', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      n % 10 === 0
        ? sql`select 1 / 0`.execute(database.main).then(
            () => 'no error',
            () => n,
          )
        : sql<{ n: number }>`select ${n}::int as n`.execute(database.main).then(({ rows }) => rows[0]?.n),
    ),
  )
  assert.deepEqual(
    answers,
    Array.from({ length: 200 }, (_, n) => n),
  )
})

test('a slow read does not keep the others waiting while a client is free', async () => {
  const locker = new pg.Client({ connectionString: testDatabase.url })
  await locker.connect()
  await locker.query('begin; lock table notes')
  let isOver = false
  const sentAt = performance.now()
  const slow = sql`select id from notes`.execute(database.main).finally(() => {
    isOver = true
  })
  try {
    const isWaiting = `select 1 from pg_locks where not granted and relation = 'notes'::regclass`
    // What was sent a moment ago is not slow yet, and others may still be sent behind it.
    const isSlow = async () =>
      performance.now() - sentAt > 50 && (await locker.query(isWaiting)).rowCount === 1
    while (!(await isSlow())) await sleep(10)
    await Promise.all(Array.from({ length: 20 }, () => one('select 1')))
    assert.equal(isOver, false)
  } finally {
    await locker.end()
  }
  await slow
})

test('a transaction is all or nothing', async () => {
  const write = (id: string) => sql`insert into notes (id) values (${id})`
  await assert.rejects(
    database.transaction(async (tx) => {
      await write('1').execute(tx)
      throw new Error('no')
    }),
    /^Error: no$/,
  )
  await database.transaction((tx) => write('2').execute(tx))
  const { rows } = await sql<{ id: string }>`select id from notes`.execute(database.main)
  assert.deepEqual(rows, [{ id: '2' }])
})

test('a swallowed error does not let a transaction look saved', async () => {
  await assert.rejects(
    database.transaction(async (tx) => {
      await sql`insert into notes (id) values (3)`.execute(tx)
      await sql`select 1 / 0`.execute(tx).catch(() => undefined)
    }),
    /nothing is saved/,
  )
})

test('what waits for the commit runs after it, and not after a rollback', async () => {
  const log: string[] = []
  await database.transaction(async (tx) => {
    afterCommit(tx, () => void log.push('committed'))
    log.push('working')
  })
  await assert.rejects(
    database.transaction(async (tx) => {
      afterCommit(tx, () => void log.push('never'))
      throw new Error('no')
    }),
  )
  assert.deepEqual(log, ['working', 'committed'])
})

test('what is saved does not look as if it had failed, whatever goes wrong after the commit, nor is it done twice', async () => {
  const conflict = Object.assign(new Error('could not serialize'), { code: '40001' })
  let attempts = 0
  const done: string[] = []
  const result = await database.transaction(async (tx) => {
    attempts++
    afterCommit(tx, () => {
      throw conflict
    })
    afterCommit(tx, async () => {
      await sleep(20)
      done.push('waited for')
      throw conflict
    })
    afterCommit(tx, () => void done.push('next'))
    return 'saved'
  })
  assert.equal(result, 'saved')
  assert.equal(attempts, 1)
  assert.deepEqual(done, ['next', 'waited for'])
})

test('of two transactions that deadlock both succeed in the end, and commit hooks run once', async () => {
  await sql`insert into notes (id, n) values (10, 0), (11, 0)`.execute(database.main)
  let commits = 0
  let attempts = 0
  const both = (first: number, second: number) =>
    database.transaction(async (tx) => {
      attempts++
      afterCommit(tx, () => commits++)
      await sql`update notes set n = n + 1 where id = ${first}`.execute(tx)
      await sleep(100)
      await sql`update notes set n = n + 1 where id = ${second}`.execute(tx)
    })
  await Promise.all([both(10, 11), both(11, 10)])
  assert.ok(attempts > 2, 'there was a deadlock')
  assert.equal(commits, 2)
  const { rows } = await sql<{ n: number }>`select n from notes where id in (10, 11)`.execute(database.main)
  assert.deepEqual(rows, [{ n: 2 }, { n: 2 }])
})

test('nothing that a transaction asks for after it failed is saved behind its end', async () => {
  const { promise: failed, resolve } = Promise.withResolvers<void>()
  let late: Promise<unknown> = Promise.resolve()
  const failing = database.transaction(async (tx) => {
    late = failed.then(() => sql`insert into notes (id) values (40)`.execute(tx))
    // The end is sent, and not answered yet.
    setImmediate(resolve)
    throw new Error('no')
  })
  await Promise.all([assert.rejects(failing, /^Error: no$/), assert.rejects(failed.then(() => late))])
  assert.deepEqual(await one('select count(*)::int as n from notes where id = 40'), { n: 0 })
})

test('nothing that was sent together with a statement that fails is saved, and the connection is good for others', async () => {
  const single = createDatabase({ url: testDatabase.url, poolSize: 1 }, log)
  const write = (id: number) => sql`insert into notes (id) values (${id})`
  const together = single.transaction((tx) =>
    Promise.all([write(50).execute(tx), sql`select 1 / 0`.execute(tx), write(51).execute(tx)]),
  )
  await assert.rejects(together, /division by zero/)
  await single.transaction((tx) => write(52).execute(tx))
  assert.deepEqual(await one('select array_agg(id) as ids from notes where id between 50 and 52'), {
    ids: ['52'],
  })
  await single.close()
})

test('a transaction that takes too long is ended, and its backend with it, also when no other connection is free', async () => {
  const capped = createDatabase({ url: testDatabase.url, poolSize: 1, transactionCapMs: 200 }, log)
  const began = performance.now()
  await assert.rejects(
    capped.transaction(async (tx) => {
      await sql`insert into notes (id) values (20)`.execute(tx)
      await sql`select pg_sleep(20)`.execute(tx)
    }),
    (error) => isFault(error, 'server.overloaded'),
  )
  assert.ok(performance.now() - began < 10_000)
  assert.deepEqual(await one('select count(*)::int as n from notes where id = 20'), { n: 0 })
  const running = () =>
    one<{ n: number }>(`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and query like 'select pg_sleep(20)%'`)
  for (let i = 0; (await running()).n > 0; i++) {
    assert.ok(i < 100, 'the backend works on')
    await sleep(50)
  }
  await capped.close()
})

test('a transaction that sleeps past its end cannot commit', async () => {
  const capped = createDatabase({ url: testDatabase.url, transactionCapMs: 100 }, log)
  await assert.rejects(
    capped.transaction(async (tx) => {
      await sql`insert into notes (id) values (21)`.execute(tx)
      await sleep(300)
    }),
    (error) => isFault(error, 'server.overloaded'),
  )
  assert.deepEqual(await one('select count(*)::int as n from notes where id = 21'), { n: 0 })
  await capped.transaction((tx) => sql`select 1`.execute(tx))
  await capped.close()
})

test('a statement that is cancelled by its limit is overload, not a bug', async () => {
  const cancelled = database.transaction(async (tx) => {
    await sql`set local statement_timeout = 50`.execute(tx)
    await sql`select pg_sleep(5)`.execute(tx)
  })
  await assert.rejects(cancelled, (error) => isFault(error, 'server.overloaded'))
})

test('errors of the data stay what they are', async () => {
  await sql`insert into notes (id) values (30)`.execute(database.main)
  await assert.rejects(sql`insert into notes (id) values (30)`.execute(database.main), (error) => {
    assert.ok(isUniqueViolation(error))
    assert.ok(isUniqueViolation(error, 'notes_pkey'))
    assert.ok(!isUniqueViolation(error, 'other'))
    return true
  })
})

test('connections that break mean 503, and the next request works', async () => {
  const admin = new pg.Client({ connectionString: testDatabase.url })
  await admin.connect()
  admin.on('error', () => undefined)
  const kill = () =>
    admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'heliograph%' and pid <> pg_backend_pid()`)
  const read = () => database.main.selectNoFrom((e) => e.lit(1).as('n')).execute()
  const isAway = (error: unknown) => isFault(error, 'server.unavailable')
  const reading = assert.rejects(sql`select pg_sleep(10)`.execute(database.main), isAway)
  const writing = assert.rejects(
    database.transaction((tx) => sql`select pg_sleep(10)`.execute(tx)),
    isAway,
  )
  await sleep(200)
  await kill()
  await Promise.all([reading, writing])
  assert.deepEqual(await read(), [{ n: 1 }])
  await database.transaction((tx) => sql`select 1`.execute(tx))

  // Idle ones that broke unnoticed are replaced, too.
  await kill()
  await sleep(50)
  assert.deepEqual(await read(), [{ n: 1 }])
  await database.transaction((tx) => sql`select 1`.execute(tx))
  await admin.end()
})

test('a database that is not there means 503', async () => {
  for (const url of [
    'postgres://x:y@127.0.0.1:9/none',
    'postgres://x:y@localhost/none?host=/tmp/nowhere-at-all',
  ]) {
    const none = createDatabase({ url }, log)
    const isAway = (error: unknown) => isFault(error, 'server.unavailable')
    await assert.rejects(one('select 1', none), isAway)
    await assert.rejects(
      none.transaction((tx) => sql`select 1`.execute(tx)),
      isAway,
    )
    await none.close()
  }
})

test('a prepared query is compiled once and runs with new values each time', async () => {
  let built = 0
  const find = prepared('test.find', (db, p: { bucket: number; ids: string[] }) => {
    built++
    return db
      .selectFrom('events')
      .select(['id', 'kind'])
      .where('bucket', '=', p.bucket)
      .where('id', '=', sql<string>`any(${p.ids})`)
      .orderBy('id')
  })
  await database.main
    .insertInto('events')
    .values([1, 2, 3].map((n) => ({ bucket: 5, id: `${n}`, kind: `k${n}`, subject_id: '1', data: '{}' })))
    .execute()
  const id = (rows: { id: string }[]) => rows.map((row) => row.id)
  assert.deepEqual(id(await find(database.main, { bucket: 5, ids: ['1', '3'] })), ['1', '3'])
  assert.deepEqual(id(await find(database.main, { bucket: 5, ids: ['2'] })), ['2'])
  assert.deepEqual(id(await find(database.main, { bucket: 6, ids: ['2'] })), [])
  await database.transaction(async (tx) => {
    assert.deepEqual(id(await find(tx, { bucket: 5, ids: ['3'] })), ['3'])
  })
  assert.equal(built, 1)
  assert.throws(() => prepared('test.find', (db) => db.selectFrom('events').select('id')), /taken/)
})

test('no statement that was prepared before breaks when its table gets another column', async () => {
  await sql`create table grown (id int)`.execute(database.main)
  await sql`insert into grown values (1)`.execute(database.main)
  const all = prepared('test.grown', (db) => ({ compile: () => sql`select * from grown`.compile(db) }))
  const inside = () => database.transaction((tx) => all(tx, {}))
  const ask = () =>
    Promise.all([inside(), inside(), inside(), ...Array.from({ length: 8 }, () => all(database.main, {}))])
  await ask()
  await sql`alter table grown add column n int`.execute(database.main)
  for (const rows of await ask()) assert.deepEqual(rows, [{ id: 1, n: null }])
})

test('a list goes on after its position, in either direction', async () => {
  const list = (position: readonly [string, string], direction: 'asc' | 'desc') =>
    database.main
      .selectFrom('events')
      .select('id')
      .where(afterPosition(['subject_id', 'id'], position, direction))
      .orderBy('subject_id', direction)
      .orderBy('id', direction)
      .execute()
  assert.deepEqual(await list(['1', '3'], 'desc'), [{ id: '2' }, { id: '1' }])
  assert.deepEqual(await list(['1', '1'], 'asc'), [{ id: '2' }, { id: '3' }])
  assert.deepEqual(cutPage([1, 2, 3], 2), { rows: [1, 2], last: 2 })
  assert.deepEqual(cutPage([1, 2], 2), { rows: [1, 2], last: null })
})

test('after closing nothing runs, and closing twice is harmless', async () => {
  const other = createDatabase({ url: testDatabase.url }, log)
  await one('select 1', other)
  await Promise.all([other.close(), other.close()])
  await assert.rejects(one('select 1', other))
})
