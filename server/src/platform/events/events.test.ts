import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { type Clock, createTestClock, systemClock } from '#platform/clock/clock.ts'
import { createDatabase, type Database } from '#platform/db/db.ts'
import { createIdSource, type IdSource } from '#platform/ids/id-source.ts'
import { compareIds, type Id, minIdAt } from '#platform/ids/ids.ts'
import { createJobs, type Jobs } from '#platform/jobs/jobs.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { createEvents, type EventSystem, type StoredEvent } from './events.ts'
import { purgeEvents } from './purge.ts'

const log = pino({ level: 'silent' })

interface World {
  test: TestDatabase
  database: Database
  ids: IdSource
}

let world: World

before(async () => {
  const testDatabase = await createTestDatabase()
  const database = createDatabase({ url: testDatabase.url, poolSize: 20 }, log)
  const ids = await createIdSource({ db: database.main, clock: systemClock, log })
  world = { test: testDatabase, database, ids }
})

after(async () => {
  await world.ids.close()
  await world.database.close()
  await world.test.drop()
})

interface Process {
  jobs: Jobs
  events: EventSystem
  /** User names of the events that its handler heard. */
  heard: string[]
  /** User names of the events whose job ran. */
  ran: string[]
}

/** What one server process has, on the database of the test. */
function createProcess(clock: Clock = systemClock): Process {
  const { database, ids } = world
  const jobs = createJobs({ url: world.test.url, log })
  const events = createEvents({ database, ids, clock, jobs, log })
  const heard: string[] = []
  const ran: string[] = []
  jobs.define<{ name: string }>('test.greet', {
    lane: 'default',
    maxAttempts: 3,
    run: async ({ name }) => void ran.push(name),
  })
  events.on('accounts.signed_up', ({ data }) => void heard.push(data.username))
  events.react('accounts.signed_up', 'test.greet', ({ data }) =>
    data.username.startsWith('ignored') ? null : { name: data.username },
  )
  return { jobs, events, heard, ran }
}

async function closeProcess({ jobs, events }: Process): Promise<void> {
  await events.close()
  await jobs.stop()
}

function emit(events: EventSystem, username: string, { holdMs = 0 } = {}): Promise<void> {
  return world.database.transaction(async (tx) => {
    await events.emit(tx, 'accounts.signed_up', { bucket: 7, subjectId: '1', data: { username } })
    if (holdMs > 0) await sleep(holdMs)
  })
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'it did not happen in time')
    await sleep(10)
  }
}

async function startFresh(): Promise<void> {
  await sql`delete from graphile_worker._private_jobs`.execute(world.database.main)
  await world.database.main.deleteFrom('events').execute()
  await world.database.main.deleteFrom('relay_positions').execute()
}

test('an event of a transaction that is rolled back is never heard', async () => {
  const process = createProcess()
  const broken = world.database.transaction(async (tx) => {
    await process.events.emit(tx, 'accounts.signed_up', {
      bucket: 7,
      subjectId: '1',
      data: { username: 'ghost' },
    })
    throw new Error('no')
  })
  await assert.rejects(broken)
  await emit(process.events, 'real')
  await process.jobs.drain()
  assert.deepEqual(process.heard, ['real'])
  assert.deepEqual(process.ran, ['real'])
  await closeProcess(process)
})

test('an event becomes one job, and none when the reaction says so', async () => {
  await startFresh()
  const process = createProcess()
  await emit(process.events, 'maya')
  await emit(process.events, 'ignored.one')
  await process.jobs.drain()
  await process.jobs.drain()
  assert.deepEqual(process.ran, ['maya'])
  assert.deepEqual(process.heard.sort(), ['ignored.one', 'maya'])
  await closeProcess(process)
})

test('a failing handler or reaction stops neither the others nor the relay, and who listens live is told of it', async () => {
  await startFresh()
  const process = createProcess()
  let unheard = 0
  process.events.onUnheard(() => unheard++)
  process.events.on('accounts.signed_up', () => {
    throw new Error('handler')
  })
  process.events.react('accounts.signed_up', 'test.greet', () => {
    throw new Error('reaction')
  })
  process.events.on('accounts.signed_up', ({ data }) => void process.heard.push(`again ${data.username}`))
  await emit(process.events, 'a')
  await emit(process.events, 'b')
  await process.jobs.drain()
  assert.deepEqual(process.heard.sort(), ['a', 'again a', 'again b', 'b'])
  assert.deepEqual(process.ran.sort(), ['a', 'b'])
  assert.equal(unheard, 2)
  await closeProcess(process)
})

test('a process hears at once what it commits, and others within a second or two', async () => {
  await startFresh()
  const [one, two] = [createProcess(), createProcess()]
  await one.events.startLive()
  await two.events.startLive()
  const began = performance.now()
  await emit(one.events, 'maya')
  await until(() => one.heard.length === 1)
  assert.ok(performance.now() - began < 500)
  await until(() => two.heard.length === 1)
  await sleep(1500)
  assert.deepEqual([one.heard, two.heard], [['maya'], ['maya']])
  await closeProcess(one)
  await closeProcess(two)
})

test('what was committed while nobody relayed is caught up, from far back too', async () => {
  await startFresh()
  const longAgo = systemClock.now() - 3 * 3_600_000
  const clock = createTestClock(longAgo)
  const past = await createIdSource({ db: world.database.main, clock, log })
  const writer = createEvents({
    ...world,
    ids: past,
    clock,
    jobs: createJobs({ url: world.test.url, log }),
    log,
  })
  const first = createProcess(clock)
  await emit(first.events, 'before')
  await first.jobs.drain()
  await closeProcess(first)

  for (let i = 0; i < 2500; i += 50) {
    await clock.advance(4000)
    await world.database.transaction(async (tx) => {
      for (let n = i; n < i + 50; n++)
        await writer.emit(tx, 'accounts.signed_up', {
          bucket: 7,
          subjectId: '1',
          data: { username: `p${n}` },
        })
    })
  }
  await past.close()
  const second = createProcess()
  await second.jobs.drain()
  const names = new Set(second.ran)
  for (let n = 0; n < 2500; n++) assert.ok(names.has(`p${n}`), `p${n}`)
  await closeProcess(second)
})

test('only one of two processes relays, and the other takes over when it closes', async () => {
  await startFresh()
  const [one, two] = [createProcess(), createProcess()]
  await one.events.startRelay()
  await two.events.startRelay()
  const holder = async () =>
    (await world.database.main.selectFrom('relay_positions').select('holder').executeTakeFirstOrThrow())
      .holder
  const first = await holder()
  await emit(two.events, 'x')
  await until(async () => (await one.jobs.depth()).some(({ waiting }) => waiting === 1))
  assert.equal(await holder(), first)
  await closeProcess(one)
  await until(async () => (await holder()) !== first)
  await emit(two.events, 'y')
  await until(async () => (await two.jobs.depth()).some(({ waiting }) => waiting >= 2))
  await two.jobs.drain()
  assert.deepEqual([...new Set(two.ran)].sort(), ['x', 'y'])
  await closeProcess(two)
})

/**
 * What a reader without the look back would do: remember the last id, ask for what is later. Here to show that the
 * load of the test does lose rows that way.
 */
async function readNaively(isDone: () => boolean): Promise<Set<Id>> {
  const seen = new Set<Id>()
  let last = minIdAt(systemClock.now())
  for (let rounds = 0; rounds < 2; rounds += isDone() ? 1 : 0) {
    const rows = await world.database.main
      .selectFrom('events')
      .select('id')
      .where('id', '>', last)
      .orderBy('id')
      .execute()
    for (const { id } of rows) seen.add(id)
    last = rows.at(-1)?.id ?? last
    await sleep(5)
  }
  return seen
}

test('of 3,000 events in overlapping slow transactions none is lost', { timeout: 120_000 }, async () => {
  await startFresh()
  const [writer, listener] = [createProcess(), createProcess()]
  // Not the writer, so that everything comes through the table.
  await listener.events.startLive()
  await listener.events.startRelay()
  let done = false
  const naive = readNaively(() => done)
  const names = Array.from({ length: 3000 }, (_, n) => `person${n}`)
  const waiting = [...names]
  const worker = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
      await emit(writer.events, name, { holdMs: Math.random() < 0.2 ? 40 : 0 })
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  done = true
  const seen = await naive
  assert.ok(seen.size < names.length, 'the naive reader lost nothing: the load proves nothing')

  await listener.events.settle()
  assert.deepEqual(listener.heard.toSorted(), names.toSorted())
  await listener.jobs.drain()
  assert.deepEqual([...new Set(listener.ran)].sort(), names.toSorted())
  await closeProcess(writer)
  await closeProcess(listener)
})

test('a relay that is killed loses nothing: the next one takes over at once', {
  timeout: 120_000,
}, async () => {
  await startFresh()
  const writer = createProcess()
  const names: string[] = []
  let child = await startRelayProcess()
  for (let round = 0; round < 3; round++) {
    const batch = Array.from({ length: 150 }, (_, n) => `round${round}.${n}`)
    names.push(...batch)
    const writing = Promise.all(
      batch.map((name, n) => sleep(n * 4).then(() => emit(writer.events, name, { holdMs: n % 30 }))),
    )
    await sleep(350)
    child.kill('SIGKILL')
    await once(child, 'exit')
    child = await startRelayProcess()
    await writing
  }
  await until(async () => {
    await writer.jobs.drain()
    return new Set(writer.ran).size === names.length
  })
  assert.deepEqual([...new Set(writer.ran)].sort(), names.toSorted())
  child.kill('SIGKILL')
  await closeProcess(writer)
})

async function startRelayProcess(): Promise<ChildProcess> {
  const child = fork(new URL('./events.child.ts', import.meta.url), [world.test.url])
  await once(child, 'message')
  return child
}

test('events older than a week go, never those that the relay has not come to', async () => {
  await startFresh()
  const day = 24 * 3_600_000
  const now = systemClock.now()
  const at = (ms: number, n: number): Id => String(BigInt(minIdAt(ms)) + BigInt(n))
  const rows = [
    ...Array.from({ length: 12_000 }, (_, n) => at(now - 9 * day + n, 1)),
    ...Array.from({ length: 100 }, (_, n) => at(now - 6 * day + n, 1)),
  ].map((id) => ({ bucket: 0, id, kind: 'x', subject_id: '1', data: '{}' }))
  for (let i = 0; i < rows.length; i += 4000)
    await world.database.main
      .insertInto('events')
      .values(rows.slice(i, i + 4000))
      .execute()
  const position = at(now - 9 * day + 11_000, 0)
  const relay = { bucket: 0, name: 'relay', position, holder: 'x', lease_until: new Date(0) }
  await world.database.main.insertInto('relay_positions').values(relay).execute()

  assert.equal(await purgeEvents(world.database, now - 7 * day), 11_000)
  await world.database.main
    .updateTable('relay_positions')
    .set({ position: minIdAt(now) })
    .execute()
  assert.equal(await purgeEvents(world.database, now - 7 * day), 1000)
  const left = await world.database.main.selectFrom('events').select('id').orderBy('id').execute()
  assert.equal(left.length, 100)
  assert.ok(left.every(({ id }) => compareIds(id, minIdAt(now - 7 * day)) > 0))
})

test('a stored event is what was emitted', async () => {
  await startFresh()
  const [writer, reader] = [createProcess(), createProcess()]
  const heard: StoredEvent[] = []
  const direct: StoredEvent[] = []
  reader.events.on('accounts.signed_up', (event) => void heard.push(event))
  writer.events.on('accounts.signed_up', (event) => void direct.push(event))
  await emit(writer.events, 'Ångström "x"')
  await writer.events.settle()
  await reader.events.settle()
  assert.deepEqual(heard, direct)
  assert.equal(heard[0]?.bucket, 7)
  await closeProcess(writer)
  await closeProcess(reader)
})
