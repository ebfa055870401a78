import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, beforeEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { type Clock, createTestClock, systemClock } from '#platform/clock/clock.ts'
import { createDatabase, type Database } from '#platform/db/db.ts'
import { createIdSource, type IdSource } from '#platform/ids/id-source.ts'
import { idAt, minIdAt } from '#platform/ids/ids.ts'
import { createJobs, type Jobs } from '#platform/jobs/jobs.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { until } from '../../../test/helpers/until.ts'
import { createEvents, type EventSystem, type StoredEvent } from './events.ts'
import { purgeEvents } from './purge.ts'
import { createReader } from './reader.ts'

const log = pino({ level: 'silent' })
const day = 24 * 3_600_000

let test_: TestDatabase
let database: Database
let ids: IdSource

before(async () => {
  test_ = await createTestDatabase()
  database = createDatabase({ url: test_.url, poolSize: 10 }, log)
  ids = await createIdSource({ db: database.main, clock: systemClock, log })
  await sql`create table followed (name text primary key)`.execute(database.main)
})
beforeEach(async () => {
  for (const table of ['events', 'relay_positions'] as const) await database.main.deleteFrom(table).execute()
})
after(async () => {
  await ids.close()
  await database.close()
  await test_.drop()
})

interface Process {
  jobs: Jobs
  events: EventSystem
}

function createProcess({
  clock = systemClock,
  source = ids,
}: {
  clock?: Clock
  source?: IdSource
} = {}): Process {
  const jobs = createJobs({ url: test_.url, log })
  return { jobs, events: createEvents({ database, ids: source, clock, jobs, log }) }
}

/** User names, as the follower of this name gets them. */
function followNames(
  { events }: Process,
  { name = 'test.names', from }: { name?: string; from?: 'beginning' | 'now' } = {},
): string[] {
  const names: string[] = []
  events.follow(
    name,
    ['accounts.signed_up'],
    async (batch) => void names.push(...batch.map(({ data }) => data.username)),
    from && { from },
  )
  return names
}

async function close({ events, jobs }: Process): Promise<void> {
  await events.close()
  await jobs.stop()
}

const signedUp = (username: string) =>
  ({ kind: 'accounts.signed_up', bucket: 7, subjectId: '1', data: { username } }) as const

const emit = (events: EventSystem, ...names: string[]) =>
  database.transaction((tx) => events.emitAll(tx, names.map(signedUp)))

const unique = (names: readonly string[]) => [...new Set(names)].sort()

test('a follower that fails loses nothing, and holds nobody up', async () => {
  const one = createProcess()
  const names: string[] = []
  let failures = 0
  one.events.follow('test.failing', ['accounts.signed_up'], async (batch) => {
    if (failures++ < 3) throw new Error('not now')
    names.push(...batch.map(({ data }) => data.username))
  })
  const others = followNames(one)
  await one.events.startRelay()
  await emit(one.events, 'a', 'b')
  await emit(one.events, 'c')
  await until(() => names.length === 3 && others.length === 3)
  assert.deepEqual(
    [unique(names), unique(others)],
    [
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ],
  )
  await close(one)
})

test('a follower never gets two batches at once, nor what it does not follow', async () => {
  const one = createProcess()
  let running = 0
  const kinds = new Set<string>()
  const names: string[] = []
  one.events.follow('test.alone', ['accounts.signed_up'], async (batch) => {
    assert.equal(++running, 1)
    await setImmediate()
    for (const { kind, data } of batch) {
      kinds.add(kind)
      names.push(data.username)
    }
    running--
  })
  await one.events.startRelay()
  const wanted = Array.from({ length: 1200 }, (_, n) => `p${n}`)
  await Promise.all([
    ...Array.from({ length: 12 }, (_, n) => emit(one.events, ...wanted.slice(n * 100, n * 100 + 100))),
    database.transaction((tx) =>
      one.events.emit(tx, 'graph.muted', {
        bucket: 7,
        subjectId: '1',
        data: { muterId: '1', mutedId: '2' },
      }),
    ),
    one.events.settle(),
  ])
  await one.events.settle()
  assert.deepEqual(unique(names), wanted.toSorted())
  assert.deepEqual([...kinds], ['accounts.signed_up'])
  await close(one)
})

test('what a sweep finds never goes before what waits behind the batch under way', async () => {
  const [one, other] = [createProcess(), createProcess()]
  const held = Promise.withResolvers<void>()
  const names: string[] = []
  one.events.follow('test.order', ['accounts.signed_up'], async (batch) => {
    names.push(...batch.map(({ data }) => data.username))
    if (names.length === 500) await held.promise
  })
  const swept = followNames(one)
  await one.events.startRelay()
  const wanted = Array.from({ length: 1001 }, (_, n) => `p${n}`)
  await emit(one.events, ...wanted)
  await until(() => names.length === 500)
  // Of another process, so that a sweep alone finds it.
  await emit(other.events, 'late')
  const settled = one.events.settle()
  await until(() => swept.includes('late'))
  for (let i = 0; i < 5; i++) await database.main.selectFrom('relay_positions').select('name').execute()
  held.resolve()
  await settled
  await close(one)
  await close(other)
  assert.deepEqual(names, [...wanted, 'late'])
})

test('of two processes one follows, and the other goes on where it ended', async () => {
  const [one, two] = [createProcess(), createProcess()]
  const [first, second] = [followNames(one), followNames(two)]
  await one.events.startRelay()
  await two.events.startRelay()
  await emit(two.events, 'x')
  await until(() => first.length === 1)
  assert.equal(second.length, 0)
  await close(one)
  await emit(two.events, 'y')
  await until(() => second.includes('y'))
  await close(two)
})

test('a new follower begins now or with all that is kept; later it goes on where it was', async () => {
  const clock = createTestClock(systemClock.now() - 3 * 3_600_000)
  const past = await createIdSource({ db: database.main, clock, log })
  const writer = createProcess({ clock, source: past })
  const early = followNames(writer)
  await emit(writer.events, 'first')
  await writer.events.settle()
  assert.deepEqual(early, ['first'])
  await close(writer)
  for (let n = 0; n < 30; n++) {
    await clock.advance(120_000)
    await emit(writer.events, `away${n}`)
  }
  await past.close()

  const later = createProcess()
  const kept = followNames(later)
  const fromNow = followNames(later, { name: 'test.now' })
  const fromBeginning = followNames(later, { name: 'test.beginning', from: 'beginning' })
  await emit(later.events, 'last')
  await later.events.settle()
  const away = Array.from({ length: 30 }, (_, n) => `away${n}`)
  assert.deepEqual(unique(kept.filter((name) => name !== 'first')), unique([...away, 'last']))
  assert.deepEqual(fromNow, ['last'])
  assert.deepEqual(unique(fromBeginning), unique(['first', ...away, 'last']))
  await close(later)
})

test('a follower whose process is killed loses nothing', { timeout: 60_000 }, async () => {
  const writer = createProcess()
  const names: string[] = []
  let child = await startChild()
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 20; n++) {
      const batch = Array.from({ length: 5 }, (_, i) => `round${round}.${n}.${i}`)
      names.push(...batch)
      await emit(writer.events, ...batch)
      if (n === 10) {
        child.kill('SIGKILL')
        await once(child, 'exit')
        child = await startChild()
      }
    }
  }
  const followed = async () =>
    (await sql<{ name: string }>`select name from followed`.execute(database.main)).rows
  await until(async () => (await followed()).length === names.length)
  child.kill('SIGKILL')
  await close(writer)
})

async function startChild(): Promise<ChildProcess> {
  const child = fork(new URL('./followers.child.ts', import.meta.url), [test_.url])
  await once(child, 'message')
  return child
}

test('events that never stop coming do not keep a reader from knowing how far it is', async () => {
  const row = (n: number): StoredEvent => ({
    id: idAt(systemClock.now(), 7, 127, n % 32),
    ...signedUp(`p${n}`),
  })
  let drawn = 0
  let isDone = false
  const reader = createReader({
    database,
    clock: systemClock,
    log,
    name: 'test',
    async deliver() {
      await setImmediate()
      if (!isDone) reader.offer(row(drawn++))
    },
  })
  reader.offer(row(drawn++))
  await reader.sweep()
  isDone = true
  await reader.stop()
})

test('a rest between batches gathers what comes, and holds up neither a sweep nor the end', async () => {
  const batches: number[] = []
  const reader = createReader({
    database,
    clock: systemClock,
    log,
    name: 'test',
    async deliver(events) {
      batches.push(events.length)
    },
    restAfter: () => day,
  })
  const row = (n: number): StoredEvent => ({
    id: idAt(systemClock.now(), 7, 127, n),
    ...signedUp(`p${n}`),
  })
  const [first, ...others] = [0, 1, 2, 3].map(row) as [StoredEvent, ...StoredEvent[]]
  reader.offer(first)
  await until(() => batches.length === 1)
  for (const event of others) reader.offer(event)
  await setImmediate()
  assert.deepEqual(batches, [1])
  await database.main
    .insertInto('events')
    .values(
      [first, ...others].map(({ id, bucket, kind, subjectId, data }) => ({
        id,
        bucket,
        kind,
        subject_id: subjectId,
        data: JSON.stringify(data),
      })),
    )
    .execute()
  await reader.sweep()
  assert.deepEqual(batches, [1, 3])
  await reader.stop()
  assert.deepEqual(batches, [1, 3])
})

test('events that a follower has not come to are kept, unless nobody runs it any more', async () => {
  const now = systemClock.now()
  const old = Array.from({ length: 10 }, (_, n) => ({
    bucket: 0,
    id: idAt(now - 9 * day + n, 0, 0, 0),
    kind: 'x',
    subject_id: '1',
    data: '{}',
  }))
  await database.main.insertInto('events').values(old).execute()
  const lease = (name: string, position: string, untilMs: number) => ({
    bucket: 0,
    name,
    position,
    holder: 'x',
    lease_until: new Date(untilMs),
  })
  await database.main
    .insertInto('relay_positions')
    .values([
      lease('relay', minIdAt(now), now),
      lease('follow.slow', old[4]!.id, now - day),
      lease('follow.given_up', old[1]!.id, now - 8 * day),
    ])
    .execute()
  assert.equal(await purgeEvents(database, now - 7 * day), 4)
  const left = await database.main.selectFrom('relay_positions').select('name').orderBy('name').execute()
  assert.deepEqual(
    left.map(({ name }) => name),
    ['follow.slow', 'relay'],
  )
})
