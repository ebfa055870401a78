import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pino } from 'pino'
import { createDatabase, type Database } from '#platform/db/db.ts'
import { createHolder, endHolder } from '#platform/db/holders.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { createLocalBus } from '#platform/live/bus.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { createLocalLocks } from './locks.ts'
import { locksSuite } from './locks-suite.ts'
import { createSharedLocks } from './shared-locks.ts'

const log = pino({ level: 'silent' })
let testDatabase: TestDatabase
let database: Database

before(async () => {
  testDatabase = await createTestDatabase()
  database = createDatabase({ url: testDatabase.url, poolSize: 5 }, log)
})
after(async () => {
  await database.close()
  await testDatabase.drop()
})

locksSuite('local locks', async () => {
  const locks = createLocalLocks()
  return { ours: locks, theirs: locks }
})

locksSuite('shared locks', async () => {
  const bus = createLocalBus(assert.ifError)
  return {
    ours: createSharedLocks({ database, bus, log }),
    theirs: createSharedLocks({ database, bus, log }),
  }
})

locksSuite('shared locks whose bus is away', async () => {
  const bus = { ...createLocalBus(assert.ifError), publish: () => undefined, isUp: false }
  return {
    ours: createSharedLocks({ database, bus, log }),
    theirs: createSharedLocks({ database, bus, log }),
  }
})

test('what a killed process held is free at once', async () => {
  const dead = createHolder()
  await database.main
    .insertInto('locks')
    .values({
      bucket: bucketOf('8388608'),
      id: '8388608',
      use: 'upload',
      holder: `${dead} x`,
      lease_until: new Date(Date.now() + 60_000),
      asked: false,
    })
    .execute()
  const locks = createSharedLocks({ database, bus: createLocalBus(assert.ifError), log })
  const key = { id: '8388608', use: 'upload' }
  await assert.rejects(locks.take(key, { patienceMs: 1, onAsked: () => undefined }))
  endHolder(dead)
  const release = await locks.take(key, { patienceMs: 1, onAsked: () => undefined })
  await release()
  assert.equal((await database.main.selectFrom('locks').selectAll().execute()).length, 0)
})
