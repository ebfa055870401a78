import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, type TestContext, test } from 'node:test'
import type { Me } from '@heliograph/contract/accounts'
import { online } from '../../lib/online.ts'
import { me, refreshMe, signOut } from '../../lib/session.ts'
import { keepDraft, unkeptDraft } from './drafts.ts'
import { discard, outgoing, resumeSending, send, sendAgain } from './send-queue.ts'

let server: Server
/** What came, and what is answered to the next one. */
let came: { clientId: string; text: string; replyTo?: string }[] = []
let refusal = 'message.not_allowed'
let answer: 'take' | 'take and lose the answer' | 'refuse' | 'be away' = 'take'
const taken = new Map<string, string>()
const realFetch = globalThis.fetch

beforeEach(async () => {
  came = []
  refusal = 'message.not_allowed'
  taken.clear()
  outgoing.value = []
  online.value = true
  me.value = { id: '1' } as Me
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => {
      body += piece
    })
    request.on('end', () => {
      if (request.url === '/api/me')
        return response.writeHead(401).end(JSON.stringify({ code: 'auth.invalid' }))
      if (request.method === 'DELETE') return response.writeHead(204).end()
      if (request.method !== 'POST') return response.writeHead(404).end('{}')
      if (answer === 'be away') return response.destroy()
      const message = JSON.parse(body) as { clientId: string; text: string; replyTo?: string }
      came.push(message)
      if (answer === 'refuse') {
        response.writeHead(403).end(JSON.stringify({ code: refusal, title: 'Not from you.' }))
        return
      }
      taken.set(message.clientId, message.text)
      if (answer === 'take and lose the answer') return response.destroy()
      response
        .writeHead(201)
        .end(JSON.stringify({ ...message, id: '9', conversationId: '5', sequence: 1, version: 1 }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  globalThis.fetch = (path, init) => realFetch(`http://127.0.0.1:${port}${path}`, init)
})

afterEach(async () => {
  for (const { clientId } of outgoing.peek()) discard(clientId)
  globalThis.fetch = realFetch
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const say = (text: string) => send({ conversationId: '5', text, attachments: [], replyTo: null })

function until(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (isSo() ? resolve() : setTimeout(look, 5))
    look()
  })
}

test('what was written without a connection goes out once it is back, in order, and once', async () => {
  answer = 'be away'
  say('one')
  say('two')
  await until(() => !online.value)
  assert.deepEqual(
    outgoing.value.map(({ text, problem }) => [text, problem]),
    [
      ['one', undefined],
      ['two', undefined],
    ],
  )
  answer = 'take'
  online.value = true
  await until(() => outgoing.value.length === 0)
  assert.deepEqual([...taken.values()], ['one', 'two'])
})

test('an answer that is lost is asked for again under the same id, so that nothing is there twice', async () => {
  answer = 'take and lose the answer'
  say('once')
  await until(() => came.length === 1 && !online.value)
  answer = 'take'
  online.value = true
  await until(() => outgoing.value.length === 0)
  assert.equal(came.length, 2)
  assert.equal(taken.size, 1)
})

test('what the server refuses waits with the reason, holds nothing up, and is sent again when asked', async () => {
  answer = 'refuse'
  say('no')
  await until(() => outgoing.value[0]?.problem !== undefined)
  assert.equal(outgoing.value[0]?.problem, 'Not from you.')
  answer = 'take'
  say('yes')
  await until(() => outgoing.value.length === 1)
  const [refused] = outgoing.value
  assert.ok(refused)
  sendAgain(refused)
  await until(() => outgoing.value.length === 0)
  assert.deepEqual([...taken.values()], ['yes', 'no'])
  assert.equal(
    taken.has(refused.clientId),
    true,
    'under the same id: it is there once, however often it is tried',
  )
})

test('words whose id is another message by now are sent under a new one', async () => {
  answer = 'refuse'
  refusal = 'message.client_id_used'
  say('other words')
  await until(() => outgoing.value[0]?.problem !== undefined)
  const [refused] = outgoing.value
  assert.ok(refused)
  answer = 'take'
  sendAgain(refused)
  await until(() => outgoing.value.length === 0)
  assert.equal(taken.has(refused.clientId), false)
  assert.deepEqual([...taken.values()], ['other words'])
})

test('an answer to what its writer deleted meanwhile is not refused for ever', async () => {
  answer = 'refuse'
  refusal = 'message.not_found'
  const replyTo = { id: '7', sequence: 1, senderId: '2', text: 'gone', hasAttachments: false }
  send({ conversationId: '5', text: 'still said', attachments: [], replyTo })
  await until(() => outgoing.value[0]?.problem !== undefined)
  assert.equal(came[0]?.replyTo, '7')
  const [refused] = outgoing.value
  assert.ok(refused)
  answer = 'take'
  sendAgain(refused)
  await until(() => outgoing.value.length === 0)
  assert.equal(came[1]?.replyTo, undefined)
  assert.deepEqual([...taken.values()], ['still said'])
})

test('what another person left on this screen is not sent under the next one’s name', async () => {
  answer = 'be away'
  say('mine')
  await until(() => !online.value)
  me.value = { id: '2' } as Me
  answer = 'take'
  online.value = true
  say('theirs')
  await until(() => taken.size > 0)
  assert.deepEqual([...taken.values()], ['theirs'])
})

/** What lies on this device, its keys as those of an object, as in browsers. */
function openStorage(t: TestContext, name: 'localStorage' | 'sessionStorage'): Map<string, string> {
  const stored = new Map<string, string>()
  const storage = {
    get length() {
      return stored.size
    },
    key: (at: number) => [...stored.keys()][at] ?? null,
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  }
  const value = new Proxy(storage, {
    ownKeys: () => [...stored.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  })
  Object.defineProperty(globalThis, name, { value, configurable: true })
  t.after(() => Reflect.deleteProperty(globalThis, name))
  return stored
}

test('a session that the server ended takes nothing that was written, and gives it to nobody else', async (t) => {
  const [stored, ofTab] = [openStorage(t, 'localStorage'), openStorage(t, 'sessionStorage')]
  Object.assign(globalThis, { document: new EventTarget(), removeEventListener: () => undefined })
  t.after(() => {
    for (const name of ['document', 'removeEventListener']) Reflect.deleteProperty(globalThis, name)
  })
  ofTab.set('heliograph.scroll', '[]').set('heliograph.comment.1.7', 'begun')
  stored.set('heliograph.me.2', '{}').set('heliograph.theme', 'dark')
  answer = 'be away'
  keepDraft('5', 'words of mine')
  say('on its way')
  await until(() => !online.value)
  const { clientId } = outgoing.peek()[0]!
  await refreshMe()
  assert.equal(me.peek(), null)
  const kept = ['heliograph.theme', 'heliograph.message.1.5', `heliograph.sending.1.${clientId}`]
  assert.deepEqual([...stored.keys()], kept)
  assert.deepEqual([...ofTab.keys()], ['heliograph.comment.1.7'])

  me.value = { id: '2' } as Me
  assert.equal(unkeptDraft('5'), undefined)
  await resumeSending()
  assert.deepEqual(outgoing.peek(), [])
  me.value = { id: '1' } as Me
  assert.equal(unkeptDraft('5'), 'words of mine')
  answer = 'take'
  online.value = true
  await resumeSending()
  await until(() => outgoing.value.length === 0)
  assert.deepEqual([...taken.values()], ['on its way'])

  await signOut()
  assert.deepEqual([...stored.keys(), ...ofTab.keys()], ['heliograph.theme'], 'who signs out takes it along')
})

test('a page that is gone right after the tap loses nothing, and sends nothing twice', async (t) => {
  const stored = openStorage(t, 'localStorage')
  answer = 'be away'
  say('one')
  say('two')
  await until(() => !online.value)
  const written = [...stored]
  for (const { clientId } of outgoing.peek()) discard(clientId)
  assert.equal(stored.size, 0, 'what was thrown away does not come back')

  for (const [key, value] of written) stored.set(key, value)
  answer = 'take'
  online.value = true
  await resumeSending()
  await until(() => outgoing.value.length === 0)
  assert.deepEqual([...taken.values()], ['one', 'two'])
  assert.equal(stored.size, 0)
  await resumeSending()
  assert.deepEqual(outgoing.value, [])
})
