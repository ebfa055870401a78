import assert from 'node:assert/strict'
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { createTestClock } from '#platform/clock/clock.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../../test/helpers/posts-kit.ts'
import { until } from '../../../../test/helpers/until.ts'

// A push service of the test's own, named to the guard as one of the operator's: what arrives is decrypted as a browser would.

interface Received {
  path: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

const clock = createTestClock(Date.UTC(2026, 10, 26, 12))
const received: Received[] = []
let status = 201
/** Answers wait for it. */
let held: Promise<void> | undefined
let service: Server
let origin: string
let kit: PostsKit

before(async () => {
  service = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) })
    await held
    response.writeHead(status).end()
  })
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  origin = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  kit = await createPostsKit({ clock, env: { OUTBOUND_TRUSTED_ORIGINS: origin } })
})
after(async () => {
  await kit[Symbol.asyncDispose]()
  service.closeAllConnections()
  service.close()
})
beforeEach(() => {
  received.length = 0
  status = 201
  held = undefined
})

interface Browser {
  endpoint: string
  /** What arrived here so far. */
  messages(): { title: string; body: string; path: string; unreadCount: number }[]
}

let browsers = 0
async function subscribe(who: Person): Promise<Browser> {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  const auth = randomBytes(16)
  const path = `/to/${++browsers}`
  const endpoint = origin + path
  const keys = { p256dh: pair.getPublicKey('base64url'), auth: auth.toString('base64url') }
  await who.call('POST /api/push-subscriptions', { body: { endpoint, keys, expirationTime: null } })
  return {
    endpoint,
    messages: () =>
      received
        .filter((one) => one.path === path)
        .map(({ body }) => JSON.parse(decrypt(body, pair, auth).toString())),
  }
}

/** RFC 8188 and 8291, with one record. */
function decrypt(body: Buffer, pair: ReturnType<typeof createECDH>, auth: Buffer): Buffer {
  const [salt, keyLength] = [body.subarray(0, 16), body[20]!]
  const theirs = body.subarray(21, 21 + keyLength)
  const sealed = body.subarray(21 + keyLength)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), pair.getPublicKey(), theirs])
  const secret = Buffer.from(hkdfSync('sha256', pair.computeSecret(theirs), auth, info, 32))
  const derive = (use: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${use}\0`), length))
  const opening = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  opening.setAuthTag(sealed.subarray(-16))
  const plain = Buffer.concat([opening.update(sealed.subarray(0, -16)), opening.final()])
  return plain.subarray(0, plain.lastIndexOf(2))
}

const like = (who: Person, id: string) => who.call('PUT /api/posts/:id/like', { params: { id } })
const say = (who: Person, id: string, text: string) =>
  who.call('POST /api/posts/:id/comments', { params: { id }, body: { text } })
const settle = () => kit.app.settle()

test('what is pushed says who did what, and never what somebody wrote unless that is wanted', async () => {
  const [anna, ben] = [await kit.person('anna'), await kit.person('ben')]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  await say(ben, id, 'a secret between us')
  await settle()
  assert.deepEqual(phone.messages(), [
    { title: '@ben commented on your post', body: '', path: `/p/${id}`, unreadCount: 1 },
  ])
  const [{ headers, body }] = received as [Received]
  assert.doesNotMatch(body.toString('latin1'), /secret|ben/)
  assert.equal(headers['content-encoding'], 'aes128gcm')
  await assertSigned(anna, String(headers.authorization))

  await anna.call('PATCH /api/me', { body: { pushText: true, language: 'de' } })
  await anna.call('PUT /api/notifications/seen')
  await say(ben, id, 'and  now\nwith words')
  await settle()
  assert.deepEqual(phone.messages().at(-1), {
    title: '@ben hat deinen Beitrag kommentiert',
    body: 'and now with words',
    path: `/p/${id}`,
    unreadCount: 1,
  })
})

/** RFC 8292: by the key that browsers were given. */
async function assertSigned(who: Person, authorization: string): Promise<void> {
  const { key } = await who.call('GET /api/push-key')
  const token = /t=([^,\s]+)/.exec(authorization)?.[1] ?? authorization.replace(/^WebPush /, '')
  const [header, claims, signature] = token.split('.') as [string, string, string]
  const point = Buffer.from(key, 'base64url')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  const signed = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  assert.ok(signed, 'signed by another key')
  assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).aud, origin.replace('http:', 'https:'))
}

test('one push tells of all that came, however much it was, and nothing is told twice', async () => {
  const [anna, ...others] = await kit.people(6)
  const { id } = await kit.post(anna!)
  const phone = await subscribe(anna!)
  for (const who of others) await like(who, id)
  await say(others[0]!, id, 'hello')
  await settle()
  assert.equal(phone.messages().length, 1)
  assert.match(phone.messages()[0]!.title, /^2 new notifications$/)
  assert.equal(phone.messages()[0]!.path, '/notifications')
  await settle()
  // What was looked at is nobody's news.
  await anna!.call('PUT /api/notifications/seen')
  await settle()
  assert.equal(phone.messages().length, 1)
})

test('a subscription that is gone is forgotten, one that is busy is tried again', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  status = 503
  await like(ben, id)
  await settle()
  assert.equal(received.length, 1)
  status = 201
  await kit.app.jobs.drain({ early: true })
  assert.deepEqual(phone.messages().length, 2)
  const kept = async () =>
    (
      await kit.app.database.main
        .selectFrom('push_subscriptions')
        .select('endpoint')
        .where('user_id', '=', anna.user.id)
        .execute()
    ).length
  for (const gone of [410, 404]) {
    status = gone
    await subscribe(anna)
    await anna.call('PUT /api/notifications/seen')
    await say(ben, id, `${gone}`)
    await settle()
    assert.equal(await kept(), 0, `${gone}`)
  }
})

test('quiet hours keep everything back until they end, but for what concerns security', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  // It is noon in Greenwich, and half past five in the evening in India.
  await anna.call('PATCH /api/me', {
    body: { timeZone: 'Asia/Kolkata', quietHours: { from: '17:00', to: '07:30' } },
  })
  await like(ben, id)
  await settle()
  assert.deepEqual(phone.messages(), [])
  await kit.app.database.transaction((tx) =>
    kit.app.events.emit(tx, 'accounts.password_changed', {
      bucket: bucketOf(anna.user.id),
      subjectId: anna.user.id,
      data: {},
    }),
  )
  await settle()
  assert.deepEqual(
    phone.messages().map(({ title }) => title),
    ['Your password was changed'],
  )
  await settle()
  assert.equal(phone.messages().length, 1, 'it is still quiet')
  await clock.advance(14 * 3_600_000 + 60_000)
  await kit.app.jobs.drain({ early: true })
  assert.deepEqual(
    phone
      .messages()
      .slice(1)
      .map(({ title }) => title),
    [`@${ben.user.username} liked your post`],
  )
})

test('a device that was signed out hears nothing more', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const laptop = (await kit.app.client.signIn(anna.user.username, 'correct horse battery')) as Person
  const [phone, gone] = [await subscribe(anna), await subscribe(laptop)]
  await laptop.call('DELETE /api/sessions/current')
  await like(ben, id)
  await settle()
  assert.deepEqual([phone.messages().length, gone.messages().length], [1, 0])
  await anna.call('DELETE /api/push-subscriptions', { body: { endpoint: phone.endpoint } })
  await say(ben, id, 'hello')
  await settle()
  assert.equal(phone.messages().length, 1)
})

test('no subscription leads into the private network', async () => {
  const anna = await kit.person()
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  const keys = { p256dh: pair.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') }
  const subscribeAt = (endpoint: string) =>
    refusal(anna.call('POST /api/push-subscriptions', { body: { endpoint, keys } }))
  for (const endpoint of [
    'http://push.example.com/x',
    'https://127.0.0.1/x',
    'https://169.254.169.254/latest',
    'https://[::ffff:10.0.0.1]/x',
    'https://localhost/x',
    'https://user@push.example.com/x',
    'https://push.example.com:5432/x',
  ])
    assert.equal(await subscribeAt(endpoint), 'push.address_refused', endpoint)
  assert.equal(await subscribeAt('https://push.example.com/x'), 'none')
  assert.equal(await subscribeAt('gopher://push.example.com/x'), 'request.invalid')
})

test('a device that is slow to take a push never has several jobs wait for it', async () => {
  const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  const { promise, resolve } = Promise.withResolvers<void>()
  held = promise
  await like(ben, id)
  const first = settle()
  await until(() => received.length === 1)
  await like(carl, id)
  await settle()
  assert.equal(received.length, 1)
  resolve()
  await first
  await kit.app.jobs.drain({ early: true })
  assert.deepEqual(
    phone.messages().map(({ title }) => title),
    [ben, carl].map(({ user }, others) => `@${user.username}${others ? ' and 1 other' : ''} liked your post`),
  )
})

test('a key that is none is refused: it would keep pushes from the other devices', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  const auth = randomBytes(16).toString('base64url')
  for (const first of [4, 6])
    for (const point of [Buffer.alloc(65, 1), Buffer.alloc(65)]) {
      point[0] = first
      const body = { endpoint: `${origin}/bad`, keys: { p256dh: point.toString('base64url'), auth } }
      assert.equal(await refusal(anna.call('POST /api/push-subscriptions', { body })), 'request.invalid')
    }
  await like(ben, id)
  await settle()
  await kit.app.jobs.drain({ early: true })
  assert.equal(phone.messages().length, 1)
})

test('an account has so many devices, and the oldest makes room', async () => {
  const anna = await kit.person()
  for (let n = 0; n < 22; n++) {
    await clock.advance(1000)
    await subscribe(anna)
  }
  const { length } = await kit.app.database.main
    .selectFrom('push_subscriptions')
    .select('endpoint')
    .where('user_id', '=', anna.user.id)
    .execute()
  assert.equal(length, 20)
})

test('a digest is mailed to nobody who did not ask, once a day at nine by their clock, without what was written', async () => {
  const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
  const ids = [anna.user.id, carl.user.id]
  await kit.app.database.main
    .updateTable('users')
    .set({ email_verified_at: new Date(clock.now()) })
    .where('id', 'in', ids)
    .execute()
  const nine = async () => {
    const ahead = (9 - new Date(clock.now()).getUTCHours() + 24) % 24
    await clock.advance(ahead * 3_600_000)
  }
  await nine()
  await anna.call('PATCH /api/me', { body: { digest: 'daily' } })
  for (const who of [anna, carl]) {
    const { id } = await kit.post(who)
    await say(ben, id, 'a secret between us')
  }
  await settle()
  const mails = async (who: Person) =>
    (await listKeptMails(join(kit.app.dataFolder, 'mail')))
      .filter(({ to }) => to === `${who.user.username}@example.org`)
      .filter(({ subject }) => /notification/.test(subject))
  const run = async () => {
    await clock.advance(1000)
    await kit.app.jobs.enqueue('notifications.digests', {})
    await settle()
  }
  await run()
  await run()
  const [mail, ...more] = await mails(anna)
  assert.deepEqual([more, await mails(carl)], [[], []])
  assert.match(mail?.text ?? '', /commented on your post/)
  assert.doesNotMatch(mail?.text ?? '', /secret/)
  // Nothing new, no mail; at another hour neither.
  await clock.advance(24 * 3_600_000)
  await run()
  await say(ben, (await kit.post(anna)).id, 'again')
  await clock.advance(5 * 3_600_000)
  await run()
  assert.equal((await mails(anna)).length, 1)
})
