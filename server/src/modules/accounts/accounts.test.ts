import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createTestClock } from '#platform/clock/clock.ts'
import { bucketOf, idAt } from '#platform/ids/ids.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, block, buildPeople, buildPerson, follow } from '../../../test/helpers/factories.ts'

let app: TestApp
const clock = createTestClock()

before(async () => {
  app = await createTestApp({ clock })
})
after(() => app[Symbol.asyncDispose]())

const person = (username: string) => ({
  username,
  email: `${username}@people.example`,
  password: 'a long enough phrase',
})
const day = 24 * 60 * 60 * 1000

test('of many sign-ups for one name at the same instant exactly one wins', async () => {
  const tries = Array.from({ length: 12 }, () => app.client.signUp(person('wanted')))
  const results = await Promise.allSettled(tries)
  const winners = results.filter((result) => result.status === 'fulfilled')
  assert.equal(winners.length, 1)
  for (const result of results)
    if (result.status === 'rejected') assert.equal(result.reason.code, 'account.username_taken')
  const rows = await app.database.main
    .selectFrom('users')
    .select('id')
    .where('username', '=', 'wanted')
    .execute()
  assert.equal(rows.length, 1)
})

test('a name that is taken in other letters, reserved or malformed is refused', async () => {
  await buildPerson(app.client, { username: 'taken.name' })
  await assertRefused(app.client.signUp(person('Taken.Name')), 'account.username_taken')
  await assertRefused(app.client.signUp(person('admin')), 'account.username_reserved')
  await assertRefused(app.client.signUp({ ...person('x'), username: 'a..b' }), 'account.username_invalid')
})

test('a weak password and an unknown field are refused', async () => {
  const weak = await assertRefused(
    app.client.signUp({ ...person('weak'), password: 'password1' }),
    'account.password_weak',
  )
  assert.match(weak.problem.detail ?? '', /at least 8 characters/)
  const body = { ...person('greedy'), roles: ['owner'] }
  await assertRefused(app.client.call('POST /api/accounts', { body }), 'request.invalid')
})

test('one Idempotency-Key twice at once makes one account, and each answer has a token that works', async () => {
  const request = { body: person('once'), idempotencyKey: 'the-same-key' }
  const answers = await Promise.all([
    app.client.call('POST /api/accounts', request),
    app.client.call('POST /api/accounts', request),
  ])
  const ids = answers.map((answer) => ('user' in answer ? answer.user.id : 'waits'))
  assert.equal(ids[0], ids[1])
  for (const { token } of answers.filter((answer) => 'user' in answer))
    assert.equal((await app.client.as(token).call('GET /api/me')).username, 'once')
  await assertRefused(
    app.client.call('POST /api/accounts', { ...request, body: person('other') }),
    'idempotency.mismatch',
  )
})

test('one Idempotency-Key on two sign-ins at once never ends the session of one of them', async () => {
  const { username, password } = await buildPerson(app.client)
  const request = { body: { login: username, password }, idempotencyKey: 'both-at-once' }
  const answers = await Promise.all([
    app.client.call('POST /api/sessions', request),
    app.client.call('POST /api/sessions', request),
  ])
  for (const { token } of answers)
    assert.equal((await app.client.as(token).call('GET /api/me')).username, username)
})

test('a replayed sign-in needs the right password and does not end the first', async () => {
  const { username, password } = await buildPerson(app.client)
  const request = { body: { login: username, password }, idempotencyKey: 'sign-in-key' }
  const first = await app.client.call('POST /api/sessions', request)
  const second = await app.client.call('POST /api/sessions', request)
  assert.notEqual(first.token, second.token)
  for (const { token } of [first, second])
    assert.equal((await app.client.as(token).call('GET /api/me')).username, username)
  await assertRefused(
    app.client.call('POST /api/sessions', { ...request, body: { login: username, password: 'wrong one' } }),
    'idempotency.mismatch',
  )
})

test('names cannot be hoarded by renaming again and again', async () => {
  const hoarder = await buildPerson(app.client, { username: 'hoarder' })
  const rename = (username: string) => hoarder.call('PATCH /api/me', { body: { username } })
  await rename('hoarder_b')
  await rename('hoarder_c')
  await assertRefused(rename('hoarder_d'), 'account.username_changed_recently')
  await assertRefused(app.client.signUp(person('hoarder_b')), 'account.username_taken')
  assert.equal((await app.client.signUp(person('hoarder_d'))).user.username, 'hoarder_d', 'nothing was kept')
  for (const own of ['hoarder', 'hoarder_c', 'hoarder_b'])
    assert.equal((await rename(own)).username, own, 'an old name of one’s own can be taken back')
  await assertRefused(rename('hoarder_e'), 'account.username_changed_recently')
  await clock.advance(31 * day)
  assert.equal((await rename('hoarder_e')).username, 'hoarder_e')
})

test('wrong password, unknown account and unverified address are refused alike', async () => {
  const { username, email } = { ...(await buildPerson(app.client)), email: '' }
  const { user, password } = await buildPerson(app.client)
  for (const [login, secret] of [
    [username, 'not the password'],
    ['nobody.at.all', password],
    [user.email, password],
    [email || '@', password],
  ] as const) {
    await assertRefused(app.client.signIn(login, secret), 'auth.wrong_credentials')
  }
})

test('an address belongs to whoever proves it; then it signs in, and nobody else can take it', async () => {
  const email = 'proof@people.example'
  const first = await buildPerson(app.client, { email: ' Proof@People.example ' })
  const second = await buildPerson(app.client, { email })
  await app.settle()
  const codes = await sentCodes()
  const code = codes.get(first.username) ?? assert.fail('no mail')
  await app.client.call('POST /api/email-verifications', { body: { code } })
  const signedIn = await app.client.signIn(' PROOF@people.example', first.password)
  assert.equal(signedIn.user.id, first.id)
  assert.equal(signedIn.user.emailVerified, true)
  const late = codes.get(second.username) ?? assert.fail('no mail')
  for (const used of [code, late, 'nonsense', '1.x', ''])
    await assertRefused(
      app.client.call('POST /api/email-verifications', { body: { code: used } }),
      'account.link_invalid',
    )
  const third = await buildPerson(app.client, { email })
  await app.settle()
  const mails = (await listKeptMails(`${app.dataFolder}/mail`)).filter((mail) => mail.to === email)
  assert.match(mails.at(-1)?.text ?? '', new RegExp(`@${third.username}`))
  assert.equal((await sentCodes()).has(third.username), false)
})

async function sentCodes(): Promise<Map<string, string>> {
  const mails = await listKeptMails(`${app.dataFolder}/mail`)
  return new Map(
    mails.flatMap(({ text }) => {
      const code = /code=(\S+)/.exec(text)?.[1]
      const username = /@([a-z0-9._]+),/.exec(text)?.[1]
      return code && username ? [[username, code] as const] : []
    }),
  )
}

test('sign-up gives no role; the one-time code gives the owner’s once', async () => {
  const someone = await buildPerson(app.client)
  assert.deepEqual(someone.user.roles, [])
  await assertRefused(app.client.signUp({ ...person('thief'), ownerCode: 'guess' }), 'account.link_invalid')
  const old = await app.modules.accounts.api.newOwnerCode()
  const code = await app.modules.accounts.api.newOwnerCode()
  assert.ok(old && code && old !== code)
  await assertRefused(app.client.signUp({ ...person('late'), ownerCode: old }), 'account.link_invalid')
  const tries = ['owner.one', 'owner.two', 'owner.three'].map((username) =>
    app.client.signUp({ ...person(username), ownerCode: code }),
  )
  const owners = (await Promise.allSettled(tries)).filter((result) => result.status === 'fulfilled')
  assert.equal(owners.length, 1)
  assert.deepEqual(owners[0]!.value.user.roles, ['owner'])
  assert.equal(await app.modules.accounts.api.newOwnerCode(), null)
  const lines = await app.database.main.selectFrom('admin_log').select(['act', 'subject_id']).execute()
  assert.deepEqual(lines, [{ act: 'account.roles_changed', subject_id: owners[0]!.value.user.id }])
  // The refused ones have left nothing behind.
  const names = await app.database.main
    .selectFrom('username_claims')
    .select('username')
    .where('username', 'like', 'owner.%')
    .execute()
  assert.equal(names.length, 1)
})

test('a session ends at sign-out, and its token is refused from then on', async () => {
  const me = await buildPerson(app.client)
  await me.call('DELETE /api/sessions/current')
  await assertRefused(me.call('GET /api/me'), 'auth.invalid')
  await assertRefused(
    me.call('GET /api/users/:username', { params: { username: me.username } }),
    'auth.invalid',
  )
  await assertRefused(app.client.call('GET /api/me'), 'auth.required')
})

test('a password change ends all other sessions', async () => {
  const me = await buildPerson(app.client)
  const other = await app.client.signIn(me.username, me.password)
  const change = (currentPassword: string, newPassword: string) =>
    me.call('PUT /api/me/password', { body: { currentPassword, newPassword } })
  await assertRefused(change('not mine at all', 'another long phrase'), 'auth.wrong_credentials')
  await assertRefused(change(me.password, 'password1'), 'account.password_weak')
  await change(me.password, 'another long phrase')
  await me.call('GET /api/me')
  await assertRefused(other.call('GET /api/me'), 'auth.invalid')
  await assertRefused(app.client.signIn(me.username, me.password), 'auth.wrong_credentials')
  await app.client.signIn(me.username, 'another long phrase')
})

test('somebody else’s session can neither be seen nor ended', async () => {
  const [me, other] = await buildPeople(app.client, 2)
  assert.ok(me && other)
  const [session] = (await other.call('GET /api/sessions')).items
  assert.ok(session?.current)
  assert.equal(
    (await me.call('GET /api/sessions')).items.some(({ id }) => id === session.id),
    false,
  )
  await assertRefused(
    me.call('DELETE /api/sessions/:id', { params: { id: session.id } }),
    'request.not_found',
  )
  await other.call('GET /api/me')
  await assertRefused(me.call('DELETE /api/sessions/:id', { params: { id: '12x' } }), 'request.invalid')
})

test('the last use of a session is written at most every 5 minutes', async () => {
  const me = await buildPerson(app.client)
  const lastUsed = async () => (await me.call('GET /api/sessions')).items[0]?.lastUsedAt
  const start = await lastUsed()
  await clock.advance(4 * 60_000)
  assert.equal(await lastUsed(), start)
  await clock.advance(60_000)
  assert.notEqual(await lastUsed(), start)
})

test('however much it is used, no session outlives 90 days in which nobody showed who is there', async () => {
  const me = await buildPerson(app.client)
  const idle = await app.client.signIn(me.username, me.password)
  await clock.advance(60 * day)
  await me.call('POST /api/me/proof', { body: { password: me.password } })
  await clock.advance(29 * day)
  await me.call('GET /api/me')
  await clock.advance(day)
  await assertRefused(idle.call('GET /api/me'), 'auth.invalid')
  await clock.advance(59 * day)
  await me.call('GET /api/me')
  await clock.advance(day)
  await assertRefused(me.call('GET /api/me'), 'auth.invalid')
})

/** As if somebody had signed in so often in these minutes. */
async function addSessions(userId: string, count: number): Promise<void> {
  const bucket = bucketOf(userId)
  const newest = idAt(clock.now(), bucket, 127, 0)
  await sql`
    insert into sessions (bucket, user_id, id, token_hash, user_agent, created_at, last_used_at, expires_at)
    select ${bucket}, ${userId}, ${newest}::bigint - n * (1::bigint << 22), sha256(n::text::bytea), '',
      ${new Date(clock.now())}, ${new Date(clock.now())}, ${new Date(clock.now() + day)}
    from generate_series(1, ${count}::int) n
  `.execute(app.database.main)
}

const countSessions = async (userId: string) =>
  (await app.database.main.selectFrom('sessions').select('id').where('user_id', '=', userId).execute()).length

test('nobody keeps an account from being suspended by any number of sessions', async () => {
  const me = await buildPerson(app.client)
  const count = process.env.HELIOGRAPH_TEST_LONG ? 100_000 : 3000
  await addSessions(me.id, count)
  await app.modules.accounts.api.setState(me.id, 'suspended')
  await assertRefused(me.call('GET /api/me'), 'auth.invalid')
  assert.equal(await countSessions(me.id), 0)
  const told = await app.database.main
    .selectFrom('events')
    .select('data')
    .where('subject_id', '=', me.id)
    .where('kind', '=', 'accounts.sessions_ended')
    .execute()
  assert.equal(told.length, Math.ceil((count + 1) / 1000), 'each is heard everywhere before the answer')
})

test('an account never has more than 200 sessions: a sign-in ends the one that was used longest ago', async () => {
  const me = await buildPerson(app.client)
  const idle = await app.client.signIn(me.username, me.password)
  await clock.advance(10 * 60_000)
  await addSessions(me.id, 198)
  await me.call('GET /api/me')
  const last = await app.client.signIn(me.username, me.password)
  assert.equal(await countSessions(me.id), 200)
  await assertRefused(idle.call('GET /api/me'), 'auth.invalid')
  for (const stays of [me, last]) await stays.call('GET /api/me')
})

test('sessions are paged, newest first', async () => {
  const me = await buildPerson(app.client)
  for (let i = 0; i < 4; i++) await app.client.signIn(me.username, me.password)
  const ids: string[] = []
  for await (const { id } of me.all('GET /api/sessions', { query: { limit: 2 } })) ids.push(id)
  assert.equal(ids.length, 5)
  assert.deepEqual(ids, [...ids].sort().reverse())
})

test('a changed name leads to the account for 30 days and to nobody after', async () => {
  const [me, other] = await buildPeople(app.client, 2)
  assert.ok(me && other)
  const old = me.username
  const user = await me.call('PATCH /api/me', { body: { username: 'New.Name' } })
  assert.equal(user.username, 'new.name')
  const byOldName = await app.client.call('GET /api/users/:username', { params: { username: old } })
  assert.equal(byOldName.username, 'new.name')
  await assertRefused(other.call('PATCH /api/me', { body: { username: old } }), 'account.username_taken')
  await assertRefused(app.client.signIn(old, me.password), 'auth.wrong_credentials')
  await clock.advance(30 * day + 1)
  await assertRefused(
    app.client.call('GET /api/users/:username', { params: { username: old } }),
    'user.not_found',
  )
  await other.call('PATCH /api/me', { body: { username: old } })
  const byTakenName = await app.client.call('GET /api/users/:username', { params: { username: old } })
  assert.equal(byTakenName.id, other.id)
})

test('one can go back to a name given up', async () => {
  const me = await buildPerson(app.client, { username: 'there.and.back' })
  await me.call('PATCH /api/me', { body: { username: 'elsewhere' } })
  const back = await me.call('PATCH /api/me', { body: { username: 'there.and.back' } })
  assert.equal(back.username, 'there.and.back')
  await clock.advance(31 * day)
  const found = await app.client.call('GET /api/users/:username', { params: { username: 'there.and.back' } })
  assert.equal(found.id, me.id)
})

test('profile and settings change; text is cleaned; a wrong zone is refused', async () => {
  const me = await buildPerson(app.client)
  const body = {
    fullName: ' Ada\n Lovelace ',
    bio: 'First\r\nof all ',
    timeZone: 'Europe/Berlin',
    language: 'de',
    theme: 'dark',
    dataSaver: true,
    feedMode: 'chronological',
    isPrivate: true,
  } as const
  const user = await me.call('PATCH /api/me', { body })
  assert.partialDeepStrictEqual(user, { ...body, fullName: 'Ada Lovelace', bio: 'First\nof all' })
  for (const wrong of [{ timeZone: 'Mars/Crater' }, { bio: 'x'.repeat(151) }, { email: 'a@b.c' }])
    await assertRefused(me.call('PATCH /api/me', { body: wrong as never }), 'request.invalid')
})

test('no address, role or setting of a person is in what others are shown', async () => {
  const me = await buildPerson(app.client, { email: 'private.address@people.example' })
  const profile = await app.client.call('GET /api/users/:username', { params: { username: me.username } })
  assert.doesNotMatch(JSON.stringify(profile), /private\.address|roles|timeZone|emailVerified/)
  assert.equal(profile.relationship, null)
})

test('a suspended account is out at once, everywhere', async () => {
  const [me, other] = await buildPeople(app.client, 2)
  assert.ok(me && other)
  await app.modules.accounts.api.setState(me.id, 'suspended')
  await assertRefused(me.call('GET /api/me'), 'auth.invalid')
  await assertRefused(app.client.signIn(me.username, me.password), 'account.suspended')
  await assertRefused(app.client.signIn(me.username, 'not the password'), 'auth.wrong_credentials')
  await assertRefused(
    other.call('GET /api/users/:username', { params: { username: me.username } }),
    'user.not_found',
  )
  await app.modules.accounts.api.setState(me.id, 'active')
  await app.client.signIn(me.username, me.password)
})

test('a name that begins alike is completed: followed people first, blocked ones never', async () => {
  const names = ['zoe', 'zoe.a', 'zoe.b', 'zoe_c', 'zoeb'].map((username) =>
    buildPerson(app.client, { username }),
  )
  const [plain, followed, blocked, blocker, other] = await Promise.all(names)
  assert.ok(plain && followed && blocked && blocker && other)
  const me = await buildPerson(app.client, { fullName: 'Zoe of the long name' })
  await follow(me, other)
  await block(me, blocked)
  await block(blocker, me)
  const { items } = await me.call('GET /api/users', { query: { prefix: 'ZOE' } })
  const found = items.map((item) => item.username)
  assert.deepEqual(found, ['zoeb', 'zoe', 'zoe.a', me.username])
  const underscore = await me.call('GET /api/users', { query: { prefix: 'zoe_' } })
  assert.deepEqual(underscore.items, [], 'an underscore is a letter here, not a wildcard')
})

test('the picture shown is the one chosen last, and a failed one leaves the old', async () => {
  const me = await buildPerson(app.client)
  const { api } = app.modules.accounts
  const choose = (mediaId: string) => app.database.transaction((tx) => api.chooseAvatar(tx, me.id, mediaId))
  const ready = (mediaId: string, key: string) =>
    app.database.transaction((tx) => api.avatarReady(tx, me.id, mediaId, key))
  const shown = async () => {
    const { avatarStatus, avatarUrl } = await me.call('GET /api/me')
    return { avatarStatus, isShown: avatarUrl !== null }
  }
  const [first, second] = [mediaIdOf(1), mediaIdOf(2)]
  assert.deepEqual(await shown(), { avatarStatus: 'none', isShown: false })
  await choose(first)
  assert.deepEqual(await shown(), { avatarStatus: 'processing', isShown: false })
  await choose(second)
  assert.equal(await ready(first, `${first}_one`), false)
  assert.equal(await ready(second, `${second}_two`), true)
  assert.deepEqual(await shown(), { avatarStatus: 'ready', isShown: true })
  await choose(first)
  await app.database.transaction((tx) => api.avatarFailed(tx, me.id, first))
  assert.deepEqual(await shown(), { avatarStatus: 'failed', isShown: true })
  await app.database.transaction((tx) => api.removeAvatar(tx, me.id))
  assert.deepEqual(await shown(), { avatarStatus: 'none', isShown: false })

  function mediaIdOf(n: number): string {
    return String(BigInt(me.id) + (BigInt(n) << 22n))
  }
})
