import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { IdParams, listOf, PageQuery, Problem } from '@heliograph/contract/common'
import { endpoint } from '@heliograph/contract/endpoint'
import type { InjectOptions } from 'fastify'
import { z } from 'zod'
import { fault } from './fault.ts'
import type { Http } from './http.ts'
import { answer, mount, noContent, page, rawPage } from './mount.ts'
import { createTestHttp } from './test-http.ts'

const tag = 'Test'
const endpoints = {
  'GET /api/things/:id': endpoint({
    summary: 'One.',
    tag,
    auth: 'optional',
    budget: 'read',
    params: IdParams,
    answers: { 200: z.object({ id: z.string(), viewer: z.string().nullable() }) },
  }),
  'GET /api/things': endpoint({
    summary: 'List.',
    tag,
    auth: 'none',
    budget: 'read',
    query: PageQuery.extend({ colour: z.string().optional(), order: z.string().default('up') }),
    answers: { 200: listOf(z.number()) },
  }),
  'GET /api/words': endpoint({
    summary: 'List.',
    tag,
    auth: 'none',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(z.object({ word: z.string() })).extend({ until: z.string() }) },
  }),
  'POST /api/things': endpoint({
    summary: 'Make.',
    tag,
    auth: 'required',
    budget: 'write',
    body: z.strictObject({ name: z.string().max(5), size: z.number().optional() }),
    answers: { 201: z.object({ name: z.string() }) },
  }),
  'DELETE /api/things/:id': endpoint({
    summary: 'Remove.',
    tag,
    auth: 'required',
    budget: 'write',
    params: IdParams,
    answers: { 204: null },
  }),
  'PUT /api/things/:id': endpoint({
    summary: 'Give away.',
    tag,
    auth: 'required',
    proof: true,
    budget: 'write',
    params: IdParams,
    answers: { 204: null },
  }),
  'GET /api/broken': endpoint({
    summary: 'Breaks.',
    tag,
    auth: 'none',
    budget: 'read',
    query: z.strictObject({ how: z.string() }),
    answers: { 200: z.object({}) },
  }),
}

let http: Http
const viewer = { id: '77', sessionId: '78', roles: [], hasProof: true }

before(async () => {
  http = await createTestHttp()
  http.setAuthenticator(async ({ headers: { authorization } }) => {
    if (authorization === 'Bearer long ago') return { ...viewer, hasProof: false }
    return authorization === 'Bearer right' ? viewer : null
  })
  mount(http, endpoints, {
    'GET /api/things/:id': async ({ params, viewer }) =>
      answer(200, { id: params.id, viewer: viewer?.id ?? null }),
    'GET /api/things': async ({ position, query }) => {
      const start = position === null ? 0 : Number(position[0])
      const items = Array.from({ length: query.limit }, (_, i) => start + i)
      return page(items, start >= 40 ? null : [String(start + query.limit)])
    },
    'GET /api/words': async ({ position }) =>
      position === null
        ? rawPage([['{"word":', '"Größe 日本 🜚"}'], [Buffer.from('{"word":"ä"}')]], ['1'], {
            until: 'später',
          })
        : rawPage(position[0] === '1' ? [] : [['{"word":1}']], null, { until: '' }),
    'POST /api/things': async ({ body }) => answer(201, { name: body.name }),
    'DELETE /api/things/:id': async () => noContent(),
    'PUT /api/things/:id': async () => noContent(),
    'GET /api/broken': async ({ query }) => {
      if (query.how === 'thrown') throw new Error('secret at /home/someone/file.ts')
      if (query.how === 'full') throw Object.assign(new Error('no space'), { code: '53100' })
      if (query.how === 'away') throw Object.assign(new Error('gone'), { code: '57P01' })
      if (query.how === 'fault') throw fault('post.not_found', { detail: 'Look elsewhere.' })
      return answer(200, {})
    },
  })
})
after(() => http.close())

const bearer = { authorization: 'Bearer right' }
const json = { ...bearer, 'content-type': 'application/json' }

async function problem(response: { statusCode: number; headers: object; json(): unknown; body: string }) {
  const found = Problem.strict().parse(response.json())
  assert.equal(found.status, response.statusCode)
  assert.match(
    (response.headers as Record<string, string>)['content-type'] ?? '',
    /^application\/problem\+json/,
  )
  assert.equal((response.headers as Record<string, string>)['x-request-id'], found.requestId)
  assert.doesNotMatch(response.body, /node_modules|\.ts|at async|\/home|stack/)
  return found
}

test('an answer, a list and nothing', async () => {
  const one = await http.app.inject({ url: '/api/things/5', headers: bearer })
  assert.deepEqual(one.json(), { id: '5', viewer: '77' })
  assert.equal(one.headers['cache-control'], 'no-store')
  const gone = await http.app.inject({ method: 'DELETE', url: '/api/things/5', headers: bearer })
  assert.equal(gone.statusCode, 204)
  assert.equal(gone.body, '')
})

test('what asks for proof is not done in a session whose holder has not shown who they are', async () => {
  const give = (authorization: string) =>
    http.app.inject({ method: 'PUT', url: '/api/things/5', headers: { authorization } })
  const refused = await problem(await give('Bearer long ago'))
  assert.deepEqual([refused.status, refused.code], [403, 'auth.proof_needed'])
  assert.equal((await give('Bearer right')).statusCode, 204)
  assert.equal((await give('Bearer nobody')).statusCode, 401)
})

test('paging goes on where it stopped, whatever limit the next page has', async () => {
  const first = (await http.app.inject('/api/things?limit=2&colour=red')).json()
  assert.deepEqual(first.items, [0, 1])
  const next = await http.app.inject(`/api/things?colour=red&limit=3&cursor=${first.nextCursor}`)
  assert.deepEqual(next.json().items, [2, 3, 4])
})

test('a cursor of another filter is refused', async () => {
  const first = (await http.app.inject('/api/things?limit=2&colour=red')).json()
  const other = await http.app.inject(`/api/things?limit=2&colour=blue&cursor=${first.nextCursor}`)
  assert.equal((await problem(other)).code, 'cursor.invalid')
})

test('every fault of a request is named with its path', async () => {
  const response = await http.app.inject({
    method: 'POST',
    url: '/api/things',
    headers: json,
    payload: { name: 'too long', colour: 1, size: 'big' },
  })
  const { code, errors } = await problem(response)
  assert.equal(code, 'request.invalid')
  assert.deepEqual(errors?.map(({ path }) => path).sort(), ['body.colour', 'body.name', 'body.size'])
})

/** Whoever walks down such a value by recursion runs out of stack. */
function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

const refused: [string, InjectOptions, number, string][] = [
  ['limit 0', { url: '/api/things?limit=0' }, 400, 'request.invalid'],
  ['limit 51', { url: '/api/things?limit=51' }, 400, 'request.invalid'],
  ['an unknown parameter', { url: '/api/things?colr=red' }, 400, 'request.invalid'],
  ['a parameter twice', { url: '/api/things?colour=a&colour=b' }, 400, 'request.invalid'],
  ['a parameter where none is known', { url: '/api/things/5?x=1' }, 400, 'request.invalid'],
  ['an id that is no number', { url: '/api/things/five' }, 400, 'request.invalid'],
  ['an id beyond 63 bits', { url: '/api/things/9999999999999999999' }, 400, 'request.invalid'],
  ['a NUL in a query', { url: '/api/things?colour=a%00b' }, 400, 'request.invalid'],
  [
    'a NUL in a body',
    { method: 'POST', url: '/api/things', headers: json, payload: '{"name":"a\\u0000"}' },
    400,
    'request.invalid',
  ],
  [
    'half a character',
    { method: 'POST', url: '/api/things', headers: json, payload: '{"name":"\\ud800"}' },
    400,
    'request.invalid',
  ],
  [
    'lists in lists without end',
    { method: 'POST', url: '/api/things', headers: json, payload: `{"name":${nested(100_000)}}` },
    400,
    'request.invalid',
  ],
  ['a broken percent sign', { url: '/api/things/%E0%A4%A' }, 400, 'request.invalid'],
  ['an endless parameter', { url: `/api/things/${'1'.repeat(600)}` }, 404, 'request.not_found'],
  ['an unknown route', { url: '/api/nothing' }, 404, 'request.not_found'],
  ['an unknown page', { url: '/nothing' }, 404, 'request.not_found'],
  ['another method', { method: 'PUT', url: '/api/things' }, 405, 'request.method_not_allowed'],
  ['a foreign host', { url: '/api/things', headers: { host: 'evil.example' } }, 421, 'request.host'],
  [
    'a foreign page',
    {
      method: 'POST',
      url: '/api/things',
      headers: { ...json, origin: 'https://evil.example' },
      payload: '{}',
    },
    403,
    'request.origin',
  ],
  [
    'a page without an origin',
    { method: 'POST', url: '/api/things', headers: { ...json, origin: 'null' }, payload: '{}' },
    403,
    'request.origin',
  ],
  [
    'a form of another site',
    { method: 'POST', url: '/api/things', headers: { 'sec-fetch-site': 'cross-site' }, payload: 'a=b' },
    403,
    'request.origin',
  ],
  ['no session', { method: 'DELETE', url: '/api/things/5' }, 401, 'auth.required'],
  [
    'an old token',
    { method: 'DELETE', url: '/api/things/5', headers: { authorization: 'Bearer old' } },
    401,
    'auth.invalid',
  ],
  [
    'an old token where none is needed',
    { url: '/api/things/5', headers: { authorization: 'Bearer old' } },
    401,
    'auth.invalid',
  ],
  [
    'broken JSON',
    { method: 'POST', url: '/api/things', headers: json, payload: '{"name":' },
    400,
    'request.not_json',
  ],
  ['no body', { method: 'POST', url: '/api/things', headers: bearer }, 400, 'request.invalid'],
  [
    'an empty body',
    { method: 'POST', url: '/api/things', headers: json, payload: '' },
    400,
    'request.invalid',
  ],
  [
    'a body of null',
    { method: 'POST', url: '/api/things', headers: json, payload: 'null' },
    400,
    'request.invalid',
  ],
  [
    'a poisoned prototype',
    { method: 'POST', url: '/api/things', headers: json, payload: '{"name":"a","__proto__":{"a":1}}' },
    400,
    'request.not_json',
  ],
  [
    'a body where none is known',
    { method: 'DELETE', url: '/api/things/5', headers: json, payload: '{"a":1}' },
    400,
    'request.invalid',
  ],
  [
    'text',
    {
      method: 'POST',
      url: '/api/things',
      headers: { ...bearer, 'content-type': 'text/plain' },
      payload: '{"name":"a"}',
    },
    415,
    'request.unsupported_type',
  ],
  [
    'a large body',
    {
      method: 'POST',
      url: '/api/things',
      headers: json,
      payload: JSON.stringify({ name: 'a'.repeat(300_000) }),
    },
    413,
    'request.too_large',
  ],
  ['a thrown error', { url: '/api/broken?how=thrown' }, 500, 'server.error'],
  ['a full disk', { url: '/api/broken?how=full' }, 507, 'server.storage_full'],
  ['a database that stops', { url: '/api/broken?how=away' }, 503, 'server.unavailable'],
  ['a fault', { url: '/api/broken?how=fault' }, 404, 'post.not_found'],
]

test('a broken percent sign is named', async () => {
  const found = await problem(await http.app.inject({ url: '/api/things/%E0%A4%A' }))
  assert.match(found.detail ?? '', /%/)
})

for (const [name, request, status, code] of refused)
  test(`${name} is a ${status} ${code}`, async () => {
    const found = await problem(await http.app.inject(request))
    assert.deepEqual([found.status, found.code], [status, code])
  })

test('a method that is not known here names those that are', async () => {
  const response = await http.app.inject({ method: 'PUT', url: '/api/things' })
  assert.equal(response.headers.allow, 'GET, HEAD, POST')
})

test('a cursor is not refused for a default that is named or left out, nor taken for another list', async () => {
  const ask = (query: Record<string, string>) => http.app.inject({ url: '/api/things', query })
  for (const first of [{}, { order: 'up' }] as Record<string, string>[]) {
    const cursor: string = (await ask(first)).json().nextCursor
    const same: Record<string, string>[] = [{ cursor }, { cursor, order: 'up' }]
    for (const query of same) assert.equal((await ask(query)).statusCode, 200)
    const others: Record<string, string>[] = [
      { cursor, order: 'down' },
      { cursor, colour: 'red' },
    ]
    for (const query of others) assert.equal((await ask(query)).json().code, 'cursor.invalid')
  }
})

test('a page of ready pieces is one JSON text, and checked like every other', async () => {
  const first = await http.app.inject('/api/words')
  assert.equal(first.headers['content-type'], 'application/json; charset=utf-8')
  const { nextCursor, ...rest } = first.json()
  assert.deepEqual(rest, { items: [{ word: 'Größe 日本 🜚' }, { word: 'ä' }], until: 'später' })
  const second = await http.app.inject({ url: '/api/words', query: { cursor: nextCursor } })
  assert.deepEqual(second.json(), { items: [], nextCursor: null, until: '' })
  const scope = { route: 'GET /api/words', params: undefined, filters: {}, viewerId: null }
  const cursor = http.cursors.seal(scope, ['2'])
  assert.equal((await http.app.inject({ url: '/api/words', query: { cursor } })).statusCode, 500)
})

test('an answer that the contract does not promise fails a test', async () => {
  const other = await createTestHttp()
  mount(
    other,
    { 'GET /api/things': endpoints['GET /api/things'] },
    {
      'GET /api/things': async () => page(['one'] as unknown as number[], null),
    },
  )
  const response = await other.app.inject('/api/things')
  await other.close()
  assert.equal(response.statusCode, 500)
})

test('an answer with more than the contract names fails a test', async () => {
  const other = await createTestHttp()
  mount(
    other,
    { 'GET /api/broken': endpoints['GET /api/broken'] },
    {
      'GET /api/broken': async () =>
        answer(200, { email: 'ada@example.com' } as unknown as Record<string, never>),
    },
  )
  const response = await other.app.inject('/api/broken?how=well')
  await other.close()
  assert.equal(response.statusCode, 500)
})

test('a session that ended is told apart from none', async () => {
  const ask = async (cookie: string) => {
    const { statusCode, body } = await http.app.inject({
      method: 'DELETE',
      url: '/api/things/5',
      headers: { cookie },
    })
    return [statusCode, JSON.parse(body).code]
  }
  assert.deepEqual(await ask('theme=dark'), [401, 'auth.required'])
  assert.deepEqual(await ask('theme=dark; __Host-heliograph=old'), [401, 'auth.invalid'])
  assert.deepEqual(await ask('heliograph=old'), [401, 'auth.invalid'])
})

test('a page of our own may write, by the public address and by the address it was called with', async () => {
  for (const headers of [
    { ...json, origin: 'http://localhost:3000', host: 'localhost:3000' },
    { ...json, origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' },
    { ...json, origin: 'http://[::1]:8080', host: '[::1]:8080' },
    { ...json, 'sec-fetch-site': 'same-origin' },
    json,
  ]) {
    const response = await http.app.inject({
      method: 'POST',
      url: '/api/things',
      headers,
      payload: { name: 'a' },
    })
    assert.equal(response.statusCode, 201, JSON.stringify(headers))
  }
})

test('pages and answers tell the browser what it may do', async () => {
  const { headers } = await http.app.inject('/api/things')
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['strict-transport-security'], undefined)
  const page = await http.app.inject('/nothing')
  assert.match(String(page.headers['content-security-policy']), /script-src 'self'.*frame-ancestors 'none'/)
  assert.doesNotMatch(String(page.headers['content-security-policy']), /unsafe/)
})

test('behind https browsers are told to stay there', async () => {
  const other = await createTestHttp({ publicUrl: 'https://p.example', allowedHosts: ['p.example'] })
  const { headers } = await other.app.inject({ url: '/', headers: { host: 'p.example' } })
  await other.close()
  assert.match(String(headers['strict-transport-security']), /max-age=\d+/)
})

test('an address or a request id from outside counts only when a trusted proxy says it', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'from-the-proxy' }
  for (const [trustedProxies, expected] of [
    [[], '127.0.0.1'],
    [['127.0.0.0/8'], '203.0.113.9'],
  ] as const) {
    const other = await createTestHttp({ trustedProxies })
    other.app.get('/who', async (request) => ({ ip: request.ip, id: request.id }))
    const { ip, id } = (await other.app.inject({ url: '/who', headers: forwarded })).json()
    await other.close()
    assert.equal(ip, expected)
    assert.equal(id === 'from-the-proxy', expected === '203.0.113.9')
  }
})

test('what is no HTTP gets a problem too', async () => {
  const port = await http.listen()
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'))
    let got = ''
    socket.on('data', (chunk) => {
      got += chunk
    })
    socket.on('close', () => resolve(got))
    socket.on('error', reject)
  })
  assert.match(text, /^HTTP\/1\.1 400 /)
  assert.equal(Problem.parse(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).code, 'request.invalid')
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
})
