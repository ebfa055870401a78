import assert from 'node:assert/strict'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, test } from 'node:test'
import { type LiveEvent, LiveMessage } from '@heliograph/contract/live'
import { liveCloseCodes } from '@heliograph/contract/live-close-codes'
import { WebSocket } from 'ws'
import type { HttpConfig } from '#config/config.ts'
import type { Http } from '#platform/http/http.ts'
import { createTestHttp } from '#platform/http/test-http.ts'
import { idAt } from '#platform/ids/ids.ts'
import { until } from '../../../test/helpers/until.ts'
import { createLive, type LiveHub, type LiveOptions } from './live.ts'
import { mountLive } from './live-routes.ts'

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)

let http: Http
let hub: LiveHub
let port: number

async function start(options: LiveOptions = {}, config: Partial<HttpConfig> = {}): Promise<void> {
  http = await createTestHttp(config)
  http.setAuthenticator(async ({ headers }) => {
    const name = headers.authorization?.slice('Bearer '.length) ?? headers.cookie?.slice('session='.length)
    const [id, sessionId] = (name ?? '').split('.')
    return id && sessionId ? { id, sessionId, roles: [], hasProof: true } : null
  })
  hub = createLive(options)
  mountLive(http, hub)
  port = await http.listen()
}

async function restart(options: LiveOptions): Promise<void> {
  await http.close()
  await start(options)
}

beforeEach(() => start())
afterEach(() => http.close())

interface Client {
  socket: WebSocket
  /** The next event. */
  next(): Promise<LiveEvent>
  /** The newest id that it has heard. */
  readonly lastId: string | undefined
  closed: Promise<number>
}

function open(headers: Record<string, string>, { host = '127.0.0.1', query = '' } = {}): Client {
  const socket = new WebSocket(`ws://${host}:${port}/api/live${query}`, { headers })
  const events: LiveEvent[] = []
  let lastId: string | undefined
  const waiting: ((event: LiveEvent) => void)[] = []
  socket.on('message', (data) => {
    const { id, ...event } = LiveMessage.parse(JSON.parse(String(data)))
    lastId = id ?? lastId
    const first = waiting.shift()
    if (first === undefined) events.push(event)
    else first(event)
  })
  const closed = once(socket, 'close').then(([code]) => code as number)
  closed.catch(() => {})
  return {
    socket,
    closed,
    get lastId() {
      return lastId
    },
    next: async () => events.shift() ?? new Promise((resolve) => waiting.push(resolve)),
  }
}

async function connect(who: string, at: { host?: string; query?: string } = {}): Promise<Client> {
  const client = open({ authorization: `Bearer ${who}` }, at)
  assert.deepEqual(await client.next(), { type: 'hello' })
  return client
}

async function refusal(headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, { headers })
  const [, response] = await once(socket, 'unexpected-response')
  socket.on('error', () => {})
  socket.terminate()
  return response.statusCode
}

test('an event reaches every socket of its account and nobody else', async () => {
  const [one, two, other] = await Promise.all([connect('1.10'), connect('1.11'), connect('2.20')])
  assert.deepEqual(hub.connected().sort(), ['1', '2'])
  hub.send('1', { type: 'feed.post', postId: '5', authorId: '2' })
  hub.send('2', { type: 'me.changed' })
  hub.send('3', { type: 'me.changed' })
  for (const client of [one, two])
    assert.deepEqual(await client.next(), { type: 'feed.post', postId: '5', authorId: '2' })
  assert.deepEqual(await other.next(), { type: 'me.changed' })
})

test('a cookie opens it from our own page, and from no other', async () => {
  const headers = { cookie: 'session=1.10', origin: `http://127.0.0.1:${port}` }
  assert.deepEqual(await open(headers).next(), { type: 'hello' })
  assert.equal(await refusal({ ...headers, origin: 'https://evil.example' }), 403)
  assert.equal(await refusal({ ...headers, origin: 'null' }), 403)
  assert.equal(await refusal({ ...headers, host: 'evil.example' }), 421)
})

test('opening one is a request that was answered, and leaves nothing of it behind', async () => {
  const client = await connect('1.10')
  const count = async () =>
    /duration_seconds_count\{method="GET",route="\/api\/live",status="(\d+)"\} (\d+)/
      .exec(await http.metrics.registry.metrics())
      ?.slice(1)
  assert.deepEqual(await count(), ['101', '1'])
  await leave(client)
  assert.deepEqual(await count(), ['101', '1'])
})

test('nobody gets in without a session', async () => {
  assert.equal(await refusal({}), 401)
  assert.equal(await refusal({ authorization: 'Bearer nobody' }), 401)
  assert.deepEqual(hub.connected(), [])
})

test('a plain request is told what to speak', async () => {
  const response = await http.app.inject({ url: '/api/live', headers: { authorization: 'Bearer 1.10' } })
  assert.equal(response.statusCode, 400)
  assert.match(response.json().detail, /websocket/)
})

test('a session that ends takes its sockets along, and no others', async () => {
  const [ended, kept] = await Promise.all([connect('1.10'), connect('1.11')])
  hub.closeSessions(['10'])
  assert.deepEqual(await ended.next(), { type: 'session.ended' })
  assert.equal(await ended.closed, liveCloseCodes.sessionEnded)
  hub.send('1', { type: 'me.changed' })
  assert.deepEqual(await kept.next(), { type: 'me.changed' })
})

test('an account that is closed loses all its sockets', async () => {
  const clients = await Promise.all([connect('1.10'), connect('1.11')])
  hub.closeAccount('1')
  for (const client of clients) assert.equal(await client.closed, liveCloseCodes.sessionEnded)
  assert.deepEqual(hub.connected(), [])
})

test('a session that ends while its socket is being opened keeps none', async () => {
  for (const end of [() => hub.closeSessions(['10']), () => hub.closeAccount('2')]) end()
  assert.equal(await open({ authorization: 'Bearer 1.10' }).closed, liveCloseCodes.sessionEnded)
  assert.equal(await open({ authorization: 'Bearer 2.20' }).closed, liveCloseCodes.sessionEnded)
  await connect('1.11')
  const signedInAgain = idAt(Date.now() + 1000, 0, 0, 0)
  await connect(`2.${signedInAgain}`)
})

const post = (n: number): LiveEvent => ({ type: 'feed.post', postId: String(n), authorId: '2' })

async function leave(client: Client): Promise<void> {
  client.socket.close()
  await client.closed
  await until(() => !hub.isHere('1'))
}

test('who lost the connection gets exactly what was missed, in order, and nothing twice', async () => {
  const first = await connect('1.10')
  hub.send('1', post(1))
  assert.deepEqual(await first.next(), post(1))
  await leave(first)
  for (let n = 2; n <= 5; n += 1) hub.send('1', post(n))
  const again = await connect('1.10', { query: `?after=${first.lastId}` })
  hub.send('1', post(6))
  for (let n = 2; n <= 6; n += 1) assert.deepEqual(await again.next(), post(n))
  await leave(again)
  const third = await connect('1.11', { query: `?after=${again.lastId}` })
  hub.send('1', { type: 'me.changed' })
  assert.deepEqual(await third.next(), { type: 'me.changed' })
})

test('who was away for longer than is kept, or comes from another process, is told once to read again', async () => {
  await restart({ maxWords: 4 })
  const first = await connect('1.10')
  await leave(first)
  for (let n = 1; n <= 5; n += 1) hub.send('1', post(n))
  for (const after of [first.lastId, 'abcdefgh.0', 'abcdefgh.7', '', 'nonsense', '%00.1', '9.9&after=8']) {
    const again = await connect('1.10', { query: `?after=${after}` })
    assert.deepEqual(await again.next(), { type: 'resync' }, after)
    hub.send('1', post(6))
    assert.deepEqual(await again.next(), post(6))
    await leave(again)
    const third = await connect('1.10', { query: `?after=${again.lastId}` })
    hub.send('1', post(7))
    assert.deepEqual(await third.next(), post(7), 'told once is told')
    await leave(third)
  }
})

test('who has to read again and loses the connection before it is told is told the next time', async () => {
  const headers = { authorization: 'Bearer 1.10' }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live?after=abcdefgh.3`, { headers })
  const [hello] = await once(socket, 'message')
  assert.equal(String(hello), '{"type":"hello"}', 'no id that would stand for what was missed')
  socket.terminate()
})

test('words of a stream never come behind later ones of it', async () => {
  const client = await connect('1.10')
  for (const at of [1, 3, 2, 3, 4]) hub.send('1', post(at), { stream: 'c', at })
  hub.send('1', post(2), { stream: 'd', at: 2 })
  for (const n of [1, 3, 3, 4, 2]) assert.deepEqual(await client.next(), post(n))
})

test('words are kept for a while, within bounds, and for nobody who left for good', async () => {
  await restart({ keepMs: 1, heartbeatMs: 20 })
  const first = await connect('1.10')
  hub.send('1', post(1))
  await leave(first)
  await until(() => hub.connected().length === 0)
  hub.send('1', post(2))
  assert.equal(hub.figures.keptLength, 0)
  await restart({ maxKeptLength: 1000 })
  for (let account = 1; account <= 20; account += 1) await connect(`${account}.10`)
  for (let n = 0; n < 100; n += 1) hub.send(String(1 + (n % 20)), post(n + 1))
  assert.ok(hub.figures.keptLength <= 1000)
})

test('when it is not known who missed something, all read again, once', async () => {
  await restart({ settleMs: 1 })
  const [one, other] = await Promise.all([connect('1.10'), connect('2.20')])
  for (let times = 0; times < 5; times++) hub.missed()
  for (const client of [one, other]) assert.deepEqual(await client.next(), { type: 'resync' })
  hub.missed()
  for (const id of ['1', '2']) hub.send(id, post(1))
  for (const client of [one, other]) assert.deepEqual(await client.next(), post(1))
})

test('a client that does not read costs bounded memory, and is told to read again once it does', async () => {
  const client = await connect('1.10')
  client.socket.pause()
  let most = 0
  // More than the system keeps for a socket.
  for (let sent = 0; sent < 200_000; sent += 1) {
    hub.send('1', post(1))
    if (sent % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
    most = Math.max(most, hub.figures.waitingBytes + hub.figures.keptLength)
  }
  assert.ok(most < 64 * 1024, `${most} bytes waited`)
  client.socket.resume()
  let event: LiveEvent
  do event = await client.next()
  while (event.type === 'feed.post')
  assert.deepEqual(event, { type: 'resync' })
  hub.send('1', post(2))
  do event = await client.next()
  while (event.type === 'resync')
  assert.deepEqual(event, post(2))
})

test('one socket too many of an account: the oldest goes', async () => {
  await restart({ maxSocketsPerAccount: 2 })
  const first = await connect('1.10')
  const second = await connect('1.10')
  const third = await connect('1.10')
  assert.equal(await first.closed, liveCloseCodes.tooMany)
  hub.send('1', { type: 'me.changed' })
  assert.deepEqual(await second.next(), { type: 'me.changed' })
  assert.deepEqual(await third.next(), { type: 'me.changed' })
})

test('a peer that is gone without a word is noticed', async () => {
  await restart({ heartbeatMs: 50 })
  const alive = await connect('1.10')
  const dead = open({ authorization: 'Bearer 2.20' })
  await dead.next()
  dead.socket.pong = () => {}
  dead.socket.removeAllListeners('ping')
  ;(dead.socket as unknown as { _autoPong: boolean })._autoPong = false
  await dead.closed
  assert.deepEqual([hub.isHere('1'), hub.isHere('2')], [true, false])
  alive.socket.close()
  await alive.closed
})

test('a ping is answered, so that a page knows whether anybody is there', async () => {
  const client = await connect('1.10')
  client.socket.send('{"type":"ping"}')
  assert.deepEqual(await client.next(), { type: 'pong' })
})

test('a client that says much, or much at once, or what nobody asked for, is cut off', async () => {
  const large = await connect('1.10')
  large.socket.send('x'.repeat(10_000))
  assert.equal(await large.closed, 1009)
  const chatty = await connect('1.11')
  for (let i = 0; i < 200; i += 1) chatty.socket.send('{"type":"ping"}')
  assert.equal(await chatty.closed, liveCloseCodes.tooChatty)
  for (const text of ['x', '', '[]', '{"type":"hello"}', '{"type":"ping","to":"2"}', Buffer.from([1, 2])]) {
    const odd = await connect('1.12')
    odd.socket.send(text)
    assert.equal(await odd.closed, liveCloseCodes.tooChatty)
  }
})

test('who listens for long is asked anew who they are, and misses nothing by it', async () => {
  await restart({ maxAgeMs: 1, heartbeatMs: 20 })
  const first = await connect('1.10')
  assert.equal(await first.closed, liveCloseCodes.askedAnew)
  hub.send('1', post(1))
  assert.deepEqual(await (await connect('1.10', { query: `?after=${first.lastId}` })).next(), post(1))
})

test('one address has so many sockets and no more, and room again when one goes', async () => {
  await http.close()
  await start({ maxSocketsPerAddress: 2 }, { rateLimits: 'strict' })
  const [first] = await Promise.all([connect('1.10'), connect('2.20')])
  assert.equal(await refusal({ authorization: 'Bearer 3.30' }), 429)
  await leave(first!)
  await connect('3.30')
})

for (const host of hasIPv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1'])
  test(`a server that stops says so on ${host}, and is not held open`, { timeout: 20_000 }, async () => {
    const client = await connect('1.10', { host })
    const [code] = await Promise.all([client.closed, http.close()])
    assert.equal(code, liveCloseCodes.goingAway)
  })
