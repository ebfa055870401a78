import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp
const by = {} as Record<'owner' | 'admin' | 'moderator' | 'nobody', Person>

before(async () => {
  app = await createTestApp()
  for (const role of ['owner', 'admin', 'moderator', 'nobody'] as const) {
    by[role] = await buildPerson(app.client, { username: `${role}_one` })
    if (role !== 'nobody') await app.modules.accounts.api.setRoles(by[role].id, [role])
  }
  for (const username of ['wanda', 'wim', 'wolf']) {
    const { id } = await buildPerson(app.client, { username })
    await app.modules.accounts.api.setState(id, 'waiting')
  }
})
after(() => app[Symbol.asyncDispose]())

const decide = (person: Person, username: string, decision: 'approve' | 'refuse') =>
  person.call('POST /api/admin/accounts/:username/sign-up-decision', {
    params: { username },
    body: { decision, note: 'Known in town.' },
  })
const waiting = async () =>
  (await by.admin.call('GET /api/admin/accounts', { query: { state: 'waiting' } })).items.map(
    ({ username }) => username,
  )
const acts = async () =>
  (await by.owner.call('GET /api/admin/log', { query: { kind: 'act' } })).items.map(({ act }) => act)

it('nobody is let in or turned away but by admins', async () => {
  await assertRefused(decide(by.nobody, 'wanda', 'approve'), 'request.not_found')
  await assertRefused(decide(by.moderator, 'wanda', 'refuse'), 'auth.forbidden')
  assert.deepEqual(await waiting(), ['wolf', 'wim', 'wanda'])
  assert.deepEqual(await acts(), [])
  assert.equal((await by.owner.call('GET /api/admin/overview', {})).accounts?.waiting, 3)
  const counts = { reports: 0, verifications: 0, signUps: 3 }
  assert.deepEqual(await by.owner.call('GET /api/admin/waiting'), counts)
  const seen = await by.moderator.call('GET /api/admin/waiting')
  assert.deepEqual(seen, { reports: 0, verifications: null, signUps: null })
})

it('who waited is in or gone once that is decided, and the log says by whom', async () => {
  const seen = await by.admin.call('GET /api/admin/accounts/:username', { params: { username: 'wanda' } })
  assert.deepEqual(seen.powers, ['let_in', 'email'])
  await decide(by.admin, 'wanda', 'approve')
  await decide(by.owner, 'wim', 'refuse')
  await assertRefused(decide(by.admin, 'wanda', 'refuse'), 'user.not_found')
  await assertRefused(decide(by.admin, 'nobody_one', 'refuse'), 'user.not_found')
  assert.deepEqual(await waiting(), ['wolf'])
  assert.deepEqual(await acts(), ['sign_up.refused', 'sign_up.approved'])
  await app.client.signIn('wanda', 'a long enough phrase')
  await buildPerson(app.client, { username: 'wim' })
})
