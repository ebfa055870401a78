import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { noise } from './corpus/drawn-pictures.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, type Person } from './helpers/factories.ts'
import { ask } from './helpers/problems.ts'

describe('a disk with no more room than is held back', () => {
  let app: TestApp
  let ana: Person
  before(async () => {
    // More than any disk has: nothing is left beyond it.
    app = await createTestApp({ env: { DISK_RESERVE_MB: '10000000' } })
    ana = await buildPerson(app.client, { username: 'ana' })
  })
  after(() => app[Symbol.asyncDispose]())

  test('never takes an upload that it could not keep: 507 before the first byte', async () => {
    const bytes = await noise(100, 100).jpeg().toBuffer()
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': String(bytes.length) }
    const answer = await ask(app.url, 'POST /api/uploads', { token: ana.token, headers })
    assert.equal(answer.status, 507)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal((JSON.parse(answer.text) as { code: string }).code, 'server.storage_full')
    await assert.rejects(ana.upload(bytes), { code: 'server.storage_full' })
  })

  test('never keeps people from reading, nor from signing up and following', async () => {
    const ben = await buildPerson(app.client, { username: 'ben' })
    await ben.call('PUT /api/users/:username/follow', { params: { username: 'ana' } })
    assert.deepEqual((await ben.call('GET /api/feed')).items, [])
    assert.equal((await ana.call('GET /api/me')).followerCount, 1)
    assert.equal((await ask(app.url, 'GET /')).status, 200)
  })
})
