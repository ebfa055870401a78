import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import { createTestClock, systemClock } from '#platform/clock/clock.ts'
import { createDatabase, type Database } from '#platform/db/db.ts'
import { isFault } from '#platform/http/fault.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { createDrawing, createIdSource, MAX_STEP_BACK_MS } from './id-source.ts'
import { bucketOf, compareIds, sequenceOf, slotOf, timeOf } from './ids.ts'

const log = pino({ level: 'silent' })
const lease = { slot: 9, floor: 0, end: () => Number.POSITIVE_INFINITY }
const noon = Date.UTC(2026, 5, 1, 12)

test('ids grow and never repeat, however the clock jumps', () => {
  const step = fc.record({
    move: fc.integer({ min: -4000, max: 4000 }),
    bucket: fc.integer({ min: 0, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      let now = noon
      const drawing = createDrawing({ now: () => now }, lease)
      let last = '0'
      const all = new Set<string>()
      for (const { move, bucket } of steps) {
        now = Math.max(now + move, timeOf(last) - MAX_STEP_BACK_MS)
        const id = drawing.next(bucket)
        assert.equal(bucketOf(id), bucket)
        assert.ok(timeOf(id) >= timeOf(last))
        all.add(id)
        last = id
      }
      assert.equal(all.size, steps.length)
    }),
    { numRuns: 60 },
  )
})

test('a full millisecond waits for the next instead of repeating', () => {
  const clock = createTestClock(noon)
  const drawing = createDrawing(clock, lease)
  const ids = Array.from({ length: 100 }, () => drawing.next(7))
  assert.equal(new Set(ids).size, 100)
  assert.deepEqual(ids.toSorted(compareIds), ids)
  assert.equal(timeOf(ids[31]!), noon)
  assert.equal(timeOf(ids[32]!), noon + 1)
  assert.equal(sequenceOf(ids[32]!), 0)
})

test('buckets do not wait for each other', () => {
  const drawing = createDrawing(createTestClock(noon), lease)
  const ids = Array.from({ length: 1024 }, (_, bucket) => drawing.next(bucket))
  assert.ok(ids.every((id) => timeOf(id) === noon))
})

test('a clock that went back far gives no ids until it has caught up', async () => {
  const clock = createTestClock(noon)
  const drawing = createDrawing(clock, lease)
  const first = drawing.next(1)
  await clock.advance(-MAX_STEP_BACK_MS)
  assert.ok(compareIds(drawing.next(1), first) > 0)
  await clock.advance(-1)
  assert.throws(
    () => drawing.next(1),
    (error) => isFault(error, 'server.unavailable'),
  )
  await clock.advance(2)
  assert.ok(compareIds(drawing.next(1), first) > 0)
})

test('no lease, no ids', () => {
  const drawing = createDrawing(createTestClock(noon), { ...lease, end: () => 0 })
  assert.throws(
    () => drawing.next(1),
    (error) => isFault(error, 'server.unavailable'),
  )
})

let testDatabase: TestDatabase
let database: Database

before(async () => {
  testDatabase = await createTestDatabase()
  database = createDatabase({ url: testDatabase.url, poolSize: 4 }, log)
})

after(async () => {
  await database.close()
  await testDatabase.drop()
})

test('two sources never share a slot', async () => {
  const sources = await Promise.all(
    Array.from({ length: 12 }, () => createIdSource({ db: database.main, clock: systemClock, log })),
  )
  assert.equal(new Set(sources.map(({ slot }) => slot)).size, 12)
  await Promise.all(sources.map((source) => source.close()))
})

test('a closed source draws nothing, and its slot begins later for the next', async () => {
  const clock = createTestClock(noon)
  const first = await createIdSource({ db: database.main, clock, log })
  const id = first.next(5)
  await first.close()
  assert.throws(
    () => first.next(5),
    (error) => isFault(error, 'server.unavailable'),
  )
  const row = await database.main
    .selectFrom('process_slots')
    .selectAll()
    .where('slot', '=', first.slot)
    .executeTakeFirstOrThrow()
  assert.equal(row.high_water.getTime(), timeOf(id))
  assert.ok(row.lease_until.getTime() <= Date.now())
})

test('a slot taken over does not repeat ids when the clock was set back in between', async () => {
  const clock = createTestClock(noon)
  await fillOtherSlots(Date.UTC(2027, 0, 1))
  const first = await createIdSource({ db: database.main, clock, log })
  const drawn = Array.from({ length: 50 }, () => first.next(5))
  await first.close()
  await clock.set(timeOf(drawn.at(-1)!) - 2000)
  const second = createIdSource({ db: database.main, clock, log })
  await new Promise((resolve) => setTimeout(resolve, 300))
  // It waits for the mark of its predecessor.
  await clock.set(timeOf(drawn.at(-1)!) + 1)
  const source = await second
  assert.equal(source.slot, first.slot)
  await clock.advance(-3000)
  const id = source.next(5)
  assert.ok(compareIds(id, drawn.at(-1)!) > 0)
  await source.close()
  await database.main.deleteFrom('process_slots').execute()
})

test('a test clock may jump a day without losing its lease', async () => {
  const clock = createTestClock(noon)
  const source = await createIdSource({ db: database.main, clock, log })
  await clock.advance(24 * 3_600_000)
  assert.equal(timeOf(source.next(1)), noon + 24 * 3_600_000)
  await source.close()
})

test('8 processes on one bucket, one with its clock set back, draw no id twice', {
  timeout: 60_000,
}, async () => {
  const count = 4000
  const children = Array.from({ length: 8 }, (_, index) => {
    const child = fork(new URL('./id-source.child.ts', import.meta.url), [
      testDatabase.url,
      String(count),
      String(index),
    ])
    return { child, answer: once(child, 'message') as Promise<[string[]]> }
  })
  const answers = await Promise.all(children.map(async ({ answer }) => (await answer)[0]))
  const all = answers.flat()
  assert.equal(all.length, 8 * count)
  assert.equal(new Set(all).size, all.length)
  assert.equal(new Set(answers.map((ids) => slotOf(ids[0]!))).size, 8)
  for (const ids of answers) assert.deepEqual(ids.toSorted(compareIds), ids)
  for (const { child } of children) child.disconnect()
})

/** Leaves one slot of the 128 free. */
async function fillOtherSlots(until: number): Promise<void> {
  await database.main.deleteFrom('process_slots').execute()
  const taken = Array.from({ length: 127 }, (_, slot) => ({
    bucket: 0,
    slot,
    holder: 'elsewhere|1|0',
    lease_until: new Date(until),
    high_water: new Date(0),
  }))
  await database.main.insertInto('process_slots').values(taken).execute()
}
