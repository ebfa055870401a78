import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pino } from 'pino'
import { systemClock } from '#platform/clock/clock.ts'
import { createDatabase, type Database } from '#platform/db/db.ts'
import { createEvents, type EventSystem } from '#platform/events/events.ts'
import { createIdSource, type IdSource } from '#platform/ids/id-source.ts'
import { createJobs } from '#platform/jobs/jobs.ts'
import { type Bus, createHandlers } from '#platform/live/bus.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { until } from '../../../test/helpers/until.ts'
import { type Coherence, createCoherence } from './coherence.ts'
import type { Kept } from './kept.ts'

const log = pino({ level: 'silent' })
const bucket = 7

let testDatabase: TestDatabase
let database: Database
let ids: IdSource

before(async () => {
  testDatabase = await createTestDatabase()
  database = createDatabase({ url: testDatabase.url, poolSize: 20 }, log)
  ids = await createIdSource({ db: database.main, clock: systemClock, log })
})

after(async () => {
  await ids.close()
  await database.close()
  await testDatabase.drop()
})

/** One wire between all of a test; words are lost while it is cut. */
function createWire() {
  const handlers = createHandlers((error) => assert.fail(String(error)))
  const wire = { isCut: false, words: 0 }
  const bus: Pick<Bus, 'publish' | 'subscribe'> = {
    publish(channel, text) {
      wire.words++
      if (!wire.isCut) setImmediate(() => handlers.call(channel, text))
    },
    subscribe: (channel, handler) => handlers.add(channel, handler),
  }
  return { wire, bus }
}

interface Process {
  events: EventSystem
  coherence: Coherence
  /** How often this account was changed. */
  counts: Kept<string, { count: number }>
  close(): Promise<void>
}

function createProcess(bus: Pick<Bus, 'publish' | 'subscribe'>, db: Database = database): Process {
  const jobs = createJobs({ url: testDatabase.url, log })
  const takesSight = { 'accounts.sight_ended': () => true }
  const events = createEvents({ database: db, ids, clock: systemClock, jobs, log, takesSight })
  const coherence = createCoherence({
    database: db,
    events,
    bus,
    clock: systemClock,
    metrics: createMetrics(),
    log,
  })
  const counts = coherence.createKept<string, { count: number }>({
    name: 'counts',
    max: 100,
    async load(keys) {
      const rows = await db.main
        .selectFrom('users')
        .select(['id', 'sight_epoch'])
        .where('bucket', '=', bucket)
        .where('id', 'in', keys)
        .execute()
      return new Map(rows.map((row) => [row.id, { count: row.sight_epoch }]))
    },
  })
  events.on('accounts.sight_ended', ({ subjectId }) => counts.drop(subjectId))
  return {
    events,
    coherence,
    counts,
    async close() {
      await coherence.close()
      await events.close()
      await jobs.stop()
    },
  }
}

async function createAccount(): Promise<string> {
  const id = ids.next(bucket)
  await database.main
    .insertInto('users')
    .values({
      bucket,
      id,
      username: `p${id}`,
      email: `${id}@example.org`,
      full_name: '',
      bio: '',
      avatar_status: 'none',
      is_verified: false,
      is_private: false,
      state: 'active',
      sight_epoch: 0,
      roles: [],
      time_zone: 'UTC',
      language: 'en',
      theme: 'system',
      data_saver: false,
      created_at: new Date(),
    } as never)
    .execute()
  return id
}

/** Resolves when its answer would go out. */
async function change({ events }: Process, id: string): Promise<number> {
  return database.transaction(async (tx) => {
    const { sight_epoch: epoch } = await tx
      .updateTable('users')
      .set((to) => ({ sight_epoch: to('sight_epoch', '+', 1) }))
      .where('bucket', '=', bucket)
      .where('id', '=', id)
      .returning('sight_epoch')
      .executeTakeFirstOrThrow()
    await events.emit(tx, 'accounts.sight_ended', { bucket, subjectId: id, data: { epoch } })
    return epoch
  })
}

/** Reads of the other process at full speed while this one changes; each must know what was answered before it began. */
async function readWhileChanging(writer: Process, reader: Process, rounds: number): Promise<void> {
  const id = await createAccount()
  let [answered, isDone, reads, fromMemory] = [0, false, 0, 0]
  const reading = (async () => {
    while (!isDone) {
      const least = answered
      const peeked = reader.counts.peek(id)
      if (peeked) fromMemory++
      const value = peeked ?? (await reader.counts.get(id))
      assert.ok(value && value.count >= least, `read ${value?.count} after ${least} was answered`)
      reads++
      await new Promise(setImmediate)
    }
  })()
  for (let round = 0; round < rounds; round++) {
    await until(() => reader.counts.peek(id) !== undefined || !reader.coherence.isCurrent())
    answered = await change(writer, id)
  }
  isDone = true
  await reading
  assert.ok(reads > rounds && fromMemory > 0, 'nothing was read from memory: the test proves nothing')
}

test('after the answer no other process reads from memory what was taken away', async () => {
  const { bus } = createWire()
  const [a, b] = [createProcess(bus), createProcess(bus)]
  await a.coherence.start()
  await b.coherence.start()
  assert.ok(a.coherence.isCurrent() && b.coherence.isCurrent())
  await readWhileChanging(a, b, 60)
  await a.close()
  await b.close()
})

test('nor when every word between processes is lost', async () => {
  const { bus, wire } = createWire()
  wire.isCut = true
  const [a, b] = [createProcess(bus), createProcess(bus)]
  await a.coherence.start()
  await b.coherence.start()
  await readWhileChanging(a, b, 5)
  assert.ok(wire.words > 0)
  await a.close()
  await b.close()
})

test('nor in the process itself, which waits for nobody when it is alone', async () => {
  const { bus } = createWire()
  const alone = createProcess(bus)
  await alone.coherence.start()
  await readWhileChanging(alone, alone, 60)
  await alone.close()
})

test('a process that has not started keeps nothing and is waited for by nobody', async () => {
  const { bus } = createWire()
  const [server, command] = [createProcess(bus), createProcess(bus)]
  await server.coherence.start()
  const id = await createAccount()
  assert.equal((await server.counts.get(id))?.count, 0)
  assert.equal((await command.counts.get(id))?.count, 0)
  assert.equal(command.counts.peek(id), undefined)
  await change(command, id)
  assert.equal((await server.counts.get(id))?.count, 1)
  assert.equal(server.counts.peek(id)?.count, 1)
  await server.close()
  await command.close()
})

test('what a failing handler did not forget is forgotten all the same', async () => {
  const { bus } = createWire()
  const [a, b] = [createProcess(bus), createProcess(bus)]
  let fails = false
  b.events.on('accounts.sight_ended', async () => {
    if (fails) throw new Error('broken')
  })
  let doubts = 0
  b.coherence.onDoubt(() => doubts++)
  await a.coherence.start()
  await b.coherence.start()
  const [id, other] = [await createAccount(), await createAccount()]
  assert.ok((await b.counts.getMany([id, other])).size === 2 && b.counts.peek(other))
  fails = true
  await change(a, id)
  assert.equal(b.counts.peek(other), undefined)
  assert.ok(doubts > 0)
  assert.equal((await b.counts.get(id))?.count, 1)
  await a.close()
  await b.close()
})

test('a handler that takes long is waited for, and one in the background is not', async () => {
  const { bus } = createWire()
  const [a, b] = [createProcess(bus), createProcess(bus)]
  const steps: string[] = []
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const id = await createAccount()
  b.events.on('accounts.sight_ended', async ({ subjectId }) => {
    if (subjectId !== id) return
    await wait(150)
    steps.push('handled')
  })
  b.events.on(
    'accounts.sight_ended',
    async ({ subjectId }) => {
      if (subjectId !== id) return
      await wait(600)
      steps.push('told')
    },
    { inBackground: true },
  )
  await a.coherence.start()
  await b.coherence.start()
  await change(a, id)
  steps.push('answered')
  await until(() => steps.length === 3)
  assert.deepEqual(steps, ['handled', 'answered', 'told'])
  await a.close()
  await b.close()
})
