import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { endpoints } from '@heliograph/contract'
import { createTestClock } from '#platform/clock/clock.ts'
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
      links: ['https://magazine.example/lea'],
      evidence: uploadIds ?? [await evidence(person)],
    },
  })
}

async function decide(id: string, decision: 'grant' | 'refuse', reason?: string) {
  await admin.call('POST /api/me/proof', { body: { password: admin.password } })
  return await admin.call('PUT /api/admin/verification-requests/:id', {
    params: { id },
    body: { decision, ...(reason && { reason }) },
  })
}

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
  const { id } = await ask(lea, [uploadId])
  const found = await admin.call('GET /api/admin/verification-requests/:id', { params: { id } })
  assert.deepEqual(found.evidence, [{ id: uploadId, type: 'image/jpeg', bytes: jpeg().length }])
  assert.equal(found.fullName, 'Lea Marie Strahl')
  const address = `${app.url}/api/admin/verification-requests/${id}/evidence/${uploadId}`
  const answer = await fetch(address, { headers: { authorization: `Bearer ${admin.token}` } })
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), jpeg())
  assert.match(answer.headers.get('cache-control') ?? '', /no-store/)
  assert.match(answer.headers.get('content-security-policy') ?? '', /sandbox/)
  const [line] = (await admin.call('GET /api/admin/log', { query: { limit: 1 } })).items
  assert.deepEqual([line?.act, line?.actor, line?.subject], ['account.evidence_seen', 'ada', lea.username])
  const other = await ask(await buildPerson(app.client))
  const crossed = `${app.url}/api/admin/verification-requests/${other.id}/evidence/${uploadId}`
  assert.equal((await fetch(crossed, { headers: { authorization: `Bearer ${admin.token}` } })).status, 404)
})

test('nobody but admins decides, never about themselves, and not without proof', async () => {
  const lea = await buildPerson(app.client)
  const { id } = await ask(lea)
  const body = { decision: 'grant' as const }
  const put = (person: Person, of: string) =>
    person.call('PUT /api/admin/verification-requests/:id', { params: { id: of }, body })
  await assertRefused(put(moderator, id), 'auth.forbidden')
  await assertRefused(put(lea, id), 'request.not_found')
  const own = await ask(admin)
  await assertRefused(put(admin, own.id), 'auth.forbidden')
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
  await app.modules.verification.api.erase()
  assert.ok((await stored()).some((key) => key.endsWith(uploadId)))
  await clock.advance(31 * day)
  await app.modules.verification.api.erase()
  assert.equal(
    (await stored()).some((key) => key.endsWith(uploadId)),
    false,
  )
  const seen = await admin.call('GET /api/admin/verification-requests', { query: { state: 'refused' } })
  const erased = seen.items.find((one) => one.id === id)
  assert.deepEqual([erased?.fullName, erased?.links, erased?.evidence], ['', [], []])
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
