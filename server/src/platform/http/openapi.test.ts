import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { endpoints } from '@heliograph/contract'
import { errorCodes } from '@heliograph/contract/error-codes'
import { shapes } from '@heliograph/contract/shapes'
import { mountApiDocs } from './api-docs.ts'
import type { Http } from './http.ts'
import type { OpenApi } from './openapi-types.ts'
import { createTestHttp } from './test-http.ts'

/** What no JSON shape can describe. */
const byHand = ['POST /api/uploads', 'PATCH /api/uploads/:uploadId', 'GET /api/live']

let http: Http
let api: OpenApi
let html: string

before(async () => {
  http = await createTestHttp()
  mountApiDocs(http, { title: 'Heliograph', version: '0.1.0', endpoints, shapes })
  api = (await http.app.inject('/api/openapi.json')).json()
  html = (await http.app.inject('/api/docs')).body
})
after(() => http.close())

test('every endpoint of the contract stands in the document, and uploads too', () => {
  for (const route of [...Object.keys(endpoints), ...byHand]) {
    const [method = '', path = ''] = route.split(' ')
    const operation = api.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    assert.ok(operation, route)
    for (const [, name] of path.matchAll(/:(\w+)/g))
      assert.ok(
        operation.parameters.some((one) => one.in === 'path' && one.name === name),
        `${route} ${name}`,
      )
  }
})

test('every reference leads somewhere, and no operation has the name of another', () => {
  const refs = [...JSON.stringify(api).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '')
  assert.ok(refs.length > 20)
  for (const ref of refs) assert.ok(api.components.schemas[ref.replace('#/components/schemas/', '')], ref)
  const names = Object.values(api.paths).flatMap((methods) =>
    Object.values(methods).map((o) => o.operationId),
  )
  assert.equal(new Set(names).size, names.length)
})

test('answers promise nothing about fields to come, requests know all of theirs', () => {
  assert.equal(api.components.schemas.UserProfile?.additionalProperties, undefined)
  const body = api.paths['/api/sessions']?.post?.requestBody?.content['application/json']?.schema
  assert.equal(body?.additionalProperties, false)
  assert.deepEqual(body?.required, ['login', 'password'])
})

test('signing in, keys and problems are described', () => {
  const post = api.paths['/api/posts']?.post
  assert.deepEqual(post?.security, [{ bearer: [] }, { cookie: [] }])
  assert.ok(post?.parameters.some(({ name }) => name === 'Idempotency-Key'))
  assert.match(post?.responses['409']?.description ?? '', /idempotency\.mismatch/)
  assert.ok(post?.responses['401']?.content?.['application/problem+json'])
})

test('the page has an anchor for each error code, and asks nothing of other hosts', async () => {
  for (const code of Object.keys(errorCodes)) assert.ok(html.includes(`id="${code}"`), code)
  assert.doesNotMatch(html, /<script|style="|https?:\/\//)
  for (const [, target] of html.matchAll(/href="#([^"]+)"/g))
    assert.ok(html.includes(`id="${target}"`), target)
  const style = await http.app.inject('/api/docs/style.css')
  assert.match(String(style.headers['content-type']), /^text\/css/)
  const page = await http.app.inject('/api/docs')
  assert.match(String(page.headers['content-security-policy']), /style-src 'self'/)
})
