import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson } from '../../../test/helpers/factories.ts'

test('guessing a password stops after ten tries, also for the right one; others sign in as before', async () => {
  await using app = await createTestApp({ env: { RATE_LIMITS: 'strict' } })
  const [victim, other] = [await buildPerson(app.client), await buildPerson(app.client)]
  for (let i = 0; i < 3; i++) await app.client.signIn(victim.username, victim.password)
  const guesses = Array.from({ length: 10 }, (_, i) =>
    app.client.signIn(victim.username, `guess number ${i}`),
  )
  for (const guess of await Promise.allSettled(guesses))
    assert.equal(guess.status === 'rejected' && guess.reason.code, 'auth.wrong_credentials')
  await assertRefused(app.client.signIn(victim.username, victim.password), 'rate.limited')
  const answer = await fetch(`${app.url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: victim.username, password: victim.password }),
  })
  assert.equal(answer.status, 429)
  assert.ok(Number(answer.headers.get('retry-after')) > 0)
  await app.client.signIn(other.username, other.password)
})

test('where addresses must be proven, an unproven account looks and does not touch', async () => {
  await using app = await createTestApp({ env: { REQUIRE_VERIFIED_EMAIL: 'yes' } })
  const [me, other] = [await buildPerson(app.client), await buildPerson(app.client)]
  const follow = () => me.call('PUT /api/users/:username/follow', { params: { username: other.username } })
  await assertRefused(follow(), 'account.email_unverified')
  await me.call('PATCH /api/me', { body: { bio: 'Still waiting for the mail' } })
  await me.call('GET /api/users/:username', { params: { username: other.username } })
  await app.settle()
  await me.call('POST /api/me/email-verification')
  await app.settle()
  const mails = (await listKeptMails(`${app.dataFolder}/mail`)).filter(({ to }) => to === me.user.email)
  assert.equal(mails.length, 2, 'the first one, and the one asked for')
  const code = /code=(\S+)/.exec(mails[1]!.text)?.[1] ?? assert.fail('no code')
  await app.client.call('POST /api/email-verifications', { body: { code } })
  assert.equal((await follow()).relationship.following, 'yes')
})
