import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp

before(async () => {
  // The proxy stands for many addresses: each request says where it comes from.
  app = await createTestApp({ env: { RATE_LIMITS: 'default', TRUSTED_PROXIES: '127.0.0.1, ::1' } })
})
after(() => app[Symbol.asyncDispose]())

interface From {
  address: string
  cookie?: string | undefined
  userAgent?: string
}

function signIn(login: string, password: string, { address, cookie, userAgent = 'Firefox/140 Linux' }: From) {
  return app.http.app.inject({
    method: 'POST',
    url: '/api/sessions',
    remoteAddress: '127.0.0.1',
    headers: {
      host: 'localhost',
      'x-forwarded-for': address,
      'user-agent': userAgent,
      ...(cookie && { cookie }),
    },
    payload: { login, password, cookie: true },
  })
}

/** The cookies that a browser would keep. */
function cookiesOf(answer: Awaited<ReturnType<typeof signIn>>): string {
  return [answer.headers['set-cookie'] ?? []]
    .flat()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ')
}

/** From so many addresses, until strangers are refused for this name. */
async function hammer(login: string): Promise<void> {
  for (let i = 0; i < 101; i++) await signIn(login, `guess ${i}`, { address: `198.51.100.${i}` })
  const late = await signIn(login, 'one guess more', { address: '203.0.113.250' })
  assert.equal(late.statusCode, 429, 'many addresses are no way to guess on')
}

async function buildProven(): Promise<Person> {
  const person = await buildPerson(app.client)
  await app.settle()
  const mails = (await listKeptMails(`${app.dataFolder}/mail`)).filter(({ to }) => to === person.user.email)
  const code = /code=(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1] ?? ''
  await app.client.call('POST /api/email-verifications', { body: { code } })
  return person
}

test('nobody is locked out: who hammers a name from elsewhere keeps neither known devices nor known networks from signing in', async () => {
  const [me, other] = [await buildPerson(app.client), await buildPerson(app.client)]
  const home = { address: '192.0.2.10' }
  const ofOther = cookiesOf(await signIn(other.username, other.password, { address: '192.0.2.11' }))
  const first = await signIn(me.username, me.password, home)
  assert.equal(first.statusCode, 201)
  const device = cookiesOf(first)
  await hammer(me.username)
  const abroad = await signIn(me.username, me.password, { address: '198.51.100.7', cookie: device })
  assert.equal(abroad.statusCode, 201, 'by its cookie, on an address that was used to guess')
  const otherBrowser = await signIn(me.username, me.password, { ...home, userAgent: 'curl/8' })
  assert.equal(otherBrowser.statusCode, 201, 'without its cookie, from the network of before')
  for (const cookie of [undefined, ofOther]) {
    const stranger = await signIn(me.username, me.password, { address: '203.0.113.77', cookie })
    assert.equal(stranger.statusCode, 429, 'a device of one account opens no other')
  }
  const token = first.json().token ?? me.token
  await app.client.as(token).call('POST /api/me/proof', { body: { password: me.password } })
})

test('a known device gets ten guesses and no more', async () => {
  const me = await buildPerson(app.client)
  const cookie = cookiesOf(await signIn(me.username, me.password, { address: '192.0.2.20' }))
  const guesses = Array.from({ length: 10 }, (_, i) =>
    signIn(me.username, `guess ${i}`, { address: `192.0.2.${30 + i}`, cookie }),
  )
  for (const guess of await Promise.all(guesses)) assert.equal(guess.statusCode, 401)
  assert.equal((await signIn(me.username, me.password, { address: '192.0.2.60', cookie })).statusCode, 429)
})

test('a sign-in from a device that was not seen before is told by mail, and one from a known device is not', async () => {
  const me = await buildProven()
  const subjects = async () => {
    await app.settle()
    const mails = await listKeptMails(`${app.dataFolder}/mail`)
    return mails.filter(({ to, subject }) => to === me.user.email && subject.includes('new device'))
  }
  const browser = { address: '192.0.2.70', userAgent: 'Mozilla/5.0 (Android 16) Firefox/140.0' }
  const cookie = cookiesOf(await signIn(me.username, me.password, browser))
  const [told] = await subjects()
  assert.match(told?.text ?? '', /Firefox, Android/)
  assert.doesNotMatch(told?.text ?? '', /192\.0\.2/, 'addresses go into no mail')
  await signIn(me.username, me.password, { ...browser, address: '192.0.2.71', cookie })
  assert.equal((await subjects()).length, 1)
  await signIn(me.username, me.password, browser)
  assert.equal((await subjects()).length, 2, 'a browser that forgot everything is a new one')
})

test('who has a password buries no letter box under mails about new devices, new passwords, or leaving', async () => {
  const me = await buildProven()
  const address = { address: '192.0.2.75' }
  for (let i = 0; i < 7; i++) await signIn(me.username, me.password, address)
  let { password } = me
  for (let i = 0; i < 6; i++) {
    const body = { currentPassword: password, newPassword: `set anew for the ${i}. time` }
    await me.call('PUT /api/me/password', { body })
    password = body.newPassword
  }
  await app.settle()
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  const told = (what: string) =>
    mails.filter(({ to, subject }) => to === me.user.email && subject.includes(what)).length
  assert.deepEqual([told('new device'), told('password was changed')], [5, 5])

  const leave = async () => {
    const back = await app.client.signIn(me.username, password)
    return back.call('POST /api/me/deletion')
  }
  for (let i = 0; i < 5; i++) await leave()
  await assertRefused(leave(), 'rate.limited')
})

/** As a browser sends it, with the cookies that it keeps. */
function send(method: 'GET' | 'POST' | 'DELETE', url: string, from: From, payload?: object) {
  return app.http.app.inject({
    method,
    url,
    remoteAddress: '127.0.0.1',
    headers: {
      host: 'localhost',
      'x-forwarded-for': from.address,
      'user-agent': from.userAgent ?? 'Firefox/140 Linux',
      ...(from.cookie && { cookie: from.cookie }),
    },
    ...(payload && { payload }),
  })
}
const marksOf = ({ id }: Person) =>
  app.database.main.selectFrom('known_devices').select('mark').where('user_id', '=', id).execute()

test('whoever was signed in before devices were known is not locked out by those who hammer the name', async () => {
  const me = await buildPerson(app.client)
  const signedIn = cookiesOf(await signIn(me.username, me.password, { address: '192.0.2.90' }))
  await app.database.main.deleteFrom('known_devices').where('user_id', '=', me.id).execute()
  const session = signedIn.split('; ').filter((pair) => !pair.includes('-device='))
  const old = { address: '192.0.2.91', cookie: session.join('; ') }
  const [first, again] = [await send('GET', '/api/me', old), await send('GET', '/api/me', old)]
  assert.equal(first.statusCode, 200)
  assert.equal(cookiesOf(first), cookiesOf(again), 'the same browser is given the same')
  assert.equal((await marksOf(me)).length, 1)
  await hammer(me.username)
  const device = cookiesOf(first)
    .split('; ')
    .filter((pair) => pair.includes('-device='))
  const abroad = { address: '203.0.113.91', cookie: device.join('; ') }
  assert.equal((await signIn(me.username, me.password, abroad)).statusCode, 201)
})

test('after signing out everywhere nobody is known but the browser that stays, and the next sign-in is told', async () => {
  const me = await buildProven()
  const [home, thief] = [{ address: '192.0.2.100' }, { address: '192.0.2.101', userAgent: 'curl/8' }]
  const here = { ...home, cookie: cookiesOf(await signIn(me.username, me.password, home)) }
  const there = { ...thief, cookie: cookiesOf(await signIn(me.username, me.password, thief)) }
  assert.equal((await send('DELETE', '/api/sessions', here)).statusCode, 200)
  await hammer(me.username)
  assert.equal((await signIn(me.username, 'a guess', there)).statusCode, 429)
  assert.equal((await signIn(me.username, me.password, here)).statusCode, 201)
  const told = async () => {
    await app.settle()
    const mails = await listKeptMails(`${app.dataFolder}/mail`)
    return mails.filter(({ to, subject }) => to === me.user.email && subject.includes('new device')).length
  }
  const before = await told()
  await app.modules.accounts.api.setPassword(me.id, 'set anew by the operator')
  const fresh = await buildPerson(app.client)
  const own = {
    address: '192.0.2.102',
    cookie: cookiesOf(await signIn(fresh.username, fresh.password, home)),
  }
  await app.client.call('POST /api/password-resets', { body: { login: me.username } })
  await app.settle()
  const mails = (await listKeptMails(`${app.dataFolder}/mail`)).filter(({ to }) => to === me.user.email)
  const code = mails.flatMap(({ text }) => /code=(\S+)/.exec(text)?.[1] ?? []).at(-1) ?? ''
  const newPassword = 'set anew by mail'
  const reset = await send('POST', '/api/password-resets/use', own, { code, newPassword, cookie: true })
  assert.equal(reset.statusCode, 204)
  const device = { address: '203.0.113.100', cookie: cookiesOf(reset) }
  assert.equal((await signIn(me.username, newPassword, device)).statusCode, 201, 'where it was set anew')
  assert.equal(await told(), before, 'which is no new device')
  assert.equal((await signIn(me.username, newPassword, there)).statusCode, 429, 'and strangers are strangers')
})

test('what is kept of devices holds neither an address nor a cookie', async () => {
  const me = await buildPerson(app.client)
  const cookie = cookiesOf(await signIn(me.username, me.password, { address: '192.0.2.80' }))
  const rows = await app.database.main
    .selectFrom('known_devices')
    .selectAll()
    .where('user_id', '=', me.id)
    .execute()
  const kept = JSON.stringify(rows.map(({ mark }) => [mark.toString('latin1'), mark.toString('base64url')]))
  assert.doesNotMatch(kept, /192\.0\.2/)
  for (const value of cookie.split('; ').map((pair) => pair.split('=')[1] ?? '-'))
    assert.ok(!kept.includes(value))
})

/** An account with codes of an app, and its second step with one of them: `steps` of 30 s from now. */
async function buildWithCodes() {
  const me = await buildPerson(app.client)
  const { secret } = await me.call('POST /api/me/totp')
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const codeIn = (steps: number) => totp.generate({ timestamp: Date.now() + steps * 30_000 })
  const { recoveryCodes } = await me.call('PUT /api/me/totp', { body: { code: codeIn(-1) } })
  const firstStep = async (from: From) =>
    (await signIn(me.username, me.password, from)).json<{ challenge: string }>().challenge
  const secondStep = (
    challenge: string,
    shown: string | { recoveryCode: string | undefined },
    { address, cookie = '' }: From,
  ) =>
    app.http.app.inject({
      method: 'POST',
      url: '/api/sessions/second-factor',
      remoteAddress: '127.0.0.1',
      headers: { host: 'localhost', 'x-forwarded-for': address, cookie },
      payload: { challenge, ...(typeof shown === 'string' ? { totp: shown } : shown), cookie: true },
    })
  return { me, codeIn, firstStep, secondStep, recoveryCodes: recoveryCodes ?? [] }
}

test('a neighbour who guesses at names that nobody has keeps nobody from the second step on a known device', async () => {
  const { me, codeIn, firstStep, secondStep } = await buildWithCodes()
  const home = { address: '192.0.2.40' }
  const device = cookiesOf(await secondStep(await firstStep(home), codeIn(0), home))
  assert.match(device, /device/)
  for (let i = 0; i < 30; i++) await signIn(`nobody.${i}`, 'a guess at random', home)
  const stranger = await signIn(me.username, me.password, { ...home, userAgent: 'curl/8' })
  assert.equal(stranger.statusCode, 429, 'the network has used up what it has')
  const known = { ...home, cookie: device }
  assert.equal((await secondStep(await firstStep(known), codeIn(1), known)).statusCode, 201)
})

test('who has the password and guesses at the second step from many places keeps its owner from it neither on a known device nor in a session', async () => {
  const { me, codeIn, firstStep, secondStep, recoveryCodes } = await buildWithCodes()
  const home = { address: '192.0.2.44' }
  const device = cookiesOf(await secondStep(await firstStep(home), codeIn(0), home))
  const guesses: number[] = []
  for (let round = 0; round < 3; round++) {
    const stolen = await firstStep({ address: `198.51.100.${200 + round}` })
    for (let at = 0; at < 5; at++) {
      const guess = await secondStep(stolen, '000000', { address: `198.51.100.${5 * round + at}` })
      guesses.push(guess.statusCode)
    }
  }
  assert.deepEqual(guesses, [...Array(10).fill(401), ...Array(5).fill(429)], 'guessing on is no use')
  const known = { address: '203.0.113.98', cookie: device }
  assert.equal((await secondStep(await firstStep(known), codeIn(1), known)).statusCode, 201)
  const fromSession = (totp: string) =>
    me.call('POST /api/me/proof', { body: { password: me.password, totp } })
  for (let at = 0; at < 10; at++) await assertRefused(fromSession('000000'), 'auth.second_factor_wrong')
  await assertRefused(fromSession('000000'), 'rate.limited')
  const away = { address: '203.0.113.99' }
  const anywhere = await secondStep(await firstStep(away), { recoveryCode: recoveryCodes[0] }, away)
  assert.equal(anywhere.statusCode, 201, 'and with a recovery code they get in from anywhere')
})
