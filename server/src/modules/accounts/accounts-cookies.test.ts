import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPerson, type Person } from '../../../test/helpers/factories.ts'
import { until } from '../../../test/helpers/until.ts'

let app: TestApp
let person: Person

before(async () => {
  app = await createTestApp()
  person = await buildPerson(app.client)
})
after(() => app[Symbol.asyncDispose]())

interface Ask {
  method?: 'GET' | 'POST' | 'DELETE'
  cookie?: string
  body?: object
}

/** As a browser on this site sends it. */
function ask(path: string, { method = 'GET', cookie, body }: Ask = {}): Promise<Response> {
  return fetch(app.url + path, {
    method,
    headers: {
      origin: app.url,
      ...(cookie && { cookie }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? JSON.stringify(body) : null,
  })
}

const isOfDevice = (cookie: string) => /^[\w-]*heliograph-device=/.test(cookie)

async function signIn(): Promise<{ cookies: string[]; devices: string[]; body: Record<string, unknown> }> {
  const answer = await ask('/api/sessions', {
    method: 'POST',
    body: { login: person.username, password: person.password, cookie: true },
  })
  assert.equal(answer.status, 201)
  const all = answer.headers.getSetCookie()
  const cookies = all.filter((cookie) => !isOfDevice(cookie))
  return { cookies, devices: all.filter(isOfDevice), body: (await answer.json()) as Record<string, unknown> }
}

const pairOf = (cookie: string) => cookie.split(';')[0]!

test('a browser’s session is in an HttpOnly cookie, and its token in no body', async () => {
  const { cookies, body } = await signIn()
  assert.equal('token' in body, false)
  assert.equal(cookies.length, 2)
  for (const cookie of cookies) assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+/)
  assert.match(cookies[0]!, /^__Host-heliograph=.*; Secure$/)
  for (const cookie of cookies) assert.equal((await ask('/api/me', { cookie: pairOf(cookie) })).status, 200)
})

test('the cookie of the device says who nobody is, is out of reach of scripts, and stays the same', async () => {
  const { devices } = await signIn()
  assert.equal(devices.length, 2)
  for (const cookie of devices) {
    assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+/)
    assert.equal((await ask('/api/me', { cookie: pairOf(cookie) })).status, 401)
  }
  const again = await ask('/api/sessions', {
    method: 'POST',
    cookie: pairOf(devices[0]!),
    body: { login: person.username, password: person.password, cookie: true },
  })
  assert.ok(again.headers.getSetCookie().map(pairOf).includes(pairOf(devices[0]!)))
})

test('whoever comes back is known longer, and the cookie of the session is never put over its successor', async () => {
  const { cookies } = await signIn()
  const given = (await ask('/api/me', { cookie: pairOf(cookies[0]!) })).headers.getSetCookie()
  assert.equal(given.length, 2)
  assert.ok(given.every(isOfDevice))
  const again = await ask('/api/me', { cookie: [cookies[0]!, ...given].map(pairOf).join('; ') })
  assert.deepEqual(again.headers.getSetCookie(), given)
})

test('a proof gives a browser another cookie, and the one of before opens nothing', async () => {
  const taken = pairOf((await signIn()).cookies[0]!)
  const proved = await ask('/api/me/proof', {
    method: 'POST',
    cookie: taken,
    body: { password: person.password },
  })
  assert.deepEqual([proved.status, await proved.json()], [200, {}])
  const given = proved.headers.getSetCookie()
  assert.equal(given.length, 2)
  for (const cookie of given) {
    assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+/)
    assert.equal((await ask('/api/me', { cookie: pairOf(cookie) })).status, 200)
  }
  assert.equal((await ask('/api/me', { cookie: taken })).status, 401)
})

test('of two proofs at once no browser keeps a cookie that opens nothing', async () => {
  const taken = pairOf((await signIn()).cookies[0]!)
  const prove = () =>
    ask('/api/me/proof', { method: 'POST', cookie: taken, body: { password: person.password } })
  const { answers } = await app.database.transaction(async (tx) => {
    await sql`select 1 from credentials where user_id = ${person.id} for update`.execute(tx)
    const both = Promise.all([prove(), prove()])
    await until(async () => {
      const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock' and query like '%"credentials"%'`.execute(app.database.main)
      return rows.length === 2
    })
    return { answers: both }
  })
  const given = (await answers).map(({ status, headers }) => ({ status, cookies: headers.getSetCookie() }))
  assert.deepEqual(
    given.map(({ status }) => status),
    [200, 200],
  )
  const kept = given.flatMap(({ cookies }) => cookies)
  assert.equal(kept.length, 2, 'one answer alone brings one, in its two forms')
  for (const cookie of kept) assert.equal((await ask('/api/me', { cookie: pairOf(cookie) })).status, 200)
})

test('signing out ends the session and clears both cookies', async () => {
  const cookie = pairOf((await signIn()).cookies[0]!)
  const answer = await ask('/api/sessions/current', { method: 'DELETE', cookie })
  assert.equal(answer.status, 204)
  for (const cleared of answer.headers.getSetCookie()) assert.match(cleared, /^[\w-]+=; .*Max-Age=0/)
  assert.equal((await ask('/api/me', { cookie })).status, 401)
})

test('an old cookie makes a visitor, not an error', async () => {
  const answer = await ask(`/api/users/${person.username}`, { cookie: '__Host-heliograph=gone' })
  assert.equal(answer.status, 200)
})

test('another site cannot sign somebody out', async () => {
  const cookie = pairOf((await signIn()).cookies[0]!)
  const answer = await fetch(`${app.url}/api/sessions/current`, {
    method: 'DELETE',
    headers: { cookie, origin: 'https://elsewhere.example' },
  })
  assert.equal(answer.status, 403)
  assert.equal((await ask('/api/me', { cookie })).status, 200)
})
