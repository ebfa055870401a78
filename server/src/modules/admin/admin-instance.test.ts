import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { InstanceText } from '@heliograph/contract/admin'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp
let admin: Person
let moderator: Person
let somebody: Person

before(async () => {
  app = await createTestApp()
  admin = await buildPerson(app.client, { username: 'ada' })
  moderator = await buildPerson(app.client, { username: 'mona' })
  somebody = await buildPerson(app.client, { username: 'kim' })
  await app.modules.accounts.api.setRoles(admin.id, ['admin'])
  await app.modules.accounts.api.setRoles(moderator.id, ['moderator'])
})
after(() => app[Symbol.asyncDispose]())

const text: InstanceText = {
  name: 'Harbour pictures',
  description: 'For people by the water.',
  rules: ['Be kind.', 'Share what you made.'],
  contact: 'post@harbour.example',
  terms: '',
  languages: ['en', 'de'],
  sourceUrl: 'https://code.example/harbour',
}

it('says what it is before anybody has written anything, to whoever asks', async () => {
  const instance = await app.client.call('GET /api/instance', {})
  assert.equal(instance.name, 'Heliograph')
  assert.deepEqual(instance.rules, [])
  assert.match(instance.version, /^\d+\.\d+\.\d+/)
})

it('is not described by anybody but admins', async () => {
  await assertRefused(somebody.call('PUT /api/admin/instance', { body: text }), 'request.not_found')
  await assertRefused(moderator.call('PUT /api/admin/instance', { body: text }), 'auth.forbidden')
  await assertRefused(app.client.call('PUT /api/admin/instance', { body: text }), 'auth.required')
  assert.equal((await app.client.call('GET /api/instance', {})).name, 'Heliograph')
})

it('is changed with what was and what is in the log, once', async () => {
  await admin.call('PUT /api/admin/instance', { body: { ...text, description: 'x\u0007y\r\nz' } })
  await admin.call('PUT /api/admin/instance', { body: text })
  await admin.call('PUT /api/admin/instance', { body: text })
  assert.deepEqual((await app.client.call('GET /api/instance', {})).rules, text.rules)
  const { items } = await admin.call('GET /api/admin/log', { query: { limit: 10 } })
  assert.deepEqual(
    items.map(({ act, actor, before, after }) => ({ act, actor, before, after })),
    [
      {
        act: 'instance.changed',
        actor: 'ada',
        before: { description: 'xy\nz' },
        after: { description: text.description },
      },
      {
        act: 'instance.changed',
        actor: 'ada',
        before: {
          name: 'Heliograph',
          description: '',
          rules: [],
          contact: '',
          languages: [],
          sourceUrl: null,
        },
        after: {
          name: text.name,
          description: 'xy\nz',
          rules: text.rules,
          contact: text.contact,
          languages: text.languages,
          sourceUrl: text.sourceUrl,
        },
      },
    ],
  )
})

it('has no address that a page should not link to, and no field of its own', async () => {
  for (const wrong of [
    { sourceUrl: 'javascript:alert(1)' },
    { sourceUrl: 'data:text/html,x' },
    { name: ' ' },
    { name: 'two\nlines' },
    { rules: Array.from({ length: 21 }, () => 'x') },
    { signUp: 'open' },
  ])
    await assertRefused(
      admin.call('PUT /api/admin/instance', { body: { ...text, ...wrong } as InstanceText }),
      'request.invalid',
    )
})
