import assert from 'node:assert/strict'
import { after, before, mock, test } from 'node:test'
import pg from 'pg'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPerson, type Person } from '../../../test/helpers/factories.ts'
import { passwordWork } from './passwords.ts'

// Work is counted and not timed: what an answer costs in statements and hashes is what its time is made of.

let app: TestApp
let known: Person
let statements: string[] = []
/** Nothing that runs by itself in a test touches these. */
const ofAccounts = /_claims|"users"|"credentials"|known_devices|"reset_requests"/

before(async () => {
  const send: (...args: unknown[]) => unknown = pg.Client.prototype.query
  mock.method(pg.Client.prototype, 'query', function (this: pg.Client, ...args: unknown[]) {
    const [query] = args
    statements.push(typeof query === 'string' ? query : String((query as { text?: string }).text))
    return send.apply(this, args)
  })
  app = await createTestApp()
  known = await buildPerson(app.client, { username: 'known', email: 'known@people.example' })
  await buildPerson(app.client, { username: 'unproved', email: 'unproved@people.example' })
  await app.settle()
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  const code = /code=(\S+)/.exec(mails.find(({ to }) => to === known.user.email)?.text ?? '')?.[1] ?? ''
  await app.client.call('POST /api/email-verifications', { body: { code } })
})
after(async () => {
  await app[Symbol.asyncDispose]()
  mock.restoreAll()
})

/** One at a time, so that all that was done was done for it. */
async function post(url: string, payload: object) {
  statements = []
  const before = passwordWork()
  const answer = await app.http.app.inject({ method: 'POST', url, payload, headers: { host: 'localhost' } })
  const { requestId: _, ...body } = (answer.body === '' ? {} : answer.json()) as Record<string, unknown>
  const headers = Object.keys(answer.headers).sort()
  const asked = statements.filter((statement) => ofAccounts.test(statement))
  return { status: answer.statusCode, body, headers, asked, hashes: passwordWork() - before }
}

async function postEach(url: string, payloads: readonly object[]) {
  const answers = []
  for (const payload of payloads) answers.push(await post(url, payload))
  return answers
}

test('signing in says and does the same for a name that nobody has and for a wrong password', async () => {
  for (const logins of [
    ['nobody.at.all', 'known', 'unproved'],
    ['nobody@people.example', 'known@people.example', 'unproved@people.example'],
  ]) {
    const tries = logins.map((login) => ({ login, password: 'not the password' }))
    const [unknown, ...others] = await postEach('/api/sessions', tries)
    assert.deepEqual([unknown?.status, unknown?.hashes, unknown?.asked.length], [401, 1, 4])
    for (const other of others) assert.deepEqual(other, unknown)
  }
})

test('signing up says and does the same whether or not somebody has the address', async () => {
  const signUp = (username: string, email: string) =>
    post('/api/accounts', { username, email, password: 'a long enough phrase' })
  const fresh = await signUp('newcomer', 'newcomer@people.example')
  const taken = await signUp('somebody', known.user.email)
  assert.deepEqual([taken.status, taken.hashes], [201, 1])
  assert.deepEqual(taken.headers, fresh.headers)
  assert.ok(taken.asked.length > 3, 'the statements are seen')
  assert.deepEqual(taken.asked, fresh.asked)
  assert.deepEqual(Object.keys(taken.body), Object.keys(fresh.body))
})

test('asking for a new password says and does the same for every name', async () => {
  const logins = ['nobody.at.all', 'known', 'unproved', 'known@people.example', 'nobody@people.example']
  const [unknown, ...others] = await postEach(
    '/api/password-resets',
    logins.map((login) => ({ login })),
  )
  assert.deepEqual([unknown?.status, unknown?.body], [202, {}])
  for (const other of others) assert.deepEqual(other, unknown)
})

test('a session that somebody else planted is not the one that a sign-in gives', async () => {
  const planted = known.token ?? ''
  for (const cookie of [`__Host-heliograph=${planted}`, 'heliograph=made-up', `heliograph=${planted}`]) {
    const answer = await app.http.app.inject({
      method: 'POST',
      url: '/api/sessions',
      headers: { host: 'localhost', cookie },
      payload: { login: 'unproved', password: 'a long enough phrase', cookie: true },
    })
    const given = [answer.headers['set-cookie'] ?? []].flat().map((line) => /^[^=]+=([^;]*)/.exec(line)?.[1])
    assert.equal(answer.statusCode, 201)
    assert.ok(given.length > 0 && !given.includes(planted) && !given.includes('made-up'))
    const mine = await app.client.as(given[0]).call('GET /api/me')
    assert.equal(mine.username, 'unproved')
  }
  assert.equal((await known.call('GET /api/me')).username, 'known', 'and the planted one is nobody else’s')
})
