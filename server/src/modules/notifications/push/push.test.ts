import assert from 'node:assert/strict'
import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createTestClock } from '#platform/clock/clock.ts'
import { bucketOf, maxIdAt } from '#platform/ids/ids.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../../test/helpers/posts-kit.ts'
import { createPushKeys } from '../../../../test/helpers/push-messages.ts'
import { until } from '../../../../test/helpers/until.ts'
import { createPushPlaces } from './push-places.ts'

// A push service of the test's own, named to the guard as one of the operator's: what arrives is decrypted as a browser would.

interface Received {
  path: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

// Years ahead, so that what is set for later is due when a test says so, and at no other time.
const clock = createTestClock(Date.UTC(2036, 10, 26, 12))
const received: Received[] = []
let status = 201
/** So often a path is answered by 503 yet. */
const failures = new Map<string, number>()
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
    const failing = failures.get(request.url ?? '') ?? 0
    failures.set(request.url ?? '', failing - 1)
    response.writeHead(failing > 0 ? 503 : status).end()
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
  messages(): { title: string; body: string; path: string; unreadCount: number; tag?: string }[]
  /** Of what each of them told. */
  ids(): string[]
}

let browsers = 0
async function subscribe(who: Person): Promise<Browser> {
  const { keys, decrypt } = createPushKeys()
  const path = `/to/${++browsers}`
  const endpoint = origin + path
  await who.call('POST /api/push-subscriptions', { body: { endpoint, keys, expirationTime: null } })
  const all = () =>
    received.filter((one) => one.path === path).map(({ body }) => JSON.parse(decrypt(body).toString()))
  return {
    endpoint,
    messages: () => all().map(({ id, ...message }) => message),
    ids: () => all().map(({ id }) => id),
  }
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

test('what was let out or edited in later is news to who has looked meanwhile, and told once', async () => {
  const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
  const [post, own] = [await kit.post(anna), await kit.post(carl)]
  const phone = await subscribe(carl)
  const name = `@${carl.user.username}`
  const titles = () => phone.messages().map(({ title }) => title)
  const edit = (caption: string) =>
    anna.call('PATCH /api/posts/:id', { params: { id: post.id }, body: { caption } })
  const look = async () => {
    await carl.call('PUT /api/notifications/seen')
    await clock.advance(2 * 60_000)
  }
  await anna.call('PUT /api/users/:username/restrict', { params: { username: ben.user.username } })
  const waiting = await say(ben, post.id, `look ${name}`)
  await like(anna, own.id)
  await settle()
  assert.equal(titles().length, 1)
  await look()
  const params = { id: post.id, commentId: waiting.id }
  await anna.call('PUT /api/posts/:id/comments/:commentId/approved', { params })
  await settle()
  assert.deepEqual(titles().slice(1), [`@${ben.user.username} mentioned you`])
  const { items, unreadCount } = await carl.call('GET /api/notifications')
  assert.deepEqual(
    [unreadCount, items.map(({ kind, isNew }) => [kind, isNew])],
    [
      1,
      [
        ['mention', true],
        ['like', false],
      ],
    ],
  )
  await look()
  await edit(`with ${name}`)
  await settle()
  assert.equal(titles().length, 3)
  await look()
  await edit(`still with ${name}`)
  await settle()
  assert.equal(titles().length, 3, 'another edit is no news of it')
})

test('a crowd never wakes a phone more than a few times a minute, what came meanwhile is told together, security at once', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  const crowd = async (times: number) => {
    for (let n = 0; n < times; n++) {
      await say(ben, id, `${n}`)
      await settle()
    }
  }
  await crowd(8)
  assert.equal(phone.messages().length, 6)
  await clock.advance(60_000)
  await kit.app.jobs.drain({ early: true })
  assert.deepEqual(
    phone
      .messages()
      .slice(6)
      .map(({ title }) => title),
    ['2 new notifications'],
  )
  await crowd(6)
  assert.equal(phone.messages().length, 12)
  await kit.app.database.transaction((tx) =>
    kit.app.events.emit(tx, 'accounts.password_changed', {
      bucket: bucketOf(anna.user.id),
      subjectId: anna.user.id,
      data: {},
    }),
  )
  await settle()
  assert.equal(phone.messages().length, 13)
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

test('a device that could not be reached is told later, and no other one twice', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const [phone, desk] = [await subscribe(anna), await subscribe(anna)]
  failures.set(new URL(desk.endpoint).pathname, 2)
  await like(ben, id)
  await settle()
  await say(ben, id, 'hello')
  await settle()
  await kit.app.jobs.drain({ early: true })
  const [liked, commented] = [
    `@${ben.user.username} liked your post`,
    `@${ben.user.username} commented on your post`,
  ]
  assert.deepEqual(
    [phone, desk].map((one) => one.messages().map(({ title }) => title)),
    [
      [liked, commented],
      [liked, commented, '2 new notifications'],
    ],
  )
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
  const { keys } = createPushKeys()
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

/** Jobs that are to push later. */
async function countPutOff(): Promise<number> {
  return (await kit.app.jobs.depth()).find(({ lane }) => lane === 'push')!.scheduled
}

test('a device that is slow to take a push never has several jobs wait for it', async () => {
  const [anna, ben, carl] = (await kit.people(3)) as [Person, Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  const { promise, resolve } = Promise.withResolvers<void>()
  held = promise
  const before = await countPutOff()
  await like(ben, id)
  const first = settle()
  await until(() => received.length === 1)
  await like(carl, id)
  const second = settle()
  await until(async () => (await countPutOff()) > before)
  assert.equal(received.length, 1)
  resolve()
  await Promise.all([first, second])
  await kit.app.jobs.drain({ early: true })
  assert.deepEqual(
    phone.messages().map(({ title }) => title),
    [ben, carl].map(({ user }, others) => `@${user.username}${others ? ' and 1 other' : ''} liked your post`),
  )
})

test('a crash between sending and noting it sends the same once more, in its place, and devices hear it once', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  await like(ben, id)
  await settle()
  await kit.app.database.main
    .updateTable('notification_marks')
    .set({ pushed_id: '0' })
    .where('user_id', '=', anna.user.id)
    .execute()
  await kit.app.jobs.enqueue('notifications.push', { userId: anna.user.id })
  await settle()
  const [first, second] = phone.ids()
  assert.equal(first, second)
  assert.deepEqual(
    received.map(({ headers }) => headers.topic),
    ['notifications', 'notifications'],
  )
  await say(ben, id, 'and more')
  await settle()
  assert.notEqual(phone.ids()[2], first)
})

test('what another process does whose clock is behind is new to who has looked meanwhile, and pushed', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const phone = await subscribe(anna)
  await like(ben, id)
  await settle()
  const ahead = maxIdAt(clock.now() + 15_000)
  await kit.app.database.main
    .updateTable('notification_marks')
    .set({ seen_id: ahead, pushed_id: ahead })
    .where('user_id', '=', anna.user.id)
    .execute()
  await say(ben, id, 'hello')
  await settle()
  assert.equal(phone.messages().length, 2)
  const news = async () => {
    const { unreadCount, items } = await anna.call('GET /api/notifications')
    return [unreadCount, items.map(({ kind, isNew }) => [kind, isNew])]
  }
  const found = [
    1,
    [
      ['comment', true],
      ['like', false],
    ],
  ]
  assert.deepEqual(await news(), found)
  await kit.app.modules.notifications.api.reconcile()
  assert.deepEqual(await news(), found)
  await anna.call('PUT /api/notifications/seen')
  assert.equal((await anna.call('GET /api/notifications')).unreadCount, 0)
})

test('many devices that are slow together never take all the places in which pushes run', async () => {
  const people = await kit.people(4)
  const [author, ...others] = people as [Person, Person, Person, Person]
  const posts = await Promise.all(others.map((who) => kit.post(who)))
  const phones = await Promise.all(others.map(subscribe))
  const { promise, resolve } = Promise.withResolvers<void>()
  held = promise
  const waits = []
  for (const [at, post] of posts.slice(0, 2).entries()) {
    await like(author, post.id)
    waits.push(settle())
    await until(() => received.length === at + 1)
  }
  await clock.advance(2000)
  const before = await countPutOff()
  await like(author, posts[2]!.id)
  waits.push(settle())
  await until(async () => (await countPutOff()) > before)
  assert.equal(received.length, 2, 'the third waits for the same service')
  resolve()
  await Promise.all(waits)
  await kit.app.jobs.drain({ early: true })
  assert.deepEqual(
    phones.map((phone) => phone.messages().length),
    [1, 1, 1],
  )

  // Under as many names as they like.
  const places = createPushPlaces({ clock })
  const entered = Array.from({ length: 20 }, (_, n) => places.enter(`slow-${n}.example`)).filter(Boolean)
  assert.equal(entered.length, 8)
  await clock.advance(2000)
  for (const leave of entered) leave!()
  assert.ok(places.enter('slow-1.example'))
  assert.equal(places.enter('slow-1.example'), undefined, 'one at a time')
  const quick = () => places.enter('quick.example')
  quick()!()
  assert.ok(Array.from({ length: 20 }, quick).every(Boolean))
})

describe('a message', () => {
  let friends = 0
  /** Two who follow each other and were told so, their conversation, and a device of the first one. */
  async function twoWhoWrite() {
    const [anna, ben] = [await kit.person(`anna_${++friends}`), await kit.person(`ben_${friends}`)]
    await kit.follow(anna, ben)
    await kit.follow(ben, anna)
    await settle()
    await anna.call('PUT /api/notifications/seen')
    const { id } = await ben.call('POST /api/conversations', { body: { members: [anna.user.username] } })
    return { anna, ben, id, phone: await subscribe(anna) }
  }
  let written = 0
  const write = (
    who: Person,
    id: string,
    text: string,
    attachments: { type: 'story'; storyId: string; isReply: boolean }[] = [],
  ) =>
    who.call('POST /api/conversations/:id/messages', {
      params: { id },
      body: { clientId: `client-id-${++written}`, text, attachments },
    })
  /** The moment in which somebody may still read it elsewhere is over. */
  const later = async () => {
    await settle()
    await kit.app.jobs.drain({ early: true })
  }
  const told = ({ messages }: Browser) => messages().filter(({ tag }) => tag !== undefined)

  test('is told by who wrote it and never by what, unless that is wanted; of each conversation in one line', async () => {
    const { anna, ben, id, phone } = await twoWhoWrite()
    await write(ben, id, 'a secret')
    await write(ben, id, 'between us')
    await later()
    const line = { path: `/messages/${id}`, unreadCount: 1, tag: `messages-${id}` }
    assert.deepEqual(phone.messages(), [
      { ...line, title: `2 new messages from @${ben.user.username}`, body: '' },
    ])
    assert.equal(received[0]?.headers.topic, `messages-${id}`)
    await anna.call('PATCH /api/me', { body: { pushText: true, language: 'de' } })
    await write(ben, id, 'and  this')
    await later()
    assert.deepEqual(phone.messages().slice(1), [
      { ...line, title: `@${ben.user.username} hat dir geschrieben`, body: 'and this' },
    ])
    await later()
    assert.equal(phone.messages().length, 2, 'nothing is told twice')
  })

  test('that was read, taken back, muted, not wanted or waits to be accepted is pushed to no device', async () => {
    const { anna, ben, id, phone } = await twoWhoWrite()
    const params = { id }
    const { sequence } = await write(ben, id, 'read at the desk')
    await settle()
    await anna.call('PUT /api/conversations/:id/read', { params, body: { sequence } })
    await later()
    const { id: messageId } = await write(ben, id, 'taken back')
    await ben.call('DELETE /api/conversations/:id/messages/:messageId', { params: { id, messageId } })
    await later()
    await anna.call('PATCH /api/conversations/:id', { params, body: { muted: true } })
    await write(ben, id, 'muted')
    await later()
    await anna.call('PATCH /api/conversations/:id', { params, body: { muted: false } })
    await anna.call('PATCH /api/me', { body: { notifications: { conversations: 'off' } } })
    await write(ben, id, 'off')
    await later()
    await anna.call('PATCH /api/me', { body: { notifications: { conversations: 'following' } } })
    const carl = await kit.person()
    const asked = await carl.call('POST /api/conversations', { body: { members: [anna.user.username] } })
    await write(carl, asked.id, 'who are you?')
    await later()
    assert.deepEqual(told(phone), [])
    // Also of a group those alone whom one follows, and nobody behind a block.
    const group = await ben.call('POST /api/conversations', {
      body: { members: [anna.user.username, carl.user.username], name: 'our secret walks' },
    })
    await anna.call('PUT /api/conversations/:id/accept', { params: { id: group.id } })
    await write(carl, group.id, 'not followed')
    await later()
    assert.deepEqual(told(phone), [])
    await write(ben, group.id, 'followed')
    await later()
    assert.deepEqual(
      told(phone).map(({ title }) => title),
      [`@${ben.user.username} wrote in a group`],
    )
    await write(ben, group.id, 'in the moment of a block')
    await anna.call('PUT /api/users/:username/block', { params: { username: ben.user.username } })
    await later()
    assert.equal(told(phone).length, 1)
  })

  test('waits for the end of quiet hours, and is told once then', async () => {
    const { anna, ben, id, phone } = await twoWhoWrite()
    const hour = new Date(clock.now()).getUTCHours()
    const at = (hours: number) => `${String((hour + hours + 24) % 24).padStart(2, '0')}:00`
    await anna.call('PATCH /api/me', { body: { timeZone: 'UTC', quietHours: { from: at(-1), to: at(3) } } })
    await write(ben, id, 'good night')
    await settle()
    // As the moment of the message comes.
    await kit.app.jobs.enqueue('notifications.push_messages', { userId: anna.user.id, conversationId: id })
    await settle()
    assert.deepEqual(told(phone), [])
    await clock.advance(3 * 3_600_000)
    await later()
    assert.equal(told(phone).length, 1)
  })

  test('in quiet hours is kept from no device by another one that could not be reached the evening before', async () => {
    const { anna, ben, id, phone } = await twoWhoWrite()
    await anna.call('PATCH /api/me', {
      body: { timeZone: 'UTC', quietHours: { from: '00:00', to: '23:59' } },
    })
    await write(ben, id, 'good night')
    await settle()
    // Its moment comes, and then that of the device.
    const payload = { userId: anna.user.id, conversationId: id }
    const { main } = kit.app.database
    await sql`
      update graphile_worker._private_jobs set run_at = now() where payload ->> 'conversationId' = ${id}
    `.execute(main)
    await settle()
    await kit.app.jobs.enqueue('notifications.push_messages', { ...payload, only: ['another'], tries: 1 })
    await settle()
    assert.deepEqual(told(phone), [])
    await anna.call('PATCH /api/me', { body: { quietHours: null } })
    await later()
    assert.equal(told(phone).length, 1)
  })

  test('reaches a device later that could not be reached, and no other one twice', async () => {
    const { anna, ben, id, phone } = await twoWhoWrite()
    const desk = await subscribe(anna)
    failures.set(new URL(desk.endpoint).pathname, 2)
    await write(ben, id, 'hello')
    await later()
    assert.deepEqual([told(phone).length, told(desk).length], [1, 3])
  })

  test('that answers a Story is told as that, and once', async () => {
    const { anna, ben, id, phone } = await twoWhoWrite()
    const story = await kit.story(anna)
    await anna.call('PATCH /api/me', { body: { notifications: { conversations: 'off' } } })
    await write(ben, id, 'so bright', [{ type: 'story', storyId: story.id, isReply: true }])
    await later()
    assert.deepEqual(
      phone.messages().map(({ title, body, path }) => [title, body, path]),
      [[`@${ben.user.username} replied to your Story`, '', `/messages/${id}`]],
    )
  })
})

test('a device whose service refuses it for a day is forgotten, one that was reached meanwhile is not', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  const devices = async () =>
    (
      await kit.app.database.main
        .selectFrom('push_subscriptions')
        .select('endpoint')
        .where('user_id', '=', anna.user.id)
        .execute()
    ).length
  const tell = async (answer: number) => {
    status = answer
    await anna.call('PUT /api/notifications/seen')
    await say(ben, id, 'hello')
    await settle()
  }
  const hours = (count: number) => clock.advance(count * 3_600_000)
  for (const refused of [403, 400]) {
    await subscribe(anna)
    await tell(refused)
    await hours(23)
    await tell(refused)
    assert.equal(await devices(), 1)
    await tell(201)
    await hours(2)
    await tell(refused)
    assert.equal(await devices(), 1, 'it was reached')
    await hours(24)
    await tell(refused)
    assert.equal(await devices(), 0)
  }
})

test('what waits for the servers of others has a lane of its own', async () => {
  const [anna, ben] = (await kit.people(2)) as [Person, Person]
  const { id } = await kit.post(anna)
  await subscribe(anna)
  await settle()
  await like(ben, id)
  // The notification follows from the like, and the push from that.
  for (let i = 0; i < 2; i++) await kit.app.events.settle()
  const waiting = (await kit.app.jobs.depth()).filter((lane) => lane.waiting > 0)
  assert.deepEqual(
    waiting.map(({ lane }) => lane),
    ['push'],
  )
  await settle()
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
  // Two that look at the same moment, as after a crash, mail once; what cannot be mailed just now is, later.
  const folder = join(kit.app.dataFolder, 'mail')
  await clock.advance(24 * 3_600_000)
  await say(ben, (await kit.post(anna)).id, 'one more')
  await settle()
  await rename(folder, `${folder}-away`)
  await writeFile(folder, 'no folder')
  await run()
  await rm(folder)
  await rename(`${folder}-away`, folder)
  assert.equal((await mails(anna)).length, 1)
  for (let times = 0; times < 3; times++)
    await kit.app.jobs.enqueue('notifications.mail_digest', { userId: anna.user.id })
  await kit.app.jobs.drain({ early: true })
  assert.equal((await mails(anna)).length, 2)
  // Nothing new, no mail; at another hour neither.
  await clock.advance(24 * 3_600_000)
  await run()
  await say(ben, (await kit.post(anna)).id, 'again')
  await clock.advance(5 * 3_600_000)
  await run()
  assert.equal((await mails(anna)).length, 2)
})
