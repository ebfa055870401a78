import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ApiError } from '@heliograph/client'
import { FactorNeeded, type PasskeyAssertion, SecondFactorNeeded } from '@heliograph/contract/second-factors'
import { Secret, TOTP } from 'otpauth'
import { createTestClock } from '#platform/clock/clock.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../../test/helpers/app.ts'
import { type Authenticator, createAuthenticator } from '../../../../test/helpers/authenticator.ts'
import { assertRefused, buildPerson, type Person } from '../../../../test/helpers/factories.ts'

let app: TestApp
let origin: string
const clock = createTestClock()
const minute = 60_000

before(async () => {
  app = await createTestApp({ clock })
  // Clients other than browsers name no origin, and are taken to mean the address under which people reach the server.
  origin = app.config.http.publicUrl
})
after(() => app[Symbol.asyncDispose]())

const signIn = ({ username, password }: Person) => app.client.signIn(username, password)

/** The first step, which must not be enough. */
async function firstStep(
  person: Person,
  call: Promise<unknown> = signIn(person),
): Promise<SecondFactorNeeded> {
  const { problem, status } = await assertRefused(call, 'auth.second_factor_needed')
  assert.equal(status, 401)
  return SecondFactorNeeded.parse(problem)
}

interface Shown {
  challenge: string
  totp?: string
  recoveryCode?: string
  passkey?: PasskeyAssertion
}

const secondStep = (body: Shown, at: TestApp = app) =>
  at.client.call('POST /api/sessions/second-factor', { body })

/** Codes of the present step, and the step after it once `next` is called. */
async function switchTotpOn(person: Person) {
  const { secret } = await person.call('POST /api/me/totp')
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const code = (at = clock.now()) => totp.generate({ timestamp: at })
  const { recoveryCodes } = await person.call('PUT /api/me/totp', { body: { code: code() } })
  await clock.advance(minute)
  return { code, secret, recoveryCodes: recoveryCodes ?? [] }
}

async function addPasskey(person: Person, authenticator: Authenticator, name = 'My key') {
  const options = await person.call('POST /api/me/passkey-challenges')
  return person.call('POST /api/me/passkeys', { body: { passkey: authenticator.create(options), name } })
}

async function proveByPasskey(person: Person, authenticator: Authenticator): Promise<void> {
  const { passkey } = await person.call('POST /api/me/proof-challenges')
  await person.call('POST /api/me/proof', { body: { passkey: authenticator.get(passkey!) } })
}

const passkeyRequest = () => app.client.call('POST /api/passkey-challenges')
const signInByPasskey = (passkey: PasskeyAssertion) =>
  app.client.call('POST /api/sessions/passkey', { body: { passkey } })

async function mailsTo(person: Person): Promise<string[]> {
  await app.settle()
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  return mails.filter(({ to }) => to === person.user.email).map(({ subject }) => subject)
}

/** Of an address or a password: that in the mail about a factor stands elsewhere in its link, and mails of one moment have no order. */
async function codeMailedTo({ user }: { user: { email: string } }): Promise<string> {
  await app.settle()
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  const codes = mails.flatMap(({ to, text }) =>
    to === user.email ? (/#code=(\S+)/.exec(text)?.[1] ?? []) : [],
  )
  return codes.at(-1) ?? assert.fail(`no code for ${user.email}`)
}

async function verifyAddress(person: Person): Promise<void> {
  const code = await codeMailedTo(person)
  await app.client.call('POST /api/email-verifications', { body: { code } })
}

test('a password alone opens nothing once codes are asked for, and a code does', async () => {
  const ada = await buildPerson(app.client)
  const { secret: begun } = await ada.call('POST /api/me/totp')
  await assertRefused(ada.call('PUT /api/me/totp', { body: { code: '000000' } }), 'totp.wrong_code')
  await signIn(ada)
  assert.equal((await ada.call('GET /api/me/second-factors')).totpSince, null)
  const { code, secret, recoveryCodes } = await switchTotpOn(ada)
  assert.notEqual(secret, begun, 'what was begun and not confirmed is replaced')
  assert.equal(new Set(recoveryCodes).size, 10)
  const needed = await firstStep(ada)
  assert.deepEqual(needed.methods, ['totp', 'recovery'])
  await assertRefused(secondStep({ challenge: needed.challenge, totp: '000000' }), 'auth.second_factor_wrong')
  const { user, token } = await secondStep({ challenge: needed.challenge, totp: code() })
  assert.equal(user.id, ada.id)
  await app.client.as(token).call('GET /api/me')
  assert.notEqual(needed.challenge, token)
  await assertRefused(secondStep({ challenge: needed.challenge, totp: code() }), 'auth.challenge_expired')
})

test('what the first step gives is no session: neither as a token nor as a cookie', async () => {
  const ada = await buildPerson(app.client)
  await switchTotpOn(ada)
  const { challenge } = await firstStep(ada)
  await assertRefused(app.client.as(challenge).call('GET /api/me'), 'auth.invalid')
  const cookie = `__Host-heliograph=${challenge}; heliograph=${challenge}`
  assert.equal((await fetch(`${app.url}/api/me`, { headers: { cookie } })).status, 401)
})

test('no other way leads past the second step', async () => {
  const fields = { username: 'round.about', email: 'round@people.example', password: 'a long enough phrase' }
  const again = { body: fields, idempotencyKey: 'signing-up-once' }
  const answered = await app.client.call('POST /api/accounts', again)
  const token = 'token' in answered ? answered.token : undefined
  const login = { body: { login: fields.username, password: fields.password }, idempotencyKey: 'in-once' }
  await app.client.call('POST /api/sessions', login)
  const me = app.client.as(token)
  const { secret } = await me.call('POST /api/me/totp')
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() })
  await me.call('PUT /api/me/totp', { body: { code } })
  await assertRefused(app.client.call('POST /api/accounts', again), 'auth.second_factor_needed')
  await assertRefused(app.client.call('POST /api/sessions', login), 'auth.second_factor_needed')
})

test('who reads somebody’s mail sets a password anew, and stands before the second step all the same', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  await addPasskey(ada, createAuthenticator({ origin }))
  await app.client.call('POST /api/password-resets', { body: { login: ada.username } })
  const newPassword = 'whoever reads my mail'
  const code = await codeMailedTo(ada)
  await app.client.call('POST /api/password-resets/use', { body: { code, newPassword } })
  await firstStep(ada, app.client.signIn(ada.username, newPassword))
  const [left] = await app.database.main
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', ada.id)
    .execute()
  assert.equal(left, undefined)
})

test('whoever took an account over has no way back by a factor of their own, and the owner keeps the older ones', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  const [own, ofThief] = [createAuthenticator({ origin }), createAuthenticator({ origin })]
  await addPasskey(ada, own)
  await clock.advance(2 * 24 * 60 * minute)
  await proveByPasskey(ada, own)
  await addPasskey(ada, ofThief, 'Before the address')
  const email = 'taken.over@people.example'
  await ada.call('PUT /api/me/email', { body: { email } })
  await ada.call('POST /api/email-verifications', { body: { code: await codeMailedTo({ user: { email } }) } })
  const { code: codeOfThief } = await switchTotpOn(ada)
  const { recoveryCodes } = await ada.call('POST /api/me/recovery-codes')
  const undo = await codeMailedTo(ada)
  const { resetCode } = await app.client.call('POST /api/email-undos', { body: { code: undo } })
  const newPassword = 'the owner is back'
  await app.client.call('POST /api/password-resets/use', { body: { code: resetCode, newPassword } })
  await assertRefused(signInByPasskey(ofThief.get(await passkeyRequest())), 'auth.passkey_refused')
  const needed = await firstStep(ada, app.client.signIn(ada.username, newPassword))
  assert.ok(!needed.methods.includes('totp'))
  for (const shown of [{ totp: codeOfThief() }, { recoveryCode: recoveryCodes[0] ?? '' }])
    await assertRefused(secondStep({ challenge: needed.challenge, ...shown }), 'auth.second_factor_wrong')
  const { token } = await signInByPasskey(own.get(await passkeyRequest()))
  const { passkeys, recoveryCodesLeft } = await app.client.as(token).call('GET /api/me/second-factors')
  assert.deepEqual([passkeys.map(({ name }) => name), recoveryCodesLeft], [['My key'], 0])
  await app.settle()
  assert.ok((await mailsTo(ada)).length >= 3, 'the owner is told what went')
})

test('recovery codes that a thief made open nothing once the address is put back, also where they added no factor', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  const own = createAuthenticator({ origin })
  await addPasskey(ada, own)
  await clock.advance(2 * 24 * 60 * minute)
  await proveByPasskey(ada, own)
  const { recoveryCodes } = await ada.call('POST /api/me/recovery-codes')
  const email = `made.anew.${ada.id}@people.example`
  await ada.call('PUT /api/me/email', { body: { email } })
  await ada.call('POST /api/email-verifications', { body: { code: await codeMailedTo({ user: { email } }) } })
  const { resetCode } = await undo(await codeMailedTo(ada))
  await setPassword(resetCode, 'the owner is back')
  const { challenge } = await firstStep(ada, app.client.signIn(ada.username, 'the owner is back'))
  const recoveryCode = recoveryCodes[0] ?? ''
  await assertRefused(secondStep({ challenge, recoveryCode }), 'auth.second_factor_wrong')
})

/** What the mail about a second factor leads to. */
async function factorUndoMailedTo(email: string): Promise<string[]> {
  await app.settle()
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  return mails.flatMap(({ to, text }) =>
    to === email ? (/undo-email#for=factor&code=(\S+)/.exec(text)?.[1] ?? []) : [],
  )
}
const undo = (code: string) => app.client.call('POST /api/email-undos', { body: { code } })
const setPassword = (code: string, newPassword: string) =>
  app.client.call('POST /api/password-resets/use', { body: { code, newPassword } })

test('a password known once takes no account away for good: its owner has it back from a factor and a deletion that are not theirs', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  const thief: Person = Object.assign(await signIn(ada), {
    ...{ id: ada.id, username: ada.username, password: ada.password },
  })
  const { recoveryCodes } = await switchTotpOn(thief)
  await thief.call('DELETE /api/sessions')
  await thief.call('POST /api/me/deletion')
  const [code = '', ...more] = await factorUndoMailedTo(ada.user.email)
  assert.deepEqual(more, [])
  const { resetCode } = await undo(code)
  await assertRefused(undo(code), 'account.link_invalid')
  await assertRefused(thief.call('GET /api/me'), 'auth.invalid')
  await setPassword(resetCode, 'the owner is back')
  const back = await app.client.signIn(ada.username, 'the owner is back')
  assert.equal(back.user.id, ada.id)
  const { totpSince, recoveryCodesLeft } = await back.call('GET /api/me/second-factors')
  assert.deepEqual([totpSince, recoveryCodesLeft, recoveryCodes.length], [null, 0, 10])
  assert.ok((await mailsTo(ada)).includes('Your account stays'))
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  const isIt = ({ to, subject }: { to: string; subject: string }) =>
    to === ada.user.email && subject === 'Your account will be deleted'
  assert.match(mails.find(isIt)?.text ?? '', /not yours is asked for, open the link/)
})

test('who adds a factor and is quick to change the address is put out by the mail about the factor, and voids it by none of their own', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  const [early, late] = [createAuthenticator({ origin }), createAuthenticator({ origin })]
  await addPasskey(ada, early)
  const email = `quick.${ada.id}@people.example`
  await ada.call('PUT /api/me/email', { body: { email } })
  await ada.call('POST /api/email-verifications', { body: { code: await codeMailedTo({ user: { email } }) } })
  // As where the mail about the factor is sent late.
  const { id: eventId } = await app.database.main
    .selectFrom('events')
    .select('id')
    .where('subject_id', '=', ada.id)
    .where('kind', '=', 'accounts.second_factor_changed')
    .executeTakeFirstOrThrow()
  await app.jobs.enqueue('accounts.tell_factor_change', { userId: ada.id, kind: 'passkey_added', eventId })
  const [, code = ''] = await factorUndoMailedTo(ada.user.email)
  await addPasskey(ada, late)
  const [own = '', ...more] = await factorUndoMailedTo(email)
  assert.deepEqual(more, [])
  await undo(own)
  const { resetCode } = await undo(code)
  await setPassword(resetCode, 'the owner is back')
  for (const key of [early, late])
    await assertRefused(signInByPasskey(key.get(await passkeyRequest())), 'auth.passkey_refused')
  assert.equal((await app.client.signIn(ada.user.email, 'the owner is back')).user.email, ada.user.email)
})

test('a code works once: in its step, beside it, and for two requests at two processes in one moment', async () => {
  const ada = await buildPerson(app.client)
  const { code } = await switchTotpOn(ada)
  const used = code()
  await secondStep({ challenge: (await firstStep(ada)).challenge, totp: used })
  const { challenge } = await firstStep(ada)
  await assertRefused(secondStep({ challenge, totp: used }), 'auth.second_factor_wrong')
  await assertRefused(secondStep({ challenge, totp: code(clock.now() - 30_000) }), 'auth.second_factor_wrong')

  await clock.advance(minute)
  const env = { DATABASE_URL: app.config.database.url, HELIOGRAPH_DATA: app.dataFolder }
  await using other = await createTestApp({ clock, env })
  const challenges = await Promise.all(Array.from({ length: 4 }, () => firstStep(ada)))
  const results = await Promise.allSettled(
    challenges.map(({ challenge }, at) => secondStep({ challenge, totp: code() }, at % 2 ? app : other)),
  )
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const result of results)
    if (result.status === 'rejected') assert.equal(result.reason.code, 'auth.second_factor_wrong')
})

test('a recovery code works once, and new ones void the old', async () => {
  const ada = await buildPerson(app.client)
  const { recoveryCodes } = await switchTotpOn(ada)
  const [first = '', second = '', third = ''] = recoveryCodes
  const recover = async (recoveryCode: string) =>
    secondStep({ challenge: (await firstStep(ada)).challenge, recoveryCode })
  const twice = await Promise.allSettled([recover(first), recover(first)])
  assert.equal(twice.filter(({ status }) => status === 'fulfilled').length, 1)
  await assertRefused(recover(first), 'auth.second_factor_wrong')
  await recover(second.toUpperCase().replace('-', ' '))
  assert.equal((await ada.call('GET /api/me/second-factors')).recoveryCodesLeft, 8)
  const { recoveryCodes: fresh } = await ada.call('POST /api/me/recovery-codes')
  await assertRefused(recover(third), 'auth.second_factor_wrong')
  await recover(fresh[0]!)
  const kept = await app.database.main
    .selectFrom('recovery_codes')
    .select('code_hash')
    .where('user_id', '=', ada.id)
    .execute()
  assert.ok(kept.every(({ code_hash }) => fresh.every((code) => !code_hash.includes(code))))
})

test('a challenge is good for five minutes and five tries, and ends with the password', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  const { code } = await switchTotpOn(ada)
  const late = await firstStep(ada)
  await clock.advance(5 * minute)
  await assertRefused(secondStep({ challenge: late.challenge, totp: code() }), 'auth.challenge_expired')

  const { challenge } = await firstStep(ada)
  const tries = Array.from({ length: 9 }, () => secondStep({ challenge, recoveryCode: 'aaaaa-aaaaa' }))
  const codes = (await Promise.allSettled(tries)).map(
    (result) => result.status === 'rejected' && (result.reason as ApiError).code,
  )
  assert.equal(codes.filter((one) => one === 'auth.second_factor_wrong').length, 5)
  assert.equal(codes.filter((one) => one === 'auth.challenge_expired').length, 4)
  assert.ok((await mailsTo(ada)).includes('Somebody knows your password'))

  const open = await firstStep(ada)
  const next = 'another long enough phrase'
  const body = { currentPassword: ada.password, newPassword: next }
  await ada.call('PUT /api/me/password', { body })
  await assertRefused(secondStep({ challenge: open.challenge, totp: code() }), 'auth.challenge_expired')
})

test('somebody who has the password and misses once is not kept from the owner, and no mails flood them', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  await switchTotpOn(ada)
  const told = async () => (await mailsTo(ada)).filter((one) => one === 'Somebody knows your password').length
  const miss = async () => {
    const { challenge } = await firstStep(ada)
    await assertRefused(secondStep({ challenge, totp: '000000' }), 'auth.second_factor_wrong')
  }
  await miss()
  assert.equal(await told(), 1)
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  const isIt = (subject: string) => subject === 'Somebody knows your password'
  const { text = '' } = mails.find(({ to, subject }) => to === ada.user.email && isIt(subject)) ?? {}
  assert.match(text, /\/forgot/)
  assert.doesNotMatch(text, /has got into your account/, 'what opened nothing is not told as a way in')
  await miss()
  await miss()
  assert.equal(await told(), 1)
  await clock.advance(60 * minute)
  await app.database.main
    .updateTable('factor_budgets')
    .set({ used: 10, since: new Date(clock.now()) })
    .where('user_id', '=', ada.id)
    .where('kind', '=', 'code_tries networks')
    .execute()
  const { challenge } = await firstStep(ada)
  await assertRefused(secondStep({ challenge, totp: '000000' }), 'rate.limited')
  assert.equal(await told(), 2, 'also when no code is looked at any more')
})

test('recovery codes are not made anew so often that the hashing keeps the machine busy', async () => {
  const ada = await buildPerson(app.client)
  await assertRefused(ada.call('POST /api/me/recovery-codes'), 'second_factor.off')
  const { recoveryCodes } = await switchTotpOn(ada)
  for (let at = 0; at < 4; at++) await ada.call('POST /api/me/recovery-codes')
  const refused = await assertRefused(ada.call('POST /api/me/recovery-codes'), 'rate.limited')
  assert.equal(refused.status, 429)
  assert.equal(recoveryCodes.length, 10)
  assert.equal((await addPasskey(ada, createAuthenticator({ origin }))).recoveryCodes, null, 'needs none')
})

test('nobody buries a letter box under mails about factors that they add', async () => {
  const ada = await buildPerson(app.client)
  await switchTotpOn(ada)
  await app.database.main
    .updateTable('factor_budgets')
    .set({ used: 20 })
    .where('user_id', '=', ada.id)
    .where('kind', '=', 'factors_added')
    .execute()
  await assertRefused(addPasskey(ada, createAuthenticator({ origin })), 'rate.limited')
})

test('trying codes through ends after ten in an hour, whatever they come from, and locks nobody out', async () => {
  const ada = await buildPerson(app.client)
  const { code, recoveryCodes } = await switchTotpOn(ada)
  for (let round = 0; round < 2; round++) {
    const { challenge } = await firstStep(ada)
    for (let at = 0; at < 5; at++)
      await assertRefused(secondStep({ challenge, totp: '000000' }), 'auth.second_factor_wrong')
  }
  const { challenge } = await firstStep(ada)
  const refused = await assertRefused(secondStep({ challenge, totp: code() }), 'rate.limited')
  assert.equal(refused.status, 429)
  await secondStep({ challenge, recoveryCode: recoveryCodes[0]! })
  await clock.advance(60 * minute)
  await secondStep({ challenge: (await firstStep(ada)).challenge, totp: code() })
})

test('the secret of an app is in no column that can be read without the key', async () => {
  const ada = await buildPerson(app.client)
  const { secret } = await switchTotpOn(ada)
  const row = await app.database.main
    .selectFrom('totp_factors')
    .selectAll()
    .where('user_id', '=', ada.id)
    .executeTakeFirstOrThrow()
  assert.equal(row.sealed_secret.includes(Buffer.from(Secret.fromBase32(secret).bytes)), false)
  assert.equal(row.sealed_secret.includes(secret), false)
})

test('where the key of secrets is lost a code is not answered by a broken server, and a recovery code goes on working', async () => {
  const ada = await buildPerson(app.client)
  const { code, recoveryCodes } = await switchTotpOn(ada)
  await app.database.main
    .updateTable('totp_factors')
    .set({ sealed_secret: Buffer.alloc(49, 1) })
    .where('user_id', '=', ada.id)
    .execute()
  const { challenge } = await firstStep(ada)
  const refused = await assertRefused(secondStep({ challenge, totp: code() }), 'totp.unreadable')
  assert.equal(refused.status, 409)
  await secondStep({ challenge, recoveryCode: recoveryCodes[0]! })
})

test('a passkey opens its account alone, once for each challenge', async () => {
  const ada = await buildPerson(app.client)
  const key = createAuthenticator({ origin })
  const { passkey, recoveryCodes } = await addPasskey(ada, key, ' Phone ')
  assert.equal(passkey.name, 'Phone')
  assert.equal(recoveryCodes?.length, 10)
  const request = await passkeyRequest()
  assert.deepEqual(request.allowCredentials, [], 'it names nobody')
  const assertion = key.get(request)
  const { user, token } = await signInByPasskey(assertion)
  assert.equal(user.id, ada.id)
  await app.client.as(token).call('GET /api/me')
  await assertRefused(signInByPasskey(assertion), 'auth.passkey_refused')
  await assertRefused(signInByPasskey(key.get(request)), 'auth.passkey_refused')
  const atOnce = key.get(await passkeyRequest())
  const results = await Promise.allSettled([signInByPasskey(atOnce), signInByPasskey(atOnce)])
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  const late = key.get(await passkeyRequest())
  await clock.advance(5 * minute)
  await assertRefused(signInByPasskey(late), 'auth.passkey_refused')
})

test('a passkey that is odd in any way, or nobody’s, is refused in the same words', async () => {
  const ada = await buildPerson(app.client)
  const key = createAuthenticator({ origin })
  await addPasskey(ada, key)
  const stranger = createAuthenticator({ origin })
  stranger.create(await ada.call('POST /api/me/passkey-challenges'))
  const odd = [
    key.get(await passkeyRequest(), { origin: 'https://elsewhere.example' }),
    key.get(await passkeyRequest(), { rpId: 'elsewhere.example' }),
    key.get(await passkeyRequest(), { isUnattended: true }),
    key.get({ ...(await passkeyRequest()), challenge: Buffer.alloc(64).toString('base64url') }),
    { ...key.get(await passkeyRequest()), signature: 'AAAA' },
    { ...key.get(await passkeyRequest()), clientDataJSON: 'AAAA' },
    stranger.get(await passkeyRequest()),
  ]
  const problems = []
  for (const passkey of odd)
    problems.push(await assertRefused(signInByPasskey(passkey), 'auth.passkey_refused'))
  assert.equal(new Set(problems.map(({ problem }) => problem.detail)).size, 1)
})

test('an authenticator that counted further elsewhere was copied, and is refused', async () => {
  const ada = await buildPerson(app.client)
  const key = createAuthenticator({ origin })
  await addPasskey(ada, key)
  await signInByPasskey(key.get(await passkeyRequest(), { counter: 40 }))
  await assertRefused(
    signInByPasskey(key.get(await passkeyRequest(), { counter: 40 })),
    'auth.passkey_refused',
  )
  await assertRefused(
    signInByPasskey(key.get(await passkeyRequest(), { counter: 7 })),
    'auth.passkey_refused',
  )
  await assertRefused(
    signInByPasskey(key.get(await passkeyRequest(), { counter: 0 })),
    'auth.passkey_refused',
  )
  await signInByPasskey(key.get(await passkeyRequest(), { counter: 41 }))
  const copied = createAuthenticator({ origin, counts: false })
  const bea = await buildPerson(app.client)
  await addPasskey(bea, copied)
  for (let at = 0; at < 2; at++) await signInByPasskey(copied.get(await passkeyRequest()))
})

test('behind a password one’s own passkey is a second step, and nobody else’s is', async () => {
  const [ada, eve] = [await buildPerson(app.client), await buildPerson(app.client)]
  const [key, other] = [createAuthenticator({ origin }), createAuthenticator({ origin })]
  await addPasskey(ada, key)
  await addPasskey(eve, other)
  const needed = await firstStep(ada)
  assert.deepEqual(needed.methods, ['passkey', 'recovery'])
  const { challenge } = needed
  const request = needed.passkey ?? assert.fail('no request')
  await assertRefused(secondStep({ challenge, passkey: other.get(request) }), 'auth.second_factor_wrong')
  const alone = key.get(await passkeyRequest())
  await assertRefused(secondStep({ challenge, passkey: alone }), 'auth.second_factor_wrong')
  const own = key.get(request, { isUnattended: true })
  await assertRefused(signInByPasskey(own), 'auth.passkey_refused')
  const elsewhere = await firstStep(ada)
  await assertRefused(
    secondStep({ challenge: elsewhere.challenge, passkey: own }),
    'auth.second_factor_wrong',
  )
  assert.equal((await secondStep({ challenge, passkey: own })).user.id, ada.id)
})

test('a passkey is added once, to one account, by the session that began', async () => {
  const [ada, eve] = [await buildPerson(app.client), await buildPerson(app.client)]
  const key = createAuthenticator({ origin })
  const options = await ada.call('POST /api/me/passkey-challenges')
  const passkey = key.create(options)
  const add = (person: Pick<Person, 'call'>, added = passkey) =>
    person.call('POST /api/me/passkeys', { body: { passkey: added, name: 'Key' } })
  await assertRefused(add(eve), 'passkey.refused')
  await assertRefused(add(await app.client.signIn(ada.username, ada.password)), 'passkey.refused')
  const unattended = key.create(await ada.call('POST /api/me/passkey-challenges'), { isUnattended: true })
  await assertRefused(add(ada, unattended), 'passkey.refused')
  await add(ada)
  await assertRefused(add(ada), 'passkey.refused')
  const theirs = await eve.call('POST /api/me/passkey-challenges')
  const copied = createAuthenticator({ origin }).create(theirs)
  const taken = { ...copied, attestationObject: passkey.attestationObject, id: passkey.id }
  await assertRefused(add(eve, taken), 'passkey.refused')
  const { passkeys } = await ada.call('GET /api/me/second-factors')
  const params = { id: passkeys[0]!.id }
  await assertRefused(eve.call('DELETE /api/me/passkeys/:id', { params }), 'passkey.not_found')
  const body = { name: 'Hers' }
  await assertRefused(eve.call('PATCH /api/me/passkeys/:id', { params, body }), 'passkey.not_found')
  assert.equal((await ada.call('PATCH /api/me/passkeys/:id', { params, body })).name, 'Hers')
  assert.equal(passkeys[0]!.lastUsedAt, null)
})

test('with the last second factor its codes go, and the password is enough again', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  const { recoveryCodes } = await switchTotpOn(ada)
  assert.equal(recoveryCodes.length, 10)
  await assertRefused(ada.call('POST /api/me/totp'), 'totp.on')
  const key = createAuthenticator({ origin })
  const added = await addPasskey(ada, key)
  assert.equal(added.recoveryCodes, null, 'there are some')
  await ada.call('DELETE /api/me/totp')
  assert.equal((await ada.call('GET /api/me/second-factors')).recoveryCodesLeft, 10)
  await firstStep(ada)
  await ada.call('DELETE /api/me/passkeys/:id', { params: { id: added.passkey.id } })
  await assertRefused(signInByPasskey(key.get(await passkeyRequest())), 'auth.passkey_refused')
  const state = await ada.call('GET /api/me/second-factors')
  assert.deepEqual(state, { totpSince: null, passkeys: [], recoveryCodesLeft: 0 })
  await assertRefused(ada.call('POST /api/me/recovery-codes'), 'second_factor.off')
  await signIn(ada)
  const subjects = await mailsTo(ada)
  for (const subject of ['Codes are asked for now', 'A passkey was added', 'A passkey was removed'])
    assert.ok(subjects.includes(subject), subject)
})

test('changing what opens an account asks once more who is there; looking at it does not', async () => {
  const ada = await buildPerson(app.client)
  const { passkey } = await addPasskey(ada, createAuthenticator({ origin }))
  await clock.advance(11 * minute)
  await ada.call('GET /api/me/second-factors')
  for (const act of [
    () => ada.call('POST /api/me/passkey-challenges'),
    () => ada.call('DELETE /api/me/passkeys/:id', { params: { id: passkey.id } }),
    () => ada.call('POST /api/me/totp'),
    () => ada.call('DELETE /api/me/totp'),
    () => ada.call('POST /api/me/recovery-codes'),
  ])
    await assertRefused(act(), 'auth.proof_needed')
})

test('in a session that was left open a password alone does not take a second factor away', async () => {
  const ada = await buildPerson(app.client)
  await verifyAddress(ada)
  const { code, recoveryCodes } = await switchTotpOn(ada)
  await clock.advance(11 * minute)
  const { password } = ada
  const prove = (codes: { totp?: string; recoveryCode?: string } = {}) =>
    ada.call('POST /api/me/proof', { body: { password, ...codes } })
  const { problem, status } = await assertRefused(prove(), 'auth.factor_needed')
  assert.deepEqual([status, FactorNeeded.parse(problem).methods], [403, ['totp', 'recovery']])
  await assertRefused(prove({ totp: '000000' }), 'auth.second_factor_wrong')
  await assertRefused(prove({ recoveryCode: 'aaaaa-aaaaa' }), 'auth.second_factor_wrong')
  await assertRefused(ada.call('DELETE /api/me/totp'), 'auth.proof_needed')
  const change = (newPassword: string) =>
    ada.call('PUT /api/me/password', { body: { currentPassword: password, newPassword } })
  await assertRefused(change('the thief chose this one'), 'auth.proof_needed')
  const wrong = { body: { password: 'not the password', totp: code() } }
  await assertRefused(ada.call('POST /api/me/proof', wrong), 'auth.wrong_credentials')
  const used = code()
  await prove({ totp: used })
  await assertRefused(prove({ totp: used }), 'auth.second_factor_wrong')
  await clock.advance(9 * minute)
  await assertRefused(change(password), 'account.password_weak')
  const changed = 'with a code it is changed'
  await change(changed)
  await clock.advance(2 * minute)
  await assertRefused(ada.call('DELETE /api/me/totp'), 'auth.proof_needed')
  await ada.call('POST /api/me/proof', { body: { password: changed, totp: code() } })
  await ada.call('PUT /api/me/password', { body: { currentPassword: changed, newPassword: password } })
  await clock.advance(11 * minute)
  await prove({ recoveryCode: recoveryCodes[0]! })
  await assertRefused(prove({ recoveryCode: recoveryCodes[0]! }), 'auth.second_factor_wrong')
  assert.ok((await mailsTo(ada)).includes('Somebody knows your password'), 'the owner is told of the misses')
  await ada.call('DELETE /api/me/totp')
  await clock.advance(11 * minute)
  await prove()
})

test('a passkey of one’s own proves who is there, once, and in its own session alone', async () => {
  const [ada, eve] = [await buildPerson(app.client), await buildPerson(app.client)]
  const [key, other] = [createAuthenticator({ origin }), createAuthenticator({ origin })]
  assert.equal((await ada.call('POST /api/me/proof-challenges')).passkey, null)
  await addPasskey(ada, key)
  await addPasskey(eve, other)
  const { token } = await signInByPasskey(key.get(await passkeyRequest()))
  await clock.advance(11 * minute)
  const request = (await ada.call('POST /api/me/proof-challenges')).passkey ?? assert.fail('no request')
  const prove = (passkey: PasskeyAssertion, by: Pick<Person, 'call'> = ada) =>
    by.call('POST /api/me/proof', { body: { passkey } })
  await assertRefused(prove(other.get(request)), 'auth.passkey_refused')
  await assertRefused(prove(key.get(request, { isUnattended: true })), 'auth.passkey_refused')
  await assertRefused(prove(key.get(await passkeyRequest())), 'auth.passkey_refused')
  const shown = key.get(request)
  await assertRefused(prove(shown, app.client.as(token)), 'auth.passkey_refused')
  await assertRefused(signInByPasskey(shown), 'auth.passkey_refused')
  await prove(shown)
  await ada.call('POST /api/me/recovery-codes')
  await assertRefused(prove(shown), 'auth.passkey_refused')
})

test('where roles need a second factor, none acts without one, and nobody is locked out', async () => {
  const { setRoles } = app.modules.accounts.api
  const [ada, mo] = [await buildPerson(app.client), await buildPerson(app.client)]
  await setRoles(ada.id, ['admin'])
  await setRoles(mo.id, ['moderator'])
  const params = { username: mo.username }
  const look = () => ada.call('GET /api/admin/accounts/:username', { params })
  await look()
  app.config.accounts.requireSecondFactor = 'roles'
  try {
    const acts = [
      look,
      () => ada.call('PUT /api/admin/accounts/:username/roles', { params, body: { roles: [] } }),
      () => ada.call('GET /api/admin/verification-requests'),
      () => ada.call('POST /api/invitations', { body: {} }),
      () => mo.call('GET /api/moderation/queue'),
      () => mo.call('GET /api/admin/overview'),
    ]
    for (const act of acts) assert.equal((await assertRefused(act(), 'auth.roles_rest')).status, 403)
    const { roles, rolesRest, mayInvite } = await ada.call('GET /api/me')
    assert.deepEqual({ roles, rolesRest, mayInvite }, { roles: ['admin'], rolesRest: true, mayInvite: false })
    assert.equal((await mo.call('GET /api/me')).rolesRest, true)
    await addPasskey(ada, createAuthenticator({ origin }))
    assert.equal((await look()).username, mo.username)
    assert.deepEqual((await ada.call('GET /api/me')).rolesRest, false)
    const [only] = (await ada.call('GET /api/me/second-factors')).passkeys
    await ada.call('DELETE /api/me/passkeys/:id', { params: { id: only!.id } })
    await assertRefused(look(), 'auth.roles_rest')
  } finally {
    app.config.accounts.requireSecondFactor = 'nobody'
  }
  await look()
})

test('where everybody needs a second factor, a password alone opens nothing, and nobody is locked out', async () => {
  const before = await buildPerson(app.client)
  await switchTotpOn(before)
  app.config.accounts.requireSecondFactor = 'everybody'
  try {
    const ada = await buildPerson(app.client)
    const params = { username: ada.username }
    const inside = [
      () => ada.call('GET /api/feed'),
      () => ada.call('GET /api/users/:username', { params }),
      () => ada.call('GET /api/me/saved'),
      () => ada.call('GET /api/me/exports'),
      () => ada.call('GET /api/conversations'),
      () => ada.call('POST /api/conversations', { body: { members: [before.username] } }),
      () => ada.call('PUT /api/users/:username/follow', { params: { username: before.username } }),
    ]
    for (const act of inside) assert.equal((await assertRefused(act(), 'auth.factor_missing')).status, 403)
    const live = await fetch(`${app.url}/api/live`, { headers: { authorization: `Bearer ${ada.token}` } })
    assert.equal(((await live.json()) as { code: string }).code, 'auth.factor_missing')
    assert.equal((await ada.call('GET /api/me')).needsFactor, true)
    await ada.call('PATCH /api/me', { body: { language: 'de' } })
    assert.equal((await ada.call('GET /api/sessions')).items.length, 1)
    const key = createAuthenticator({ origin })
    await addPasskey(ada, key)
    assert.deepEqual((await ada.call('GET /api/feed')).items, [])
    assert.equal((await ada.call('GET /api/me')).needsFactor, false)
    const [only] = (await ada.call('GET /api/me/second-factors')).passkeys
    await ada.call('DELETE /api/me/passkeys/:id', { params: { id: only!.id } })
    await assertRefused(inside[0]!(), 'auth.factor_missing')
  } finally {
    app.config.accounts.requireSecondFactor = 'nobody'
  }
})

test('an admin can switch it off for somebody who lost everything; that is written down, and told', async () => {
  const ownerCode = (await app.modules.accounts.api.newOwnerCode()) ?? assert.fail('there is an owner')
  const owner = await buildPerson(app.client, { ownerCode })
  const [ada, eve] = [await buildPerson(app.client), await buildPerson(app.client)]
  await verifyAddress(ada)
  await switchTotpOn(ada)
  await addPasskey(ada, createAuthenticator({ origin }))
  const { challenge } = await firstStep(ada)
  const reset = (by: Person, body = { reason: 'Lost at sea.' }) =>
    by.call('POST /api/admin/accounts/:username/second-factor-reset', {
      params: { username: ada.username },
      body,
    })
  await assertRefused(reset(eve), 'request.not_found')
  await assertRefused(reset(owner, { reason: ' ' }), 'request.invalid')
  await firstStep(ada)
  await reset(owner)
  await assertRefused(ada.call('GET /api/me'), 'auth.invalid')
  await assertRefused(secondStep({ challenge, recoveryCode: 'aaaaa-aaaaa' }), 'auth.challenge_expired')
  const back = await signIn(ada)
  assert.equal((await back.call('GET /api/me/second-factors')).passkeys.length, 0)
  assert.ok((await mailsTo(ada)).includes('Your second step was switched off'))
  const { items } = await owner.call('GET /api/admin/log', { query: { account: ada.username } })
  const line = items[0]
  assert.ok(line?.kind === 'act')
  assert.deepEqual(
    [line.act, line.actor, line.subject, line.note],
    ['account.second_factor_removed', owner.username, ada.username, 'Lost at sea.'],
  )
})
