import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { Message } from '@heliograph/contract/messages'
import { startLive, stopLive } from '../../lib/live.ts'
import { threadOf } from './thread.ts'

const realFetch = globalThis.fetch
afterEach(() => {
  globalThis.fetch = realFetch
})

/** The server, in the hands of the test: each question waits for its answer. */
const asked: {
  query: URLSearchParams
  answer: (sequences: number[], version: number, hidden?: string) => void
}[] = []
function listen(): void {
  asked.length = 0
  globalThis.fetch = (path) =>
    new Promise((resolve) => {
      asked.push({
        query: new URL(String(path), 'https://sun.example').searchParams,
        answer(sequences, version, hidden) {
          const items = sequences.map(
            (sequence) =>
              ({
                id: String(sequence),
                sequence,
                version: sequence,
                senderId: String(sequence % 10),
                unavailable: String(sequence % 10) === hidden,
                attachments: [],
                replyTo: null,
              }) as unknown as Message,
          )
          resolve(Response.json({ items, members: [], version, hasMore: true, emptyUpTo: 0 }))
        },
      })
    })
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

test('a page further up that was asked for before all was read anew leaves no silent gap', async () => {
  listen()
  const thread = threadOf('1')
  const numbers = () => thread.messages.peek().map(({ sequence }) => sequence)
  const first = thread.catchUp()
  await until(() => asked.length === 1)
  asked[0]!.answer([4, 5], 5)
  await first
  const up = thread.older()
  const anew = thread.restart()
  await until(() => asked.length === 3)
  assert.equal(asked[1]!.query.get('before'), '4')
  asked[2]!.answer([90, 91], 91)
  await anew
  asked[1]!.answer([2, 3], 91)
  await up
  assert.deepEqual(numbers(), [90, 91])
})

test('to read all anew is not forgotten because something new was just being asked for', async () => {
  listen()
  const thread = threadOf('2')
  const first = thread.catchUp()
  await until(() => asked.length === 1)
  asked[0]!.answer([4, 5], 5)
  await first
  const missing = thread.catchUp()
  await until(() => asked.length === 2)
  const anew = thread.restart()
  asked[1]!.answer([6], 6)
  await until(() => asked.length === 3)
  assert.equal(asked[2]!.query.has('after'), false)
  asked[2]!.answer([6], 7)
  await Promise.all([missing, anew])
  assert.deepEqual(
    thread.messages.peek().map(({ sequence }) => sequence),
    [6],
  )
})

test('after an unblock nothing stays hidden in a conversation that is open', {
  timeout: 30_000,
}, async (t) => {
  let hear: (event: object) => void = () => undefined
  class Line {
    set onmessage(listener: (message: { data: string }) => void) {
      hear = (event) => listener({ data: JSON.stringify(event) })
    }
    close(): void {}
  }
  const page = new EventTarget()
  const { addEventListener, removeEventListener } = EventTarget.prototype
  const ofBrowser = {
    location: { href: 'https://sun.example/' },
    document: page,
    addEventListener: addEventListener.bind(page),
    removeEventListener: removeEventListener.bind(page),
  }
  const { WebSocket } = globalThis
  Object.assign(globalThis, { ...ofBrowser, WebSocket: Line })
  startLive()
  t.after(() => {
    stopLive()
    for (const name of Object.keys(ofBrowser)) Reflect.deleteProperty(globalThis, name)
    Object.assign(globalThis, { WebSocket })
  })
  listen()
  const thread = threadOf('3')
  const hidden = () => thread.messages.peek().flatMap((one) => (one.unavailable ? [one.sequence] : []))
  const first = thread.catchUp()
  await until(() => asked.length === 1)
  asked[0]!.answer([21, 22, 31, 32], 32, '1')
  await first
  assert.deepEqual(hidden(), [21, 31])

  // Something of one's own list is another: nothing in the conversation is new.
  hear({ id: '1', type: 'conversation.changed', conversationId: '3', version: 0 })
  await until(() => asked.length === 3)
  assert.equal(asked[1]!.query.get('after'), '32')
  asked[1]!.answer([], 32)
  assert.equal(asked[2]!.query.get('before'), '32')
  asked[2]!.answer([31], 32)
  await until(() => asked.length === 4)
  assert.equal(asked[3]!.query.get('before'), '22')
  asked[3]!.answer([21], 32)
  await until(() => hidden().length === 0)
  assert.deepEqual(
    thread.messages.peek().map(({ sequence }) => sequence),
    [21, 22, 31, 32],
    'all else stays where it is',
  )
})
