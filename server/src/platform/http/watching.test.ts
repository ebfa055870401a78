import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createLog } from '#platform/telemetry/log.ts'
import { createTestHttp } from './test-http.ts'

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)

test('alive at once, ready when told and when every part is there', async () => {
  const http = await createTestHttp()
  let isThere = true
  http.health.register('database', async () => {
    if (!isThere) throw new Error('connect ECONNREFUSED /run/secret.sock')
    return { connections: 3 }
  })
  assert.equal((await http.app.inject('/healthz')).statusCode, 200)
  assert.equal((await http.app.inject('/readyz')).statusCode, 503)
  http.setReady()
  const ready = await http.app.inject('/readyz')
  assert.equal(ready.statusCode, 200)
  assert.deepEqual(ready.json(), { ok: true, checks: { database: { connections: 3, ok: true } } })
  isThere = false
  const away = await http.app.inject('/readyz')
  assert.equal(away.statusCode, 503)
  assert.deepEqual(away.json(), { ok: false, checks: { database: { ok: false } } })
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
