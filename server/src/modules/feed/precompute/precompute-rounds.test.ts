import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, beforeEach, describe, test } from 'node:test'
import { pino } from 'pino'
import { createDatabase, type Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/helpers/database.ts'
import { createWorker, everybody, perRound } from './precompute-test-kit.ts'

let test_: TestDatabase
let database: Database

before(async () => {
  test_ = await createTestDatabase()
  database = createDatabase({ url: test_.url, poolSize: 4 }, pino({ level: 'silent' }))
})
beforeEach(() => database.main.deleteFrom('feed_walks').execute())
after(async () => {
  await database.close()
  await test_.drop()
})

/** Who has their turn until it is killed. */
async function killedWorker(): Promise<Id[]> {
  const child = fork(new URL('./precompute-test-kit.child.ts', import.meta.url), [test_.url])
  const turns: Id[] = []
  child.on('message', (told) => {
    if (told === 'hangs') child.kill('SIGKILL')
    else turns.push(told as Id)
  })
  await once(child, 'exit')
  return turns
}

function worker(): { turns: Id[]; round(peopleMax?: number): Promise<number> } {
  const turns: Id[] = []
  const { refresh } = createWorker(database, (id) => turns.push(id))
  return { turns, round: (peopleMax = perRound) => refresh({ peopleMax }) }
}

describe('rounds over more people than there is time for', () => {
  test('leave nobody out when the server is restarted after each', async () => {
    const turns = new Set<Id>()
    for (let life = 0; life < 2; life++) {
      const { turns: those, round } = worker()
      assert.equal(await round(), perRound)
      for (const id of those) turns.add(id)
    }
    assert.equal(turns.size, everybody.length)
  })

  test('leave nobody out for ever when the worker is killed in the middle of each', {
    timeout: 60_000,
  }, async () => {
    const turns = new Set<Id>()
    for (let life = 0; life < 4; life++) for (const id of await killedWorker()) turns.add(id)
    assert.equal(turns.size, everybody.length)
  })

  test('do not end for all because of people whose feeds cannot be made, and the log tells who they are', async () => {
    // The first of all, and far more than in a row would end the round.
    const broken = new Set(everybody.filter((_, n) => n % 3 !== 1))
    const turns: Id[] = []
    const warned: Id[] = []
    const { refresh } = createWorker(
      database,
      (id) => {
        if (broken.has(id)) throw new Error('It cannot be made.')
        turns.push(id)
      },
      warned,
    )
    assert.equal(await refresh(), turns.length, 'only those whose feeds were made count')
    assert.deepEqual(
      turns,
      everybody.filter((id) => !broken.has(id)),
    )
    assert.deepEqual(warned, [...broken])
  })

  test('do not go on asking for everybody once nothing works any more', async () => {
    const asked: Id[] = []
    const isAway = new Error('The database is away.')
    const { refresh } = createWorker(database, (id) => {
      asked.push(id)
      if (asked.length > 10) throw isAway
    })
    await assert.rejects(refresh(), { cause: isAway })
    assert.ok(asked.length >= 30 && asked.length <= 31, `${asked.length} were asked for`)
    const next = worker()
    await next.round()
    assert.equal(next.turns[0], everybody[40], 'the next round goes on behind them')
  })

  test('are not made by two workers of the same people', async () => {
    const [one, other] = [worker(), worker()]
    for (const each of [one, other, one]) assert.equal(await each.round(20), 20)
    assert.deepEqual([...one.turns, ...other.turns].toSorted(), everybody.toSorted())
  })

  test('are not gone on with by a worker that another one has overtaken', async () => {
    const slowTurns: Id[] = []
    const { promise: isOvertaken, resolve: overtake } = Promise.withResolvers<void>()
    const { promise: isUnderWay, resolve: begin } = Promise.withResolvers<void>()
    const slow = createWorker(database, (id) => {
      slowTurns.push(id)
      begin()
      return isOvertaken
    }).refresh()
    await isUnderWay
    const other = worker()
    assert.equal(await other.round(), perRound)
    overtake()
    assert.equal(await slow, slowTurns.length)
    assert.ok(slowTurns.length < everybody.length / 2)
    assert.equal(other.turns[0], everybody[slowTurns.length])
  })

  test('go no further once the server stops', async () => {
    const stopping = new AbortController()
    const turns: Id[] = []
    const { refresh } = createWorker(database, (id) => {
      turns.push(id)
      stopping.abort()
    })
    const made = await refresh({ signal: stopping.signal })
    assert.equal(made, turns.length, 'whoever was counted had their turn')
    assert.ok(made < everybody.length)
    const next = worker()
    await next.round()
    assert.equal(next.turns[0], everybody[made])
  })
})
