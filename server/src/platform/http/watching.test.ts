import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createTestClock } from '#platform/clock/clock.ts'
import { createLog } from '#platform/telemetry/log.ts'
import type { Http } from './http.ts'
import { createTestHttp } from './test-http.ts'

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)

test('alive at once, ready when told and when every part is there', async () => {
  const clock = createTestClock()
  const http = await createTestHttp({}, { clock })
  let isThere = true
  http.health.register('database', async () => {
    if (!isThere) throw new Error('connect ECONNREFUSED /run/secret.sock')
    return { connections: 3 }
  })
  assert.equal((await http.app.inject('/healthz')).statusCode, 200)
  assert.equal((await http.app.inject('/readyz')).statusCode, 503)
  http.setReady()
  await clock.advance(1000)
  const ready = await http.app.inject('/readyz')
  assert.equal(ready.statusCode, 200)
  assert.deepEqual(ready.json(), { ok: true, checks: { database: { connections: 3, ok: true } } })
  isThere = false
  await clock.advance(1000)
  const away = await http.app.inject('/readyz')
  assert.equal(away.statusCode, 503)
  assert.deepEqual(away.json(), { ok: false, checks: { database: { ok: false } } })
  await http.close()
})

test('asking for readiness over and over never asks the dependencies over and over', async () => {
  const clock = createTestClock()
  const http = await createTestHttp({}, { clock })
  let asked = 0
  http.health.register('database', async () => {
    asked += 1
    return {}
  })
  http.setReady()
  const ask = () => Promise.all(Array.from({ length: 20 }, () => http.app.inject('/readyz')))
  for (const { statusCode } of await ask()) assert.equal(statusCode, 200)
  assert.equal(asked, 1)
  await clock.advance(1000)
  await ask()
  assert.equal(asked, 2)
  await http.close()
})

test('metrics show durations by route, never an address', async () => {
  const http = await createTestHttp()
  http.app.get('/users/:name', async () => 'ok')
  await http.app.inject('/users/somebody')
  const { body } = await http.app.inject('/metrics')
  assert.match(
    body,
    /heliograph_http_request_duration_seconds_count\{method="GET",route="\/users\/:name",status="200"\} 1/,
  )
  assert.match(body, /nodejs_eventloop_lag_seconds/)
  assert.doesNotMatch(body, /somebody/)
  await http.close()
})

test('metrics are for loopback, or for who has the token', async () => {
  const http = await createTestHttp()
  const status = async (from: object) => (await http.app.inject({ url: '/metrics', ...from })).statusCode
  assert.equal(await status({ remoteAddress: '192.0.2.1' }), 403)
  assert.equal(await status({ remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': '192.0.2.1' } }), 403)
  assert.equal(await status({ remoteAddress: '::1' }), 200)
  await http.close()
  const other = await createTestHttp({ metricsToken: 'right' })
  const withToken = async (authorization: string) =>
    (await other.app.inject({ url: '/metrics', remoteAddress: '192.0.2.1', headers: { authorization } }))
      .statusCode
  assert.equal(await withToken('Bearer wrong'), 403)
  assert.equal(await withToken('Bearer right'), 200)
  await other.close()
})

test('above the number of requests that can be borne, new ones are turned away and health still answers', async () => {
  const http = await createTestHttp({}, { shedding: { maxInFlight: 2 } })
  let open = () => {}
  const door = new Promise<void>((resolve) => {
    open = resolve
  })
  http.app.get('/slow', async () => {
    await door
    return 'ok'
  })
  const waiting = [http.app.inject('/slow'), http.app.inject('/slow')]
  await new Promise((resolve) => setImmediate(resolve))
  const refused = await http.app.inject('/slow')
  assert.equal(refused.statusCode, 503)
  assert.equal(refused.json().code, 'server.overloaded')
  assert.equal(refused.headers['retry-after'], '2')
  assert.equal((await http.app.inject('/healthz')).statusCode, 200)
  open()
  for (const { statusCode } of await Promise.all(waiting)) assert.equal(statusCode, 200)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await http.app.inject('/slow')).statusCode, 200)
  await http.close()
})

/** A connection that says what it wants and keeps us waiting for its body. */
async function sendSlowly(port: number, path = '/things'): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  const head = ['host: localhost', 'content-type: application/json', 'content-length: 99']
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n{`)
  return socket
}

/** Resolves when the server has seen so many requests. */
function hears(http: Http, count: number): () => Promise<void> {
  let seen = 0
  let done = () => {}
  const all = new Promise<void>((resolve) => {
    done = resolve
  })
  http.app.addHook('onRequest', async () => {
    seen += 1
    if (seen === count) done()
  })
  return () => all
}

test('bodies that never come are no work: they never turn anybody else away', async () => {
  const http = await createTestHttp({}, { shedding: { maxInFlight: 2 } })
  http.app.post('/things', async () => 'ok')
  http.app.get('/quick', async () => 'ok')
  const heard = hears(http, 5)
  const port = await http.listen()
  const slow = await Promise.all(Array.from({ length: 5 }, () => sendSlowly(port)))
  await heard()
  assert.equal((await fetch(`http://127.0.0.1:${port}/quick`)).status, 200)
  for (const socket of slow) socket.destroy()
  await http.close()
})

test('answers that are never read are no work: they never turn anybody else away', async () => {
  const http = await createTestHttp({}, { shedding: { maxInFlight: 2 } })
  const large = Buffer.alloc(50_000_000)
  http.app.get('/large', async (_request, reply) => reply.send(Readable.from([large])))
  http.app.get('/quick', async () => 'ok')
  const port = await http.listen()
  const idle = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write('GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await once(socket, 'readable')
      return socket
    }),
  )
  assert.equal((await fetch(`http://127.0.0.1:${port}/quick`)).status, 200)
  for (const socket of idle) socket.destroy()
  await http.close()
})

test('a body that drips in never keeps its connection: it is told, and ended', async () => {
  const http = await createTestHttp({}, { bodyTimeMs: 100 })
  http.app.post('/things', async () => 'ok')
  http.app.post('/api/uploads/:id', async () => 'ok')
  const port = await http.listen()
  const file = await sendSlowly(port, '/api/uploads/7')
  for (const path of ['/things', '/nothing']) {
    const socket = await sendSlowly(port, path)
    const told = await text(socket)
    assert.match(told, /^HTTP\/1\.1 408 [\s\S]*"request\.too_slow"/, path)
  }
  assert.equal(file.destroyed, false, 'a file may take its time')
  file.destroy()
  assert.equal((await fetch(`http://127.0.0.1:${port}/things`, { method: 'POST' })).status, 200)
  await http.close()
})

test('one address never holds more than its share of open requests', async () => {
  const http = await createTestHttp({ rateLimits: 'default' }, { openPerAddress: 3 })
  http.app.post('/things', async () => 'ok')
  http.app.get('/quick', async () => 'ok')
  const heard = hears(http, 3)
  const port = await http.listen()
  const slow = await Promise.all(Array.from({ length: 3 }, () => sendSlowly(port)))
  await heard()
  const refused = await fetch(`http://127.0.0.1:${port}/quick`)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2'])
  const other = await http.app.inject({ url: '/quick', remoteAddress: '192.0.2.1' })
  assert.equal(other.statusCode, 200)
  for (const socket of slow) socket.destroy()
  while ((await fetch(`http://127.0.0.1:${port}/quick`)).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 10))
  for (let i = 0; i < 5; i += 1)
    assert.equal((await fetch(`http://127.0.0.1:${port}/quick`)).status, 200, 'what ended is not counted')
  await http.close()
})

test('a blocked event loop turns requests away until it is free again', async () => {
  const http = await createTestHttp({}, { shedding: { maxDelayMs: 20, sampleMs: 50 } })
  http.app.get('/quick', async () => 'ok')
  await http.app.ready()
  const statuses = new Set<number>()
  while (!statuses.has(503)) {
    const until = performance.now() + 60
    while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve))
    statuses.add((await http.app.inject('/quick')).statusCode)
  }
  while ((await http.app.inject('/quick')).statusCode !== 200)
    await new Promise((resolve) => setTimeout(resolve, 20))
  await http.close()
})

test('one stall, as of a start or a machine that stood still, turns nobody away', async () => {
  const http = await createTestHttp({}, { shedding: { maxDelayMs: 200, sampleMs: 300 } })
  http.app.get('/quick', async () => 'ok')
  await http.app.ready()
  // Delays are measured from the first turn on.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const until = performance.now() + 900
  while (performance.now() < until);
  // The sample that it was in is the last one for so long.
  for (let n = 0; n < 12; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal((await http.app.inject('/quick')).statusCode, 200)
  }
  await http.close()
})

test('a client that goes away is no error of the server', async () => {
  const lines: string[] = []
  let noted = () => {}
  const isNoted = new Promise<void>((resolve) => {
    noted = resolve
  })
  const write = (line: string) => {
    lines.push(line)
    if (line.includes('"status":499')) noted()
  }
  const http = await createTestHttp({}, { log: createLog({ level: 'debug', destination: { write } }) })
  let reached = () => {}
  const isReached = new Promise<void>((resolve) => {
    reached = resolve
  })
  http.app.get('/long', async (request) => {
    const gone = once(request.raw.socket, 'close')
    reached()
    await gone
    throw new Error('nobody to tell')
  })
  const port = await http.listen()
  const stop = new AbortController()
  const asked = fetch(`http://127.0.0.1:${port}/long`, { signal: stop.signal }).catch(() => 'aborted')
  await isReached
  stop.abort()
  assert.equal(await asked, 'aborted')
  await isNoted
  await http.close()
  assert.ok(!lines.some((line) => line.includes('"level":"error"')), lines.join(''))
  assert.ok(
    lines.some((line) => line.includes('"status":499')),
    lines.join(''),
  )
})

test('both loopbacks are listened to on one port, with or without a name for them', async () => {
  const http = await createTestHttp()
  const port = await http.listen()
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
  if (hasIPv6) assert.equal((await fetch(`http://[::1]:${port}/healthz`)).status, 200)
  const other = await createTestHttp({ port })
  await assert.rejects(other.listen(), { code: 'EADDRINUSE' })
  await http.close()
  await other.close()
})

test('a port that another program has on one loopback alone is taken', { skip: !hasIPv6 }, async () => {
  const program = createServer()
  program.listen({ port: 0, host: '::1' })
  await once(program, 'listening')
  const http = await createTestHttp({ port: (program.address() as AddressInfo).port })
  await assert.rejects(http.listen(), { code: 'EADDRINUSE' })
  await http.close()
  program.close()
})

for (const host of hasIPv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1'])
  test(`a stop lets requests under way on ${host} end, and waits for no idle connection`, {
    timeout: 20_000,
  }, async () => {
    const http = await createTestHttp()
    let reached = () => {}
    let finish = () => {}
    const isReached = new Promise<void>((resolve) => {
      reached = resolve
    })
    http.app.get('/long', async () => {
      reached()
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return 'done'
    })
    const port = await http.listen()
    const agent = new Agent({ keepAlive: true })
    const answered = new Promise<string>((resolve, reject) => {
      get(
        { host: host.replace(/[[\]]/g, ''), port, path: '/long', agent, headers: { host: 'localhost' } },
        (response) => text(response).then(resolve, reject),
      ).on('error', reject)
    })
    await isReached
    const closed = http.close()
    await new Promise((resolve) => setTimeout(resolve, 50))
    finish()
    assert.equal(await answered, 'done')
    await closed
    agent.destroy()
  })
