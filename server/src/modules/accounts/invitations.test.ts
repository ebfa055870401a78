import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createTestClock } from '#platform/clock/clock.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp
let owner: Person
const clock = createTestClock()

before(async () => {
  app = await createTestApp({ clock, env: { SIGN_UP: 'approval', MINIMUM_AGE: '16' } })
  const ownerCode = (await app.modules.accounts.api.newOwnerCode()) ?? ''
  owner = await buildPerson(app.client, { username: 'olga', ownerCode })
})
after(() => app[Symbol.asyncDispose]())

const password = 'a long enough phrase'
const day = 24 * 60 * 60 * 1000

function signUp(username: string, more: { invitation?: string; birthDate?: string } = {}) {
  const body = { username, password, email: `${username}@people.example`, birthDate: '1990-05-05', ...more }
  return app.client.call('POST /api/accounts', { body, idempotencyKey: `sign-up-${username}` })
}

async function waits(username: string): Promise<string> {
  assert.deepEqual(await signUp(username), { waiting: true })
  return idOfWaiting(username)
}

async function idOfWaiting(username: string): Promise<string> {
  const { items } = await owner.call('GET /api/admin/accounts', { query: { state: 'waiting', limit: 50 } })
  return items.find((one) => one.username === username)?.id ?? assert.fail(`${username} does not wait`)
}

test('whoever waits to be let in is visible to nobody, and cannot sign in', async () => {
  const id = await waits('vera')
  assert.deepEqual(await signUp('vera'), { waiting: true }, 'a repeat says the same')
  await assertRefused(app.client.signIn('vera', password), 'account.waiting_for_approval')
  await assertRefused(app.client.signIn('vera', 'not the password'), 'auth.wrong_credentials')
  const params = { username: 'vera' }
  for (const client of [app.client, owner])
    await assertRefused(client.call('GET /api/users/:username', { params }), 'user.not_found')
  assert.deepEqual((await owner.call('GET /api/users', { query: { prefix: 'ver' } })).items, [])
  for (const route of ['follow', 'block'] as const)
    await assertRefused(owner.call(`PUT /api/users/:username/${route}`, { params }), 'user.not_found')
  assert.equal((await app.modules.accounts.api.findByUsernames(['vera'])).size, 0, 'not even as a mention')
  await app.modules.accounts.api.approve(id)
  assert.equal((await app.client.signIn('vera', password)).user.username, 'vera')
  await owner.call('PUT /api/users/:username/follow', { params })
  await app.settle()
  const subjects = (await listKeptMails(`${app.dataFolder}/mail`)).flatMap(({ to, subject }) =>
    to === 'vera@people.example' ? [subject] : [],
  )
  assert.ok(subjects.includes('Your account is open'), subjects.join())
  await assert.rejects(app.modules.accounts.api.approve(id), { code: 'user.not_found' })
})

test('whoever is refused leaves nothing behind, and an account that is open cannot be refused', async () => {
  const id = await waits('rex')
  await app.modules.accounts.api.refuse(id)
  await assertRefused(app.client.signIn('rex', password), 'auth.wrong_credentials')
  const { items } = await owner.call('GET /api/invitations')
  assert.deepEqual(items, [])
  await assert.rejects(app.modules.accounts.api.refuse(owner.id), { code: 'user.not_found' })
  const body = { username: 'rex', password, email: 'rex@people.example', birthDate: '1990-05-05' }
  assert.deepEqual(
    await app.client.call('POST /api/accounts', { body }),
    { waiting: true },
    'the name is free',
  )
})

test('nobody waits for ever: who was not let in for 30 days is gone, and the name is free', async () => {
  const early = await waits('ewald')
  await clock.advance(day)
  await waits('frida')
  await clock.advance(29 * day)
  assert.ok((await app.modules.accounts.api.refuseOld()) > 0)
  await assertRefused(app.client.signIn('ewald', password), 'auth.wrong_credentials')
  await assertRefused(app.client.signIn('frida', password), 'account.waiting_for_approval')
  const { items } = await owner.call('GET /api/admin/log', { query: { kind: 'act' } })
  const gone = items.flatMap((line) =>
    line.kind === 'act' && line.act === 'sign_up.refused' && line.by === 'server' ? [line.subject] : [],
  )
  assert.ok(gone.includes('ewald') && !gone.includes('frida'))
  const idempotencyKey = 'ewald-again'
  const body = { username: 'ewald', password, email: 'ewald@people.example', birthDate: '1990-05-05' }
  assert.deepEqual(await app.client.call('POST /api/accounts', { body, idempotencyKey }), { waiting: true })
  assert.notEqual(await idOfWaiting('ewald'), early)
})

test('nobody too young comes in, and the date of birth is kept nowhere', async () => {
  await assertRefused(signUp('kid', { birthDate: '2020-05-05' }), 'account.too_young')
  const body = { username: 'nil', password, email: 'nil@people.example' }
  await assertRefused(app.client.call('POST /api/accounts', { body }), 'account.birth_date_needed')
  const { rows } = await sql`
    select table_name from information_schema.columns
    where column_name ~ 'birth' and table_schema = 'public'
  `.execute(app.database.main)
  assert.deepEqual(rows, [])
})

test('an invitation of a role asks who is at the device, and lets in as many as it says, also many at once, and none after it was withdrawn or has expired', async () => {
  const invite = (maxUses: number) =>
    owner.call('POST /api/invitations', { body: { maxUses, note: ' For the\nchoir ' } })
  await assertRefused(invite(3), 'auth.proof_needed')
  await proveOwner()
  const { invitation, code, link } = await invite(3)
  assert.deepEqual([invitation.note, invitation.used], ['For the choir', 0])
  assert.ok(link.endsWith(`/signup#invitation=${code}`))
  const tries = Array.from({ length: 6 }, (_, i) => signUp(`singer${i}`, { invitation: code }))
  const results = await Promise.allSettled(tries)
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 3)
  await assertRefused(signUp('late', { invitation: code }), 'account.invitation_invalid')
  const names = await app.database.main
    .selectFrom('username_claims')
    .select('username')
    .where('username', 'like', 'singer%')
    .execute()
  assert.equal(names.length, 3, 'the refused ones have left nothing behind')
  const second = await invite(1)
  await owner.call('DELETE /api/invitations/:id', { params: { id: second.invitation.id } })
  const third = await invite(1)
  await clock.advance(8 * day)
  for (const [name, used] of [
    ['gone', second.code],
    ['old', third.code],
    ['odd', 'x'],
    ['none', `${owner.id}.x`],
  ] as const)
    await assertRefused(signUp(name, { invitation: used }), 'account.invitation_invalid')
})

test('only those with a role invite, nobody withdraws what another offers, and each is written down', async () => {
  await proveOwner()
  const { code } = await owner.call('POST /api/invitations', { body: {} })
  const answered = await signUp('plain', { invitation: code })
  assert.ok('user' in answered && answered.token)
  const plain = app.client.as(answered.token)
  assert.equal(answered.user.mayInvite, false)
  await assertRefused(plain.call('POST /api/invitations', { body: {} }), 'auth.forbidden')
  const { invitation } = await owner.call('POST /api/invitations', { body: {} })
  const params = { id: invitation.id }
  await assertRefused(plain.call('DELETE /api/invitations/:id', { params }), 'invitation.not_found')
  await owner.call('DELETE /api/invitations/:id', { params })
  await assertRefused(owner.call('DELETE /api/invitations/:id', { params }), 'invitation.not_found')
  const acts = await app.database.main
    .selectFrom('admin_log')
    .select(['act', 'actor_name', 'after'])
    .execute()
  assert.ok(acts.some(({ act, actor_name }) => act === 'invitation.created' && actor_name === 'olga'))
  assert.ok(acts.some(({ act }) => act === 'invitation.withdrawn'))
  assert.doesNotMatch(JSON.stringify(acts), new RegExp(code.split('.')[1] ?? '-'))
})

test('an invitation lets nobody in once its maker may no longer invite, and does again when they may', async () => {
  await clock.advance(day)
  const { token } = await signUpByInvitation('mona')
  const mona = app.client.as(token)
  const { id } = await mona.call('GET /api/me')
  const { setRoles, setState, invitations } = app.modules.accounts.api
  await setRoles(id, ['moderator'])
  const { code, invitation } = await mona.call('POST /api/invitations', { body: { maxUses: 9 } })
  await setRoles(id, [])
  await assertRefused(signUp('after.role', { invitation: code }), 'account.invitation_invalid')
  const [listed] = await invitations.listAll(null, 1)
  assert.deepEqual([listed?.by, listed?.counts, listed?.row.used], ['mona', false, 0])
  await setRoles(id, ['moderator'])
  await signUp('role.again', { invitation: code })
  await setState(id, 'suspended')
  await assertRefused(signUp('after.suspension', { invitation: code }), 'account.invitation_invalid')
  const params = { id: invitation.id }
  await assertRefused(owner.call('DELETE /api/admin/invitations/:id', { params }), 'auth.proof_needed')
  await owner.call('POST /api/me/proof', { body: { password: owner.password } })
  await owner.call('DELETE /api/admin/invitations/:id', { params })
  await assertRefused(owner.call('DELETE /api/admin/invitations/:id', { params }), 'invitation.not_found')
  const { items } = await owner.call('GET /api/admin/log', { query: { account: 'mona' } })
  const line = items[0]
  assert.ok(line?.kind === 'act' && line.act === 'invitation.withdrawn' && line.actor === 'olga')
})

test('where sign-up is closed only invitations of the operator let anybody in, also those made before', async () => {
  await proveOwner()
  const mine = await owner.call('POST /api/invitations', { body: {} })
  const operators = await app.modules.accounts.api.invitations.create(null, { maxUses: 1, days: 1, note: '' })
  const { signUp: mode } = app.config.accounts
  app.config.accounts.signUp = 'closed'
  try {
    await assertRefused(signUp('shut.out', { invitation: mine.code }), 'account.invitation_invalid')
    await signUp('let.in', { invitation: operators.code })
  } finally {
    app.config.accounts.signUp = mode
  }
})

test('what others offer is listed in pages to admins alone', async () => {
  const { token } = await signUpByInvitation('plainer')
  await assertRefused(app.client.as(token).call('GET /api/admin/invitations'), 'request.not_found')
  await proveOwner()
  for (let at = 0; at < 2; at++) await owner.call('POST /api/invitations', { body: { note: 'mine' } })
  const first = await owner.call('GET /api/admin/invitations', { query: { limit: 1 } })
  const cursor = first.nextCursor ?? assert.fail('one page')
  const second = await owner.call('GET /api/admin/invitations', { query: { limit: 1, cursor } })
  assert.ok(BigInt(second.items[0]!.id) < BigInt(first.items[0]!.id))
  assert.doesNotMatch(JSON.stringify(first), /mine/)
})

test('somebody who waits and was suspended waits again when that ends, and is not let in by it', async () => {
  const id = await waits('wait.er')
  const { acts } = app.modules.admin.api
  await acts.suspend('operator', id, { reason: 'Odd.', until: null })
  await acts.suspend('operator', id, { reason: 'Odder.', until: new Date(clock.now() + day) })
  await assertRefused(app.client.signIn('wait.er', password), 'account.suspended')
  await acts.unsuspend('operator', id, '')
  await assertRefused(app.client.signIn('wait.er', password), 'account.waiting_for_approval')
  await acts.suspend('operator', id, { reason: 'Odd.', until: new Date(clock.now() + day) })
  await clock.advance(2 * day)
  await acts.endSuspensions()
  await assertRefused(app.client.signIn('wait.er', password), 'account.waiting_for_approval')
})

test('signing out everywhere ends all other sessions, and all of them when that is asked for', async () => {
  const others = await Promise.all([1, 2].map(() => app.client.signIn(owner.username, owner.password)))
  const bystander = app.client.as((await signUpByInvitation('bystander')).token)
  await assertRefused(owner.call('DELETE /api/sessions'), 'auth.proof_needed')
  const [first] = (await owner.call('GET /api/sessions')).items.filter(({ current }) => !current)
  const params = { id: first!.id }
  await assertRefused(owner.call('DELETE /api/sessions/:id', { params }), 'auth.proof_needed')
  await owner.call('POST /api/me/proof', { body: { password: owner.password } })
  assert.deepEqual(await owner.call('DELETE /api/sessions'), { ended: 2 })
  for (const other of others) await assertRefused(other.call('GET /api/me'), 'auth.invalid')
  await owner.call('GET /api/me')
  await owner.call('DELETE /api/sessions', { query: { all: 'true' } })
  await assertRefused(owner.call('GET /api/me'), 'auth.invalid')
  await bystander.call('GET /api/me')
})

const proveOwner = () => owner.call('POST /api/me/proof', { body: { password: owner.password } })

async function signUpByInvitation(username: string) {
  const byOperator = { maxUses: 1, days: 1, note: '' }
  const { code } = await app.modules.accounts.api.invitations.create(null, byOperator)
  const answered = await signUp(username, { invitation: code })
  assert.ok('token' in answered && answered.token)
  return { token: answered.token }
}
