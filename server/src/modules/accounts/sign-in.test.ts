import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestClock } from '#platform/clock/clock.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson } from '../../../test/helpers/factories.ts'

let app: TestApp
const clock = createTestClock()

before(async () => {
  app = await createTestApp({ clock })
})
after(() => app[Symbol.asyncDispose]())

test('a proof is the password of the session’s own account, and is noted for that session alone', async () => {
  const me = await buildPerson(app.client)
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
})
