import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@heliograph/client'
import { sql } from 'kysely'
import { createTestClock } from '#platform/clock/clock.ts'
import { bucketOf, idAt } from '#platform/ids/ids.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, type Person } from '../../../test/helpers/factories.ts'
import { until } from '../../../test/helpers/until.ts'

let app: TestApp
const clock = createTestClock()

before(async () => {
  app = await createTestApp({ clock, env: { INVITATIONS: 'everyone' } })
})
after(() => app[Symbol.asyncDispose]())

test('a proof is the password of the session’s own account, and is noted for that session alone', async () => {
  const me = await buildPerson(app.client)
  const taken = app.client.as(me.token)
  const elsewhere = await app.client.signIn(me.username, me.password)
  await clock.advance(60 * 60 * 1000)
  await assertRefused(
    me.call('POST /api/me/proof', { body: { password: 'not my password' } }),
    'auth.wrong_credentials',
  )
  await me.call('POST /api/me/proof', { body: { password: me.password } })
  const sessions = await app.database.main
    .selectFrom('sessions')
    .select(['id', 'proved_at'])
    .where('user_id', '=', me.id)
    .orderBy('id')
    .execute()
  const hoursAgo = sessions.map(({ proved_at }) => (clock.now() - (proved_at?.getTime() ?? 0)) / 3_600_000)
  assert.deepEqual(hoursAgo.map(Math.round), [0, 1])
  await elsewhere.call('GET /api/me')
  await assertRefused(taken.call('GET /api/me'), 'auth.invalid')
  const again = await me.call('GET /api/sessions')
  assert.deepEqual(
    again.items.map(({ current }) => current),
    [false, true],
    'the session goes on',
  )
})

test('a token that was taken from a session is worthless once its owner changes the password there', async () => {
  const me = await buildPerson(app.client)
  const taken = app.client.as(me.token)
  await taken.call('GET /api/me')
  const body = { currentPassword: me.password, newPassword: 'rid of the thief' }
  await me.call('PUT /api/me/password', { body })
  await assertRefused(taken.call('GET /api/me'), 'auth.invalid')
  await me.call('GET /api/me')
})

const mailsTo = async (address: string) =>
  (await listKeptMails(`${app.dataFolder}/mail`)).filter(({ to }) => to === address)
const lastCode = async (address: string) =>
  (await mailsTo(address)).flatMap(({ text }) => /code=(\S+)/.exec(text)?.[1] ?? []).at(-1) ??
  assert.fail(`no code for ${address}`)

/** With an address that is proved. */
async function buildProven(): Promise<Person> {
  const person = await buildPerson(app.client)
  await app.settle()
  await app.client.call('POST /api/email-verifications', {
    body: { code: await lastCode(person.user.email) },
  })
  return person
}

const askReset = (login: string) => app.client.call('POST /api/password-resets', { body: { login } })
const useReset = (code: string, newPassword = 'quite another phrase') =>
  app.client.call('POST /api/password-resets/use', { body: { code, newPassword } })

test('a forgotten password is set anew once, by mail, and every session of before ends', async () => {
  const me = await buildProven()
  await askReset(me.username)
  await app.settle()
  const code = await lastCode(me.user.email)
  await assertRefused(useReset(code, 'password1'), 'account.password_weak')
  const [first, second] = await Promise.allSettled([useReset(code), useReset(code)])
  assert.deepEqual([first.status, second.status].sort(), ['fulfilled', 'rejected'], 'a code works once')
  await assertRefused(useReset(code), 'account.link_invalid')
  await assertRefused(me.call('GET /api/me'), 'auth.invalid')
  await assertRefused(app.client.signIn(me.username, me.password), 'auth.wrong_credentials')
  await app.client.signIn(me.username, 'quite another phrase')
  await app.settle()
  assert.match((await mailsTo(me.user.email)).at(-1)?.subject ?? '', /password was changed/)
})

test('a code for a password is refused after an hour, after a newer one was used, and as another kind of code', async () => {
  const me = await buildProven()
  await askReset(me.user.email)
  await app.settle()
  const first = await lastCode(me.user.email)
  await assertRefused(
    app.client.call('POST /api/email-undos', { body: { code: first } }),
    'account.link_invalid',
  )
  await assertRefused(
    app.client.call('POST /api/email-verifications', { body: { code: first } }),
    'account.link_invalid',
  )
  await askReset(me.user.email)
  await app.settle()
  const second = await lastCode(me.user.email)
  assert.notEqual(second, first)
  await useReset(second)
  await assertRefused(useReset(first), 'account.link_invalid')
  await askReset(me.user.email)
  await app.settle()
  const third = await lastCode(me.user.email)
  await clock.advance(61 * 60 * 1000)
  await assertRefused(useReset(third), 'account.link_invalid')
  for (const nonsense of ['', 'x', `${me.id}.x`, `${me.id}.`])
    await assertRefused(useReset(nonsense), 'account.link_invalid')
})

test('asking for a new password never says who has an account, mails nobody unproved, and fills no letter box', async () => {
  const [me, unproved] = [await buildProven(), await buildPerson(app.client)]
  await app.settle()
  const before = (await mailsTo(me.user.email)).length
  const unprovedBefore = (await mailsTo(unproved.user.email)).length
  const answers = []
  for (const login of ['nobody.has.it', 'nobody@people.example', unproved.username, unproved.user.email])
    answers.push(await askReset(login))
  for (let i = 0; i < 6; i++) answers.push(await askReset(me.username))
  assert.deepEqual(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1)
  await app.settle()
  assert.equal((await mailsTo(unproved.user.email)).length, unprovedBefore)
  assert.equal((await mailsTo(me.user.email)).length, before + 3)
  const waiting = await app.database.main.selectFrom('reset_requests').select('id').execute()
  assert.deepEqual(waiting, [], 'what was typed is not kept')
})

test('a code for a password that waits in a letter box opens nothing once the password was changed', async () => {
  const me = await buildProven()
  await askReset(me.username)
  await app.settle()
  const code = await lastCode(me.user.email)
  const body = { currentPassword: me.password, newPassword: 'changed by its owner' }
  await me.call('PUT /api/me/password', { body })
  await assertRefused(useReset(code), 'account.link_invalid')
  await app.client.signIn(me.username, 'changed by its owner')
})

test('what a session had begun while it was ended is never carried through: no password, no factor, no address', async () => {
  const me = await buildProven()
  const began: Promise<unknown>[] = []
  const waiting = async () => {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
    `.execute(app.database.main)
    return rows[0]?.n ?? 0
  }
  await app.modules.accounts.api.setPassword(me.id, 'set anew meanwhile', async () => {
    const body = { currentPassword: me.password, newPassword: 'of whoever was thrown out' }
    began.push(
      assertRefused(me.call('PUT /api/me/password', { body }), 'auth.wrong_credentials'),
      assertRefused(me.call('POST /api/me/totp'), 'auth.invalid'),
      assertRefused(changeEmail(me, 'thrown.out@people.example'), 'auth.invalid'),
    )
    for (const at = Date.now(); Date.now() - at < 20_000 && (await waiting()) < began.length; );
  })
  await Promise.all(began)
  const { user } = await app.client.signIn(me.username, 'set anew meanwhile')
  assert.equal(user.pendingEmail, null)
})

const changeEmail = (me: Person, email: string) => me.call('PUT /api/me/email', { body: { email } })

test('an address is not changed without a proof, nor before the new one is proved by who is signed in', async () => {
  const me = await buildProven()
  const stranger = await buildPerson(app.client)
  const wanted = 'moved@people.example'
  await clock.advance(11 * 60 * 1000)
  await assertRefused(changeEmail(me, wanted), 'auth.proof_needed')
  await me.call('POST /api/me/proof', { body: { password: me.password } })
  await changeEmail(me, ` ${wanted.toUpperCase()} `)
  const { email, pendingEmail } = await me.call('GET /api/me')
  assert.deepEqual([email, pendingEmail], [me.user.email, wanted])
  await app.settle()
  const code = await lastCode(wanted)
  const verify = (client: Client) => client.call('POST /api/email-verifications', { body: { code } })
  await assertRefused(verify(app.client), 'auth.required')
  await assertRefused(verify(stranger), 'account.link_invalid')
  await assertRefused(app.client.signIn(wanted, me.password), 'auth.wrong_credentials')
  await verify(me)
  await assertRefused(verify(me), 'account.link_invalid')
  assert.equal((await app.client.signIn(wanted, me.password)).user.email, wanted)
  await assertRefused(app.client.signIn(me.user.email, me.password), 'auth.wrong_credentials')
})

test('a code for one new address does not prove another that was asked for since', async () => {
  const me = await buildProven()
  await changeEmail(me, 'first.try@people.example')
  await app.settle()
  const code = await lastCode('first.try@people.example')
  await changeEmail(me, 'second.try@people.example')
  await assertRefused(me.call('POST /api/email-verifications', { body: { code } }), 'account.link_invalid')
  await changeEmail(me, me.user.email)
  assert.equal((await me.call('GET /api/me')).pendingEmail, null, 'called off')
})

test('whoever took an account over cannot keep it from the address of before, however often they change it', async () => {
  const me = await buildProven()
  let thief = await app.client.signIn(me.username, me.password)
  for (const email of ['thief.one@people.example', 'thief.two@people.example']) {
    await thief.call('PUT /api/me/email', { body: { email } })
    await app.settle()
    await thief.call('POST /api/email-verifications', { body: { code: await lastCode(email) } })
    await app.settle()
  }
  const rival = await buildPerson(app.client, { email: me.user.email })
  await app.settle()
  const notices = (await mailsTo(me.user.email)).filter(({ text }) => text.includes('/undo-email#code='))
  assert.equal(notices.length, 1, 'the second change is not told to an address that is no longer theirs')
  const code = /code=(\S+)/.exec(notices[0]?.text ?? '')?.[1] ?? ''
  const ofThief = await lastCode('thief.one@people.example')
  await app.client.call('POST /api/email-undos', { body: { code: ofThief } })
  thief = await app.client.signIn(me.username, me.password)
  const { resetCode } = await app.client.call('POST /api/email-undos', { body: { code } })
  await assertRefused(thief.call('GET /api/me'), 'auth.invalid')
  await assertRefused(app.client.call('POST /api/email-undos', { body: { code } }), 'account.link_invalid')
  await useReset(resetCode)
  const back = await app.client.signIn(me.user.email, 'quite another phrase')
  assert.deepEqual([back.user.id, back.user.email], [me.id, me.user.email])
  for (const email of ['thief.one@people.example', 'thief.two@people.example'])
    await assertRefused(app.client.signIn(email, 'quite another phrase'), 'auth.wrong_credentials')
  assert.equal((await rival.call('GET /api/me')).emailVerified, false)
})

test('an address that one comes back to is never let go by the end of the change away from it', async () => {
  const me = await buildProven()
  await changeEmail(me, 'away@people.example')
  await app.settle()
  await me.call('POST /api/email-verifications', { body: { code: await lastCode('away@people.example') } })
  await app.settle()
  const { main } = app.database
  await sql`update email_changes set undo_until = now() - interval '1 day' where user_id = ${me.id}`.execute(
    main,
  )
  await app.jobs.enqueue('accounts.tidy', {})
  const { tidied } = await app.database.transaction(async (tx) => {
    // As whoever proves it again, who is not done yet.
    await sql`select 1 from credentials where user_id = ${me.id} for update`.execute(tx)
    await sql`update users set email = ${me.user.email} where id = ${me.id}`.execute(tx)
    const done = app.jobs.drain()
    await until(async () => {
      const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock' and query like '%"credentials"%'`.execute(main)
      return rows.length === 1
    })
    return { tidied: done }
  })
  await tidied
  const { rows } = await sql`select user_id from email_claims where email = ${me.user.email}`.execute(main)
  assert.deepEqual(rows, [{ user_id: me.id }])
})

test('nobody’s letter box is filled by those who give its address, however often and however many they are', async () => {
  const me = await buildProven()
  const told = async () => {
    await app.settle()
    return (await mailsTo(me.user.email)).filter(({ text }) => text.includes('nobody learned')).length
  }
  const pest = await buildPerson(app.client, { email: me.user.email })
  for (let i = 0; i < 3; i++) await pest.call('POST /api/me/email-verification')
  await changeEmail(pest, 'elsewhere.first@people.example')
  await changeEmail(pest, me.user.email)
  assert.equal(await told(), 1)
  for (let i = 0; i < 6; i++) await changeEmail(await buildPerson(app.client), me.user.email)
  assert.equal(await told(), 5)
  await clock.advance(25 * 60 * 60 * 1000)
  await pest.call('POST /api/me/email-verification')
  assert.equal(await told(), 6)
  await clock.advance(25 * 60 * 60 * 1000)
  await app.jobs.enqueue('accounts.tidy', {})
  await app.settle()
  const kept = await app.database.main.selectFrom('address_notices').select('user_id').execute()
  assert.deepEqual(kept, [])
})

test('the letter box of somebody without an account is not filled either, whoever asks and however they write it', async () => {
  const [address, sameBox] = ['nobody.here@people.example', 'nobody.here+2@people.example']
  const mailed = async () => {
    await app.settle()
    return (await mailsTo(address)).length + (await mailsTo(sameBox)).length
  }
  const pest = await buildPerson(app.client, { email: address })
  for (let i = 0; i < 3; i++) await pest.call('POST /api/me/email-verification')
  assert.equal(await mailed(), 4)
  const second = await buildPerson(app.client, { email: sameBox })
  await second.call('POST /api/me/email-verification')
  await changeEmail(await buildProven(), address)
  assert.equal(await mailed(), 5)
  await clock.advance(25 * 60 * 60 * 1000)
  await second.call('POST /api/me/email-verification')
  assert.equal(await mailed(), 6)
  await clock.advance(25 * 60 * 60 * 1000)
  await app.jobs.enqueue('accounts.tidy', {})
  await app.settle()
  assert.deepEqual(await app.database.main.selectFrom('address_mails').select('mailed').execute(), [])
})

test('an address that was given up is free again once the change cannot be undone, and not before', async () => {
  const me = await buildProven()
  await changeEmail(me, 'elsewhere@people.example')
  await app.settle()
  await me.call('POST /api/email-verifications', {
    body: { code: await lastCode('elsewhere@people.example') },
  })
  const takes = async () => {
    const other = await buildPerson(app.client, { email: me.user.email })
    await app.settle()
    return (
      /@(\S+),[\s\S]*code=/.exec((await mailsTo(me.user.email)).at(-1)?.text ?? '')?.[1] === other.username
    )
  }
  assert.equal(await takes(), false)
  await clock.advance(8 * 24 * 60 * 60 * 1000)
  await app.jobs.enqueue('accounts.tidy', {})
  await app.settle()
  assert.equal(await takes(), true)
})

test('nobody without a role has more invitations open than ten, also when they are made at once', async () => {
  const me = await buildPerson(app.client)
  const made = await Promise.allSettled(
    Array.from({ length: 14 }, () => me.call('POST /api/invitations', { body: {} })),
  )
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 10)
})

test('a wish for a new password that could not be mailed is not kept for ever, with the address in it', async () => {
  const lost = { bucket: 7, id: idAt(clock.now(), 7, 0, 0), login: 'somebody@people.example' }
  await app.database.main.insertInto('reset_requests').values(lost).execute()
  const tidied = async () => {
    await app.jobs.enqueue('accounts.tidy', {})
    await app.settle()
    return (await app.database.main.selectFrom('reset_requests').select('login').execute()).length
  }
  assert.equal(await tidied(), 1, 'it may still be tried')
  await clock.advance(8 * 24 * 60 * 60 * 1000)
  assert.equal(await tidied(), 0)
})

test('of what is over nothing stays another night because there is much of it', async () => {
  const me = await buildPerson(app.client)
  const { main } = app.database
  const [bucket, over] = [bucketOf(me.id), new Date(clock.now() - 200 * 24 * 60 * 60 * 1000)]
  await sql`insert into known_devices (bucket, user_id, mark, last_at)
    select ${bucket}, ${me.id}, decode(md5(n::text), 'hex'), ${over} from generate_series(1, 1001) n`.execute(
    main,
  )
  await sql`insert into invitations (bucket, id, created_by, code_hash, note, max_uses, used, expires_at, created_at)
    select ${bucket}, n, ${me.id}, '', '', 1, 0, ${over}, ${over} from generate_series(1, 501) n`.execute(
    main,
  )
  await app.jobs.enqueue('accounts.tidy', {})
  await app.settle()
  const { rows } = await sql`
    select (select count(*) from known_devices where last_at <= ${over})::int as devices,
      (select count(*) from invitations where expires_at <= ${over})::int as invitations`.execute(main)
  assert.deepEqual(rows, [{ devices: 0, invitations: 0 }])
})
