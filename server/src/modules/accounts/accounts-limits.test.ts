import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SecondFactorNeeded } from '@heliograph/contract/second-factors'
import { Secret, TOTP } from 'otpauth'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson } from '../../../test/helpers/factories.ts'

test('guessing a password stops after ten tries, and so does a second step, also for the right one; others sign in as before', async () => {
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

  const { secret } = await other.call('POST /api/me/totp')
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  await other.call('PUT /api/me/totp', { body: { code: totp.generate() } })
  const challengeOf = async () => {
    const needed = await assertRefused(
      app.client.signIn(other.username, other.password),
      'auth.second_factor_needed',
    )
    return SecondFactorNeeded.parse(needed.problem).challenge
  }
  const secondStep = (challenge: string, shown: { totp: string } | { recoveryCode: string }) =>
    app.client.call('POST /api/sessions/second-factor', { body: { challenge, ...shown } })
  for (let round = 0; round < 2; round++) {
    const challenge = await challengeOf()
    for (let at = 0; at < 5; at++)
      await assertRefused(secondStep(challenge, { recoveryCode: 'aaaaa-aaaaa' }), 'auth.second_factor_wrong')
  }
  const good = totp.generate({ timestamp: Date.now() + 30_000 })
  await assertRefused(secondStep(await challengeOf(), { totp: good }), 'rate.limited')
})

test('guessing never begins anew because a header names another address, or the name is written otherwise', async () => {
  await using app = await createTestApp({ env: { RATE_LIMITS: 'strict' } })
  await buildPerson(app.client, { username: 'bob' })
  const names = ['bob', 'BOB', ' bob', 'bob ', '\tBob', 'bOb\n', '\u00a0bob']
  const guess = async (n: number) => {
    const address = `198.51.100.${n}`
    const telling = ['x-forwarded-for', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip']
    const { statusCode } = await app.http.app.inject({
      method: 'POST',
      url: '/api/sessions',
      headers: {
        'content-type': 'application/json',
        ...Object.fromEntries(telling.map((name) => [name, address])),
        forwarded: `for=${address}`,
        'user-agent': `another ${n}`,
        'idempotency-key': `another-${n}`,
      },
      payload: JSON.stringify({ login: names[n % names.length], password: 'a wrong guess' }),
    })
    return statusCode
  }
  const statuses = await Promise.all(Array.from({ length: 14 }, (_, n) => guess(n)))
  assert.deepEqual(statuses.toSorted(), [...Array(10).fill(401), ...Array(4).fill(429)])
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
