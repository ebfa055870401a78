import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { Message } from '@heliograph/contract/messages'
import { threadOf } from './thread.ts'

const realFetch = globalThis.fetch
afterEach(() => {
  globalThis.fetch = realFetch
})

/** The server, in the hands of the test: each question waits for its answer. */
const asked: { query: URLSearchParams; answer: (sequences: number[], version: number) => void }[] = []
function listen(): void {
  asked.length = 0
  globalThis.fetch = (path) =>
    new Promise((resolve) => {
      asked.push({
        query: new URL(String(path), 'https://sun.example').searchParams,
        answer(sequences, version) {
          const items = sequences.map(
            (sequence) =>
              ({
                id: String(sequence),
                sequence,
                version: sequence,
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
