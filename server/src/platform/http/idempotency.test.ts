import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { IdParams } from '@heliograph/contract/common'
import { endpoint } from '@heliograph/contract/endpoint'
import { z } from 'zod'
import { createTestClock, type TestClock } from '#platform/clock/clock.ts'
import { createDatabase, type Database, type Tx } from '#platform/db/db.ts'
import { idAt } from '#platform/ids/ids.ts'
import type { JobContext } from '#platform/jobs/jobs.ts'
import { createSecrets, type Secrets } from '#platform/secrets/secrets.ts'
import { createLog } from '#platform/telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/helpers/database.ts'
import { fault } from './fault.ts'
import type { Http } from './http.ts'
import { createIdempotency } from './idempotency.ts'
import { answer, mount, type Once } from './mount.ts'
import { createTestHttp } from './test-http.ts'

const Thing = z.object({ id: z.string(), replayed: z.boolean() })
const shared = { summary: '', tag: '', budget: 'write', body: z.strictObject({ name: z.string() }) } as const
const endpoints = {
  'POST /api/things': endpoint({
    ...shared,
    auth: 'required',
    answers: { 201: Thing },
    idempotent: true,
  }),
  'POST /api/things/:id': endpoint({
    ...shared,
    auth: 'required',
    params: IdParams,
    answers: { 201: Thing },
    idempotent: true,
  }),
  'POST /api/people': endpoint({ ...shared, auth: 'none', answers: { 201: Thing }, idempotent: true }),
}

const ada = idAt(Date.UTC(2026, 0, 1), 7, 0, 0)
const bob = idAt(Date.UTC(2026, 0, 1), 8, 0, 0)

let testDatabase: TestDatabase
let database: Database
let clock: TestClock
let http: Http
let purge: (context: JobContext) => Promise<void>
let created: string[] = []
/** What the handler does between beginning and recording. */
let inBetween: () => Promise<void>

async function create(once: Once) {
  const id = String(created.length + 1)
  await inBetween()
  await database.transaction(async (tx: Tx) => {
    await once.record(tx, id)
    await tx
      .insertInto('relay_positions')
      .values({
        bucket: 0,
        name: `made ${randomBytes(8).toString('hex')}`,
        position: id,
        holder: 'test',
        lease_until: new Date(clock.now()),
      })
      .execute()
  })
  created.push(id)
  return answer(201, { id, replayed: false })
}

before(async () => {
  testDatabase = await createTestDatabase()
  const log = createLog({ level: 'silent' })
  database = createDatabase({ url: testDatabase.url, poolSize: 5 }, log)
  clock = createTestClock()
  const secrets = createSecrets(randomBytes(32))
  const every = (_name: string, _cron: string, run?: (context: JobContext) => Promise<void>) => {
    assert.ok(run)
    purge = run
  }
  const idempotency = createIdempotency({ database, clock, secrets, jobs: { every }, patienceMs: 1500 })
  http = await createTestHttp({}, { idempotency, clock })
  http.setAuthenticator(async ({ headers }) => {
    const id =
      headers.authorization === 'Bearer ada' ? ada : headers.authorization === 'Bearer bob' ? bob : null
    return id === null ? null : { id, sessionId: '1', roles: [], hasProof: true }
  })
  const replay = (_context: unknown, id: string) => answer(201, { id, replayed: true })
  mount(http, endpoints, {
    'POST /api/things': { create: ({ once }) => create(once), replay },
    'POST /api/things/:id': { create: ({ once }) => create(once), replay },
    'POST /api/people': { create: ({ once }) => create(once), replay },
  })
})
after(async () => {
  await http.close()
  await database.close()
  await testDatabase.drop()
})
beforeEach(async () => {
  created = []
  inBetween = async () => {}
  await database.main.deleteFrom('idempotency_keys').execute()
  await database.main.deleteFrom('relay_positions').execute()
})

interface Sent {
  key?: string
  name?: string
  url?: string
  as?: string
}

async function send({ key, name = 'a', url = '/api/things', as = 'ada' }: Sent) {
  const headers = {
    authorization: `Bearer ${as}`,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  }
  const { statusCode, body } = await http.app.inject({ method: 'POST', url, headers, payload: { name } })
  return { status: statusCode, ...(JSON.parse(body) as { id?: string; replayed?: boolean; code?: string }) }
}

async function countMade(): Promise<number> {
  const rows = await database.main.selectFrom('relay_positions').select('name').execute()
  return rows.length
}

test('without a key each request creates', async () => {
  assert.equal((await send({})).id, '1')
  assert.equal((await send({})).id, '2')
})

test('a repeated request creates nothing and shows what the first created', async () => {
  assert.deepEqual(await send({ key: 'k' }), { status: 201, id: '1', replayed: false })
  assert.deepEqual(await send({ key: 'k' }), { status: 201, id: '1', replayed: true })
  assert.equal(created.length, 1)
})

test('ten at once create one, and all show it', async () => {
  inBetween = () => new Promise((resolve) => setTimeout(resolve, 100))
  const answers = await Promise.all(Array.from({ length: 10 }, () => send({ key: 'k' })))
  assert.deepEqual(new Set(answers.map(({ id }) => id)), new Set(['1']))
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1)
  assert.equal(await countMade(), 1)
})

test('another body, or another place, under one key is refused', async () => {
  await send({ key: 'k', url: '/api/things/5' })
  assert.equal((await send({ key: 'k', url: '/api/things/5', name: 'b' })).code, 'idempotency.mismatch')
  assert.equal((await send({ key: 'k', url: '/api/things/6' })).code, 'idempotency.mismatch')
  assert.equal(created.length, 1)
})

test('a key belongs to its account and its route', async () => {
  for (const sent of [{ as: 'ada' }, { as: 'bob' }, { url: '/api/things/5' }, { url: '/api/people' }])
    assert.equal((await send({ key: 'k', ...sent })).replayed, false)
  assert.equal(created.length, 4)
})

test('where there is no account yet a key works too', async () => {
  assert.equal((await send({ key: 'k', url: '/api/people', as: '' })).replayed, false)
  assert.equal((await send({ key: 'k', url: '/api/people', as: '' })).replayed, true)
})

test('a request that failed frees its key', async () => {
  inBetween = async () => {
    throw fault('post.not_found')
  }
  assert.equal((await send({ key: 'k' })).code, 'post.not_found')
  inBetween = async () => {}
  assert.equal((await send({ key: 'k' })).replayed, false)
})

test('who waited too long is told that the first still runs', async () => {
  let first: ReturnType<typeof send> | undefined
  const finish = await new Promise<() => void>((reached) => {
    inBetween = () => new Promise((resolve) => reached(resolve))
    first = send({ key: 'k' })
  })
  const second = await send({ key: 'k' })
  assert.deepEqual([second.status, second.code], [409, 'idempotency.in_progress'])
  finish()
  assert.equal((await first)?.status, 201)
})

test('a process that died is followed by another, and if it lives after all it creates nothing twice', async () => {
  let slow: ReturnType<typeof send> | undefined
  const resume = await new Promise<() => void>((reached) => {
    inBetween = () => new Promise((resolve) => reached(resolve))
    slow = send({ key: 'k' })
  })
  await clock.advance(61_000)
  inBetween = async () => {}
  assert.equal((await send({ key: 'k' })).replayed, false)
  resume()
  assert.equal((await slow)?.code, 'idempotency.in_progress')
  assert.equal(await countMade(), 1)
  assert.equal((await send({ key: 'k' })).replayed, true)
})

test('a key never stays taken after a restart: what the last process left is taken over at once', async () => {
  const request = { accountId: ada, route: 'POST /api/things', key: 'k', content: [1] }
  const secrets = createSecrets(randomBytes(32))
  const start = () =>
    createIdempotency({ database, clock, secrets, jobs: { every: () => {} }, patienceMs: 0 })
  const killed = start()
  assert.ok('attempt' in (await killed.begin(request)))
  killed.close()
  assert.ok('attempt' in (await start().begin(request)))
})

test('what another process is at is never taken from it by one that was started later', async () => {
  const request = { accountId: ada, route: 'POST /api/things', key: 'k', content: [1] }
  const secrets = createSecrets(randomBytes(32))
  const start = () =>
    createIdempotency({ database, clock, secrets, jobs: { every: () => {} }, patienceMs: 0 })
  assert.ok('attempt' in (await start().begin(request)))
  await clock.advance(1000)
  await assert.rejects(start().begin(request), { code: 'idempotency.in_progress' })
})

test('a key never stays taken because the database was away when its request ended', async () => {
  let isAway = false
  const flaky: Database = {
    ...database,
    get main() {
      if (isAway) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
      return database.main
    },
  }
  const secrets = createSecrets(randomBytes(32))
  const idempotency = createIdempotency({ database: flaky, clock, secrets, jobs: { every: () => {} } })
  const request = { accountId: ada, route: 'POST /api/things', key: 'k', content: [1] }
  const first = await idempotency.begin(request)
  assert.ok('attempt' in first)
  isAway = true
  await first.attempt.release()
  isAway = false
  assert.ok('attempt' in (await idempotency.begin(request)))
})

test('passwords cannot be guessed from what is kept', async () => {
  await send({ key: 'k', name: 'hunter2' })
  const [row] = await database.main.selectFrom('idempotency_keys').selectAll().execute()
  assert.equal(row?.request_hash.length, 32)
  const other = createIdempotency({
    database,
    clock,
    secrets: createSecrets(randomBytes(32)),
    jobs: { every: () => {} },
  })
  const content = [undefined, undefined, { name: 'hunter2' }]
  await assert.rejects(other.begin({ accountId: ada, route: 'POST /api/things', key: 'k', content }), {
    code: 'idempotency.mismatch',
  })
})

test('what was asked before the keys of the server changed is not done a second time after', async () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const by = (secrets: Secrets) => createIdempotency({ database, clock, secrets, jobs: { every: () => {} } })
  const content = [undefined, undefined, { name: 'a' }]
  const request = { accountId: ada, route: 'POST /api/things', key: 'over the change', content }
  const first = await by(createSecrets(old)).begin(request)
  assert.ok('attempt' in first)
  await database.transaction((tx) => first.attempt.record(tx, '77'))
  const both = createSecrets(fresh, { master: old, changedAt: new Date() })
  assert.deepEqual(await by(both).begin(request), { createdId: '77' })
  const other = { ...request, content: [undefined, undefined, { name: 'b' }] }
  await assert.rejects(by(both).begin(other), { code: 'idempotency.mismatch' })
})

test('keys are forgotten after a day', async () => {
  await send({ key: 'k' })
  await clock.advance(23 * 60 * 60 * 1000)
  await purge({} as JobContext)
  assert.equal((await send({ key: 'k' })).replayed, true)
  await clock.advance(61 * 60 * 1000)
  await purge({} as JobContext)
  assert.equal((await send({ key: 'k' })).replayed, false)
})

for (const key of ['', ' ', 'a b', 'ä', 'x'.repeat(256)])
  test(`${JSON.stringify(key).slice(0, 20)} is no key`, async () => {
    assert.equal((await send({ key })).code, 'request.invalid')
  })
