import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createReply } from './send-reply.ts'

/** What the server has: a message once under its id. */
let arrived: { id: string; clientId: string; text: string }[] = []
let loses: 'the question' | 'the answer' | undefined
const realFetch = globalThis.fetch

beforeEach(() => {
  arrived = []
  loses = undefined
  globalThis.fetch = async (address, { method = 'GET', body } = {}) => {
    const path = String(address)
    const asked = body ? JSON.parse(String(body)) : {}
    if (path === '/api/conversations') return Response.json({ id: '5' })
    if (method === 'GET') return Response.json({ items: arrived })
    if (loses === 'the question') throw new TypeError('Failed to fetch')
    if (method === 'PATCH') arrived.find(({ id }) => path.endsWith(`/${id}`))!.text = asked.text
    else {
      const same = arrived.find(({ clientId }) => clientId === asked.clientId)
      if (same && same.text !== asked.text)
        return Response.json({ code: 'message.client_id_used', title: 'Used.' }, { status: 409 })
      if (!same) arrived.push({ id: String(arrived.length + 1), clientId: asked.clientId, text: asked.text })
    }
    if (loses === 'the answer') throw new TypeError('Failed to fetch')
    return Response.json({})
  }
})

afterEach(() => {
  globalThis.fetch = realFetch
})

const words = () => arrived.map(({ text }) => text)

test('words that are changed after a lost answer are neither refused nor a second message', async () => {
  const reply = createReply('7', 'ana')
  loses = 'the answer'
  await assert.rejects(reply('Nice'))
  await assert.rejects(reply('Very nice'))
  loses = undefined
  await reply('Very nice!')
  assert.deepEqual(words(), ['Very nice!'])
  await reply('Very nice!')
  assert.deepEqual(words(), ['Very nice!', 'Very nice!'], 'said once more, it is another message')
})

test('the same words again after a lost answer are one message, changed ones that never arrived as well', async () => {
  const reply = createReply('7', 'ana')
  loses = 'the answer'
  await assert.rejects(reply('Nice'))
  loses = undefined
  await reply('Nice')
  assert.deepEqual(words(), ['Nice'])
  loses = 'the question'
  await assert.rejects(reply('Where?'))
  loses = undefined
  await reply('Where is it?')
  assert.deepEqual(words(), ['Nice', 'Where is it?'])
})
