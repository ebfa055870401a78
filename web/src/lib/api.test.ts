import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, test } from 'node:test'
import { ApiProblem, call, isProblem, onSessionEnded } from './api.ts'
import { online } from './online.ts'

let server: Server
let answer: (path: string) => { status: number; body: string; cut?: boolean }
const realFetch = globalThis.fetch

beforeEach(async () => {
  server = createServer((request, response) => {
    const { status, body, cut } = answer(request.url ?? '')
    if (cut) {
      response.writeHead(status, { 'content-length': body.length * 2 })
      response.write(body)
      setTimeout(() => response.destroy(), 20)
      return
    }
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  globalThis.fetch = (path, init) => realFetch(`http://127.0.0.1:${port}${path}`, init)
})

afterEach(async () => {
  globalThis.fetch = realFetch
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  online.value = true
})

const problem = (code: string, status: number) => ({
  status,
  body: JSON.stringify({ type: 'about:blank', title: 'Said plainly.', status, code, requestId: 'r1' }),
})

test('the answer is what the server said', async () => {
  answer = (path) => ({ status: 200, body: JSON.stringify({ items: [path], nextCursor: null }) })
  const page = await call('GET /api/feed', { query: { limit: 3 } })
  assert.deepEqual(page.items, ['/api/feed?limit=3'])
})

test('an answer without a body is undefined', async () => {
  answer = () => ({ status: 204, body: '' })
  assert.equal(await call('DELETE /api/sessions/current'), undefined)
})

test('a problem keeps its code, its sentence and how long to wait', async () => {
  answer = () => problem('rate.limited', 429)
  const error = await call('GET /api/me').catch((caught: unknown) => caught)
  assert.ok(isProblem(error, 'rate.limited'))
  assert.equal(error.message, 'Said plainly.')
  assert.equal(error.retryAfter, 7)
})

test('the page of a proxy in between is a problem too', async () => {
  answer = () => ({ status: 502, body: '<html>Bad gateway</html>' })
  await assert.rejects(call('GET /api/me'), (error) => isProblem(error, 'server.error'))
})

test('an answer that breaks off is a lost connection, not a crash', async () => {
  answer = () => ({ status: 200, body: '{"items":[', cut: true })
  await assert.rejects(call('GET /api/feed'), (error) => isProblem(error, 'client.offline'))
  assert.equal(online.value, false)
})

test('what was called off is told apart from a lost connection', async () => {
  answer = () => ({ status: 200, body: '{}' })
  const stop = new AbortController()
  stop.abort()
  await assert.rejects(call('GET /api/feed', { signal: stop.signal }), (error) =>
    isProblem(error, 'client.aborted'),
  )
  assert.equal(online.value, true)
})

test('a session that the server has ended is made known', async () => {
  answer = () => problem('auth.invalid', 401)
  let told = 0
  const stop = onSessionEnded(() => told++)
  await assert.rejects(call('GET /api/me'), ApiProblem)
  stop()
  assert.equal(told, 1)
})
