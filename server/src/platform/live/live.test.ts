import assert from 'node:assert/strict'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, test } from 'node:test'
import { LiveEvent } from '@heliograph/contract/live'
import { WebSocket } from 'ws'
import type { Http } from '#platform/http/http.ts'
import { createTestHttp } from '#platform/http/test-http.ts'
import { idAt } from '#platform/ids/ids.ts'
import { closeCodes, createLive, type LiveHub, type LiveOptions } from './live.ts'
import { mountLive } from './live-routes.ts'

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)

let http: Http
let hub: LiveHub
let port: number

async function start(options: LiveOptions = {}): Promise<void> {
  http = await createTestHttp()
  http.setAuthenticator(async ({ headers }) => {
    const name = headers.authorization?.slice('Bearer '.length) ?? headers.cookie?.slice('session='.length)
    const [id, sessionId] = (name ?? '').split('.')
    return id && sessionId ? { id, sessionId, roles: [], hasProof: true } : null
  })
  hub = createLive(options)
  mountLive(http, hub)
  port = await http.listen()
}

beforeEach(() => start())
afterEach(() => http.close())

interface Client {
  socket: WebSocket
  /** The next event. */
  next(): Promise<LiveEvent>
  closed: Promise<number>
}

function open(headers: Record<string, string>, host = '127.0.0.1'): Client {
  const socket = new WebSocket(`ws://${host}:${port}/api/live`, { headers })
  const events: LiveEvent[] = []
  const waiting: ((event: LiveEvent) => void)[] = []
  socket.on('message', (data) => {
    const event = LiveEvent.parse(JSON.parse(String(data)))
    const first = waiting.shift()
    if (first === undefined) events.push(event)
    else first(event)
  })
  const closed = once(socket, 'close').then(([code]) => code as number)
  closed.catch(() => {})
  return {
    socket,
    closed,
    next: async () => events.shift() ?? new Promise((resolve) => waiting.push(resolve)),
  }
}

async function connect(who: string, host?: string): Promise<Client> {
  const client = open({ authorization: `Bearer ${who}` }, host)
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
  hub.closeSession('10')
  assert.deepEqual(await ended.next(), { type: 'session.ended' })
  assert.equal(await ended.closed, closeCodes.sessionEnded)
  hub.send('1', { type: 'me.changed' })
  assert.deepEqual(await kept.next(), { type: 'me.changed' })
})

test('an account that is closed loses all its sockets', async () => {
  const clients = await Promise.all([connect('1.10'), connect('1.11')])
  hub.closeAccount('1')
  for (const client of clients) assert.equal(await client.closed, closeCodes.sessionEnded)
  assert.deepEqual(hub.connected(), [])
})

test('a session that ends while its socket is being opened keeps none', async () => {
  for (const end of [() => hub.closeSession('10'), () => hub.closeAccount('2')]) end()
  assert.equal(await open({ authorization: 'Bearer 1.10' }).closed, closeCodes.sessionEnded)
  assert.equal(await open({ authorization: 'Bearer 2.20' }).closed, closeCodes.sessionEnded)
  await connect('1.11')
  const signedInAgain = idAt(Date.now() + 1000, 0, 0, 0)
  await connect(`2.${signedInAgain}`)
})

test('a client that does not read costs bounded memory and is told to read again', async () => {
  await http.close()
  await start({ maxBufferedBytes: 64 * 1024 })
  const client = await connect('1.10')
  client.socket.pause()
  let sent = 0
  while (hub.isConnected('1')) {
    hub.send('1', { type: 'feed.post', postId: '5', authorId: '2' })
    sent += 1
    if (sent % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  client.socket.resume()
  assert.equal(await client.closed, closeCodes.tooSlow)
})

test('one socket too many of an account: the oldest goes', async () => {
  await http.close()
  await start({ maxSocketsPerAccount: 2 })
  const first = await connect('1.10')
  const second = await connect('1.10')
  const third = await connect('1.10')
  assert.equal(await first.closed, closeCodes.tooMany)
  hub.send('1', { type: 'me.changed' })
  assert.deepEqual(await second.next(), { type: 'me.changed' })
  assert.deepEqual(await third.next(), { type: 'me.changed' })
})

test('a peer that is gone without a word is noticed', async () => {
  await http.close()
  await start({ heartbeatMs: 50 })
  const alive = await connect('1.10')
  const dead = open({ authorization: 'Bearer 2.20' })
  await dead.next()
  dead.socket.pong = () => {}
  dead.socket.removeAllListeners('ping')
  ;(dead.socket as unknown as { _autoPong: boolean })._autoPong = false
  await dead.closed
  assert.deepEqual(hub.connected(), ['1'])
  alive.socket.close()
  await alive.closed
})

test('a client that sends much, or much at once, is cut off', async () => {
  const large = await connect('1.10')
  large.socket.send('x'.repeat(10_000))
  assert.equal(await large.closed, 1009)
  const chatty = await connect('1.11')
  for (let i = 0; i < 200; i += 1) chatty.socket.send('x')
  assert.equal(await chatty.closed, closeCodes.tooChatty)
})

for (const host of hasIPv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1'])
  test(`a server that stops says so on ${host}, and is not held open`, { timeout: 20_000 }, async () => {
    const client = await connect('1.10', host)
    const [code] = await Promise.all([client.closed, http.close()])
    assert.equal(code, closeCodes.goingAway)
  })
