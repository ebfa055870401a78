import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { endpoints } from '@heliograph/contract'
import { createTestClock } from '#platform/clock/clock.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'
import { createPostsKit } from '../../../test/helpers/posts-kit.ts'

let app: TestApp
let admin: Person
let moderator: Person
const clock = createTestClock()
const day = 24 * 60 * 60 * 1000

before(async () => {
  app = await createTestApp({ clock })
  admin = await buildPerson(app.client, { username: 'ada' })
  moderator = await buildPerson(app.client, { username: 'mona' })
  await app.modules.accounts.api.setRoles(admin.id, ['admin'])
  await app.modules.accounts.api.setRoles(moderator.id, ['moderator'])
})
after(() => app[Symbol.asyncDispose]())

const marker = 'passport number C01X0006H'
const jpeg = (text = marker) => Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.from(text)])
const evidence = (person: Person, bytes = jpeg()) => person.upload(bytes, { purpose: 'evidence' })

async function ask(person: Person, uploadIds?: string[]) {
  return await person.call('POST /api/me/verification-request', {
    body: {
      category: 'photographer',
      fullName: 'Lea Marie Strahl',
      knownAs: 'La Strahl',
      links: ['https://magazine.example/lea'],
      evidence: uploadIds ?? [await evidence(person)],
    },
  })
}

const prove = (person: Person) => person.call('POST /api/me/proof', { body: { password: person.password } })

type Names = { username: string; fullName: string }
/** About the account as it is now, unless other names were seen. */
async function decide(id: string, decision: 'grant' | 'refuse', reason?: string, seen?: Names, by = admin) {
  await prove(by)
  const { username, fullName } = seen ?? (await look(id, by)).user
  return await by.call('PUT /api/admin/verification-requests/:id', {
    params: { id },
    body: { decision, username, fullName, ...(reason && { reason }) },
  })
}

const look = (id: string, by = admin) =>
  by.call('GET /api/admin/verification-requests/:id', { params: { id } })

const mailsTo = async (person: Person) =>
  (await listKeptMails(join(app.dataFolder, 'mail')))
    .filter(({ to }) => to.startsWith(`${person.username}@`))
    .map(({ text }) => text)

const stored = async () => {
  const keys: string[] = []
  for await (const { key } of app.stores.media.list('masters/')) keys.push(key)
  return keys
}

test('no route but that of admins ever gives a byte of the evidence, nor its id to somebody else', async () => {
  const [lea, max] = [await buildPerson(app.client), await buildPerson(app.client)]
  const uploadId = await evidence(lea)
  const { id } = await ask(lea, [uploadId])
  const viewers = [lea, max, moderator, null]
  let walked = 0
  for (const route of Object.keys(endpoints)) {
    if (!route.startsWith('GET ')) continue
    for (const named of new Set([id, uploadId])) {
      const path = route
        .slice(4)
        .replace(':username', lea.username)
        .replace(':evidenceId', uploadId)
        .replaceAll(/:[A-Za-z]+/g, named)
      for (const viewer of viewers) {
        const headers: Record<string, string> = viewer ? { authorization: `Bearer ${viewer.token}` } : {}
        const text = await (await fetch(app.url + path, { headers })).text()
        assert.equal(text.includes(marker), false, `${route} gives evidence to ${viewer?.username}`)
        if (viewer !== lea) assert.equal(text.includes(uploadId), false, `${route} names evidence`)
        walked += 1
      }
    }
  }
  assert.ok(walked > 100)
  const addresses = [
    `/m/0/${lea.id}/0/x/masters/${uploadId}`,
    `/api/uploads/${uploadId}`,
    `/masters/${uploadId}`,
  ]
  for (const path of addresses) {
    const headers = { authorization: `Bearer ${lea.token}`, 'tus-resumable': '1.0.0' }
    assert.equal((await (await fetch(app.url + path, { headers })).text()).includes(marker), false, path)
  }
})

test('admins see the evidence, uncached, and that they did is in the log', async () => {
  const lea = await buildPerson(app.client)
  const uploadId = await evidence(lea)
  const waiting = async () => (await admin.call('GET /api/admin/waiting')).verifications
  const before = (await waiting()) ?? 0
  const { id } = await ask(lea, [uploadId])
  assert.equal(await waiting(), before + 1, 'a request waits, and nobody is told')
  await prove(admin)
  const listed = JSON.stringify(await admin.call('GET /api/admin/verification-requests', {}))
  assert.ok(listed.includes(id))
  for (const told of ['Lea Marie Strahl', 'La Strahl', 'magazine.example', uploadId])
    assert.equal(listed.includes(told), false, 'a list tells nothing of what was sent')
  const lastAct = async () => {
    const [line] = (await admin.call('GET /api/admin/log', { query: { limit: 1 } })).items
    return [line?.id, line?.act, line?.actor, line?.subject]
  }
  const found = await look(id)
  const looked = await lastAct()
  assert.deepEqual(looked.slice(1), ['account.evidence_seen', 'ada', lea.username])
  assert.deepEqual(found.evidence, [{ id: uploadId, type: 'image/jpeg', bytes: jpeg().length }])
  assert.equal(found.fullName, 'Lea Marie Strahl')
  await clock.advance(1000)
  const address = `${app.url}/api/admin/verification-requests/${id}/evidence/${uploadId}`
  const answer = await fetch(address, { headers: { authorization: `Bearer ${admin.token}` } })
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), jpeg())
  assert.match(answer.headers.get('cache-control') ?? '', /no-store/)
  assert.match(answer.headers.get('content-security-policy') ?? '', /sandbox/)
  const seen = await lastAct()
  assert.deepEqual(seen.slice(1), looked.slice(1))
  assert.notEqual(seen[0], looked[0])
  const other = await ask(await buildPerson(app.client))
  await clock.advance(11 * 60 * 1000)
  assert.equal((await fetch(address, { headers: { authorization: `Bearer ${admin.token}` } })).status, 403)
  await assertRefused(look(id), 'auth.proof_needed')
  await prove(admin)
  const crossed = `${app.url}/api/admin/verification-requests/${other.id}/evidence/${uploadId}`
  assert.equal((await fetch(crossed, { headers: { authorization: `Bearer ${admin.token}` } })).status, 404)
})

test('nobody but admins decides, never about themselves, and not without proof', async () => {
  const lea = await buildPerson(app.client)
  const { id } = await ask(lea)
  const put = (person: Person, of: string, about = lea) => {
    const { username, fullName } = about.user
    const body = { decision: 'grant' as const, username, fullName }
    return person.call('PUT /api/admin/verification-requests/:id', { params: { id: of }, body })
  }
  await prove(moderator)
  await assertRefused(put(moderator, id), 'auth.forbidden')
  await assertRefused(put(lea, id), 'request.not_found')
  const own = await ask(admin)
  await assertRefused(put(admin, own.id, admin), 'auth.forbidden')
  await prove(admin)
  await assertRefused(look(own.id), 'auth.forbidden')
  await clock.advance(11 * 60 * 1000)
  await assertRefused(put(admin, id), 'auth.proof_needed')
  assert.equal((await lea.call('GET /api/me/verification')).isVerified, false)
  await assertRefused(decide(id, 'refuse'), 'request.invalid')
})

test('many requests at the same instant are never two, and a repeated one is the same', async () => {
  const lea = await buildPerson(app.client)
  const files = await Promise.all([evidence(lea), evidence(lea), evidence(lea)])
  const results = await Promise.allSettled(files.map((file) => ask(lea, [file])))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  await assertRefused(ask(lea), 'verification.waiting')
  const max = await buildPerson(app.client)
  const request = {
    body: { category: 'artist' as const, fullName: 'Max', evidence: [await evidence(max)] },
    idempotencyKey: 'once',
  }
  const first = await max.call('POST /api/me/verification-request', request)
  assert.deepEqual(await max.call('POST /api/me/verification-request', request), first)
})

test('evidence is one’s own, of a kind that can be looked at, and part of one thing alone', async () => {
  const [lea, max] = [await buildPerson(app.client), await buildPerson(app.client)]
  await assertRefused(ask(lea, [await evidence(max)]), 'upload.not_found')
  const odd = await evidence(lea, Buffer.from('<html><script>alert(1)</script>'))
  await assertRefused(ask(lea, [odd]), 'verification.evidence_invalid')
  const photograph = await lea.upload(jpeg())
  await assertRefused(ask(lea, [photograph]), 'upload.purpose')
  const shown = await evidence(lea)
  await assertRefused(
    lea.call('POST /api/posts', { body: { media: [{ uploadId: shown }] } }),
    'upload.purpose',
  )
  await assertRefused(lea.call('PUT /api/me/avatar', { body: { uploadId: shown } }), 'upload.purpose')
  await assertRefused(ask(lea, [shown, shown]), 'upload.used')
  await ask(lea, [shown])
  await lea.call('DELETE /api/me/verification-request')
  await assertRefused(ask(lea, [shown]), 'upload.used')
})

test('the mark stands wherever the name stands, and goes with the name that it was given to', async () => {
  const [lea, max] = [await buildPerson(app.client), await buildPerson(app.client)]
  await follow(lea, max)
  await follow(max, lea)
  const places = async () => {
    const [profile, list, found] = await Promise.all([
      max.call('GET /api/users/:username', { params: { username: lea.username } }),
      max.call('GET /api/users/:username/followers', { params: { username: max.username } }),
      max.call('GET /api/users', { query: { prefix: lea.username } }),
    ])
    return [profile, list.items[0], found.items[0]].map((user) => user?.isVerified)
  }
  assert.deepEqual(await places(), [false, false, false])
  const { id } = await ask(lea)
  await decide(id, 'grant')
  await decide(id, 'grant')
  assert.deepEqual(await places(), [true, true, true])
  await assertRefused(decide(id, 'refuse', 'too late'), 'verification.decided')
  await assertRefused(ask(lea), 'verification.verified')

  await lea.call('PATCH /api/me', { body: { bio: 'still me', fullName: lea.user.fullName } })
  assert.deepEqual(await places(), [true, true, true])
  await clock.advance(1000)
  await lea.call('PATCH /api/me', { body: { fullName: 'Somebody famous' } })
  assert.deepEqual(await places(), [false, false, false])
  const own = await lea.call('GET /api/me/verification')
  assert.deepEqual([own.request?.state, own.mayAskAt], ['lost', null])
  const [line] = (await admin.call('GET /api/admin/log', { query: { limit: 1 } })).items
  assert.deepEqual([line?.act, line?.kind === 'act' && line.by], ['account.verification_revoked', 'server'])
})

test('a refusal says why, by mail too, and can be tried again only after 30 days; then its evidence is gone', async () => {
  const lea = await buildPerson(app.client)
  await app.settle()
  const code = (await mailsTo(lea)).map((text) => /code=(\S+)/.exec(text)?.[1]).find(Boolean)
  await app.client.call('POST /api/email-verifications', { body: { code: code ?? '' } })
  const uploadId = await evidence(lea)
  const { id } = await ask(lea, [uploadId])
  await decide(id, 'refuse', 'The name on the card is another.')
  const own = await lea.call('GET /api/me/verification')
  assert.deepEqual(
    [own.isVerified, own.request?.state, own.request?.reason],
    [false, 'refused', 'The name on the card is another.'],
  )
  await assertRefused(ask(lea), 'verification.too_soon')
  await app.settle()
  assert.ok((await mailsTo(lea)).some((text) => text.includes('The name on the card is another.')))
  const [told] = (await lea.call('GET /api/notifications')).items
  assert.equal(told?.security, 'verification_refused', 'whoever has no proven address learns of it as well')
  await app.modules.verification.api.erase()
  assert.ok((await stored()).some((key) => key.endsWith(uploadId)))
  await clock.advance(31 * day)
  await app.modules.verification.api.erase()
  assert.equal(
    (await stored()).some((key) => key.endsWith(uploadId)),
    false,
  )
  await app.database.main
    .updateTable('verification_requests')
    .set({ known_as: 'La Strahl' })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
  await app.modules.verification.api.erase()
  await prove(admin)
  const erased = await look(id)
  assert.deepEqual([erased.fullName, erased.knownAs, erased.links, erased.evidence], ['', '', [], []])
})

test('nobody is verified under a name that no admin looked at', async () => {
  const lea = await buildPerson(app.client, { fullName: 'Lea Strahl' })
  const { id } = await ask(lea)
  await prove(admin)
  const { user } = await look(id)
  const seen = { username: user.username, fullName: user.fullName }
  await lea.call('PATCH /api/me', { body: { fullName: 'Somebody famous' } })
  await assertRefused(decide(id, 'grant', undefined, seen), 'verification.changed')
  await assertRefused(decide(id, 'refuse', 'no', seen), 'verification.changed')
  await lea.call('PATCH /api/me', { body: { fullName: 'Lea Strahl', username: `${lea.username}_x` } })
  await assertRefused(decide(id, 'grant', undefined, seen), 'verification.changed')
  const verify = (username: string, fullName: string) =>
    admin.call('PUT /api/admin/accounts/:username/verified', {
      params: { username },
      body: { isVerified: true, fullName },
    })
  // The name given up still leads to the account.
  await assertRefused(verify(lea.username, 'Lea Strahl'), 'verification.changed')
  await assertRefused(verify(`${lea.username}_x`, 'Lea'), 'verification.changed')
  assert.equal((await lea.call('GET /api/me/verification')).request?.state, 'waiting')
  assert.equal((await decide(id, 'grant')).state, 'granted')
})

test('an admin never decides about an equal, nor after their role or account was taken away', async () => {
  const [peer, boss, gone] = [
    await buildPerson(app.client),
    await buildPerson(app.client),
    await buildPerson(app.client),
  ]
  const { setRoles, setState } = app.modules.accounts.api
  await setRoles(peer.id, ['admin'])
  await setRoles(boss.id, ['owner'])
  await setRoles(gone.id, ['admin'])
  const { id } = await ask(peer)
  await prove(admin)
  await assertRefused(look(id), 'auth.forbidden')
  await assertRefused(decide(id, 'grant', undefined, peer.user), 'auth.forbidden')
  assert.equal((await decide(id, 'grant', undefined, undefined, boss)).user.isVerified, true)
  const take = (by: Person) =>
    by.call('PUT /api/admin/accounts/:username/verified', {
      params: { username: peer.username },
      body: { isVerified: false, reason: 'no' },
    })
  await assertRefused(take(admin), 'auth.forbidden')
  const powers = async (by: Person, whom: Person) =>
    (await by.call('GET /api/admin/accounts/:username', { params: { username: whom.username } })).powers
  assert.deepEqual(await powers(admin, peer), [], 'nothing is offered that would be refused')
  assert.ok((await powers(boss, peer)).includes('verification'))
  assert.ok(!(await powers(boss, boss)).includes('verification'))

  const { setVerified } = app.modules.verification.api
  const { user } = await buildPerson(app.client)
  await setState(gone.id, 'suspended')
  await assert.rejects(setVerified(gone, user.id, true, '', user), { code: 'auth.invalid' })
  await setState(gone.id, 'active')
  await setRoles(gone.id, ['moderator'])
  await assert.rejects(setVerified(gone, user.id, true, '', user), { code: 'auth.forbidden' })
  await take(boss)
})

test('nobody asks more often than three times a day', async () => {
  const lea = await buildPerson(app.client)
  for (let i = 0; i < 3; i++) {
    await ask(lea)
    await lea.call('DELETE /api/me/verification-request')
  }
  await assertRefused(ask(lea), 'verification.too_soon')
  assert.ok((await lea.call('GET /api/me/verification')).mayAskAt)
  await clock.advance(day)
  await ask(lea)
})

test('of a deleted account nothing private stays, of older requests neither', async () => {
  const lea = await buildPerson(app.client)
  const older = await evidence(lea)
  const { id } = await ask(lea, [older])
  await decide(id, 'grant')
  await lea.call('PATCH /api/me', { body: { fullName: 'Somebody else' } })
  const newer = await evidence(lea)
  await ask(lea, [newer])
  await app.modules.accounts.api.setState(lea.id, 'deleted')
  await app.settle()
  const left = (await stored()).filter((key) => key.endsWith(older) || key.endsWith(newer))
  assert.deepEqual(left, [])
  const rows = await app.database.main
    .selectFrom('verification_requests')
    .selectAll()
    .where('user_id', '=', lea.id)
    .execute()
  assert.deepEqual(
    rows.map((row) => [row.full_name, row.known_as, row.links, row.evidence, row.state === 'waiting']),
    [
      ['', '', [], [], false],
      ['', '', [], [], false],
    ],
  )
})

test('one file that cannot be erased keeps nobody else’s, and what is due of others is in nobody’s way', async () => {
  const [stuck, lea, max] = [
    await buildPerson(app.client),
    await buildPerson(app.client),
    await buildPerson(app.client),
  ]
  const files = new Map<Person, string>()
  for (const person of [stuck, lea]) {
    files.set(person, await evidence(person))
    await ask(person, [files.get(person)!])
    await person.call('DELETE /api/me/verification-request')
  }
  const { erase } = app.modules.verification.api
  const { media } = app.stores
  const { deleteMany } = media
  const isStuck = (key: string) => key.endsWith(files.get(stuck)!)
  media.deleteMany = (keys) =>
    keys.some(isStuck) ? Promise.reject(new Error('the disk says no')) : deleteMany.call(media, keys)
  await clock.advance(31 * day)
  await assert.rejects(erase(), AggregateError)
  const left = await stored()
  assert.ok(left.some(isStuck))
  assert.ok(!left.some((key) => key.endsWith(files.get(lea)!)))

  const shown = await evidence(max)
  await ask(max, [shown])
  await app.modules.accounts.api.setState(max.id, 'deleted')
  await app.settle()
  assert.ok(!(await stored()).some((key) => key.endsWith(shown)))
  const { erased_at: erasedAt } = await app.database.main
    .selectFrom('users')
    .select('erased_at')
    .where('id', '=', max.id)
    .executeTakeFirstOrThrow()
  assert.ok(erasedAt, 'of somebody who left all is gone, whatever is stuck of others')
  media.deleteMany = deleteMany
  await erase()
  assert.ok(!(await stored()).some(isStuck))
})

test('a card or comment that stands ready in memory never goes on with the mark of before', async () => {
  await using kit = await createPostsKit()
  const [lea, max] = [await kit.person(), await kit.person()]
  await kit.follow(max, lea)
  const post = await kit.post(lea, { caption: 'x' })
  await lea.call('POST /api/posts/:id/comments', { params: { id: post.id }, body: { text: 'hi' } })
  await kit.app.settle()
  const look = async () => {
    const feed = await max.call('GET /api/feed', { query: {} })
    const comments = await max.call('GET /api/posts/:id/comments', { params: { id: post.id } })
    const one = await max.call('GET /api/posts/:id', { params: { id: post.id } })
    const card = feed.items[0]
    const people = [card?.author, card?.newestComments[0]?.author, comments.items[0]?.author, one.author]
    return people.map((person) => person?.isVerified)
  }
  assert.deepEqual(await look(), [false, false, false, false])
  assert.deepEqual(await look(), [false, false, false, false])
  await kit.app.modules.verification.api.setVerified('operator', lea.user.id, true, '')
  assert.deepEqual(await look(), [true, true, true, true])
  await kit.app.modules.verification.api.setVerified('operator', lea.user.id, false, 'gone')
  assert.deepEqual(await look(), [false, false, false, false])
})
