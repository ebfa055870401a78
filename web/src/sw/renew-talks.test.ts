import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { renewTalk, renewTalks } from './renew-talks.ts'
import { changeAccount, keep } from './saved.ts'

const origin = 'https://sun.example'
const shelves = new Map<string, Map<string, Response>>()
const nameOf = (key: string | Request) => new URL(typeof key === 'string' ? key : key.url, origin).href

/** As much of it as the worker uses. */
function shelf(name: string) {
  const rows = shelves.get(name) ?? new Map<string, Response>()
  shelves.set(name, rows)
  return {
    match: async (key: string | Request) => rows.get(nameOf(key))?.clone(),
    put: async (key: string | Request, response: Response) => void rows.set(nameOf(key), response),
    delete: async (key: string | Request) => rows.delete(nameOf(key)),
    keys: async () => [...rows.keys()].map((url) => new Request(url)),
  }
}

/** What the server answers; what is not there it does not know. */
let answers: Record<string, object> = {}
const realFetch = globalThis.fetch

before(() => {
  Object.assign(globalThis, {
    self: { location: { origin } },
    caches: {
      open: async (name: string) => shelf(name),
      keys: async () => [...shelves.keys()],
      delete: async (name: string) => shelves.delete(name),
      match: async (key: string, { cacheName }: { cacheName: string }) => await shelf(cacheName).match(key),
    },
  })
  globalThis.fetch = async (address) => {
    const { pathname, search } = new URL(String(address))
    const answer = answers[pathname + search]
    return answer ? Response.json(answer) : new Response('{}', { status: 404 })
  }
})
after(() => {
  globalThis.fetch = realFetch
  for (const name of ['self', 'caches']) Reflect.deleteProperty(globalThis, name)
})

const said = (sequence: number, text: string, more = {}) => ({
  ...{ id: String(sequence), sequence, version: sequence, text, replyTo: null, unsent: false },
  ...more,
})
const page = (items: object[], version: number, more = {}) => ({
  ...{ items, version, members: [], hasMore: false, emptyUpTo: 0 },
  ...more,
})
const talk = (id: string, version: number, text: string) => ({
  id,
  version,
  lastMessage: said(version, text),
})

async function saved(): Promise<string> {
  const rows = [...shelves.values()].flatMap((one) => [...one.values()])
  return (await Promise.all(rows.map((response) => response.clone().text()))).join('\n')
}

beforeEach(async () => {
  await changeAccount(null)
  await changeAccount('1')
  answers = {}
  const kept = {
    '/api/conversations?folder=inbox': { items: [talk('5', 2, 'secret'), talk('6', 2, 'plain')] },
    '/api/conversations/5': talk('5', 2, 'secret'),
    '/api/conversations/5/messages': page([said(1, 'hello'), said(2, 'secret')], 2),
    '/api/conversations/5/messages?before=1': page([said(0, 'earlier')], 2),
    '/api/conversations/6/messages': page([said(2, 'plain')], 2),
  }
  for (const [path, body] of Object.entries(kept))
    await keep('answers', new URL(path, origin), Response.json(body), '1')
})

test('what is taken back while another page of the app is open is not left on the device', async () => {
  answers['/api/conversations/5/messages?after=2&limit=50'] = page(
    [said(2, '', { version: 3, unsent: true })],
    3,
  )
  await renewTalk('5')
  assert.doesNotMatch(await saved(), /secret|earlier/)
  assert.match(await saved(), /hello/)
  assert.match(await saved(), /plain/)
})

test('a conversation that is deleted for oneself on another device is not left on this one', async () => {
  answers['/api/conversations/5/messages?after=2&limit=50'] = page([], 2, { emptyUpTo: 2 })
  await renewTalk('5')
  assert.doesNotMatch(await saved(), /secret|earlier|hello/)
})

test('without a word of the server nothing that may be gone is kept', async () => {
  await renewTalk('5')
  assert.doesNotMatch(await saved(), /secret|earlier|hello/)
})

test('what was taken back while the device was off is gone once it is on again, and what did not change stays', async () => {
  answers = {
    '/api/conversations?folder=inbox': { items: [talk('5', 3, ''), talk('6', 2, 'plain')] },
    '/api/conversations/5': talk('5', 3, ''),
    '/api/conversations/5/messages?after=2&limit=50': page([said(2, '', { version: 3, unsent: true })], 3),
  }
  await renewTalks([])
  assert.doesNotMatch(await saved(), /secret|earlier/)
  assert.match(await saved(), /hello/)
  assert.equal((await saved()).match(/plain/g)?.length, 2)
})
