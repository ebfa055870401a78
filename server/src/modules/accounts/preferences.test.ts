import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson } from '../../../test/helpers/factories.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app[Symbol.asyncDispose]())

test('what a person prefers is kept for all their devices, and what is not named stays as it was', async () => {
  const lea = await buildPerson(app.client)
  const elsewhere = await app.client.signIn(lea.username, lea.password)
  const preferred = {
    language: 'de',
    theme: 'dark',
    timeZone: 'Asia/Kathmandu',
    dataSaver: true,
    autoplay: 'wifi',
    defaultAudience: 'followers',
    shareMetadata: true,
    feedMode: 'chronological',
    pushText: true,
    digest: 'weekly',
  } as const
  await lea.call('PATCH /api/me', { body: { ...preferred, notifications: { likes: 'off' } } })
  await elsewhere.call('PATCH /api/me', { body: { notifications: { stories: 'everyone' } } })
  const kept = await elsewhere.call('GET /api/me')
  for (const [name, value] of Object.entries(preferred)) assert.equal(kept[name as keyof typeof kept], value)
  assert.deepEqual(kept.notifications, {
    ...{ likes: 'off', comments: 'everyone', mentions: 'everyone', follows: 'everyone' },
    ...{ requests: 'everyone', messages: 'everyone', conversations: 'everyone', stories: 'everyone' },
    ...{ own: 'everyone', security: 'everyone' },
  })
  assert.deepEqual(await lea.call('GET /api/me'), kept)
  assert.equal((await (await buildPerson(app.client)).call('GET /api/me')).autoplay, 'always')
})

test('two devices that change something at the same instant never undo each other', async () => {
  const lea = await buildPerson(app.client)
  await Promise.all([
    lea.call('PATCH /api/me', { body: { notifications: { likes: 'off' } } }),
    lea.call('PATCH /api/me', { body: { notifications: { follows: 'off' } } }),
    lea.call('PATCH /api/me', { body: { autoplay: 'never' } }),
    lea.call('PATCH /api/me', { body: { shareMetadata: true } }),
  ])
  const { notifications, autoplay, shareMetadata } = await lea.call('GET /api/me')
  assert.deepEqual(
    [notifications.likes, notifications.follows, autoplay, shareMetadata],
    ['off', 'off', 'never', true],
  )
})

test('no choice that does not exist is taken, and security cannot be silenced', async () => {
  const lea = await buildPerson(app.client)
  for (const body of [
    { notifications: { security: 'off' } },
    { notifications: { weather: 'off' } },
    { notifications: { likes: 'friends' } },
    { notifications: null },
    { autoplay: true },
    { defaultAudience: 'nobody' },
    { language: 'xx' },
    { timeZone: 'Mars/Olympus' },
    { timeZone: '+01:00' },
    { feedMode: 'random' },
    { shareMetadata: 'yes' },
    { quietHours: { from: '24:00', to: '07:00' } },
    { quietHours: { from: '7:00', to: '22:00' } },
    { quietHours: { from: '07:00', to: '07:00' } },
    { quietHours: { from: '07:00' } },
    { digest: 'hourly' },
    { pushText: 'yes' },
  ])
    await assertRefused(lea.call('PATCH /api/me', { body: body as never }), 'request.invalid')
})

test('others are never told what a person prefers', async () => {
  const [lea, max] = [await buildPerson(app.client), await buildPerson(app.client)]
  const profile = await max.call('GET /api/users/:username', { params: { username: lea.username } })
  for (const name of [
    'autoplay',
    'defaultAudience',
    'shareMetadata',
    'notifications',
    'language',
    'timeZone',
    'quietHours',
    'pushText',
    'digest',
  ])
    assert.equal(name in profile, false, name)
})
