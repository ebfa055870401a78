import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Conversation, Message, MessagesPage } from '@heliograph/contract/messages'
import { withoutSaid, withPart } from './saved-messages.ts'

function said(sequence: number, more: Partial<Message> = {}): Message {
  return {
    id: String(sequence),
    conversationId: '1',
    sequence,
    version: sequence,
    senderId: '2',
    sender: null,
    text: `number ${sequence}`,
    attachments: [],
    notice: null,
    replyTo: null,
    reactions: [],
    createdAt: '2026-11-27T00:00:00.000Z',
    editedAt: null,
    unsent: false,
    unavailable: false,
    ...more,
  }
}

function page(items: Message[], more: Partial<MessagesPage> = {}): MessagesPage {
  const version = Math.max(0, ...items.map((one) => one.version))
  return { items, members: [], version, hasMore: false, emptyUpTo: 0, ...more }
}

const numbers = (kept: MessagesPage | undefined) => kept?.items.map(({ sequence }) => sequence)

test('what was said while the conversation was open is not missing without a connection', () => {
  const kept = withPart(page([said(1), said(2)]), page([said(3)]), 2)
  assert.deepEqual(numbers(kept), [1, 2, 3])
  assert.equal(kept?.version, 3)
})

test('what was taken back is not kept as it was, nor is it brought back by an answer that comes late', () => {
  const taken = said(1, { version: 3, text: '', unsent: true })
  const kept = withPart(page([said(1), said(2)]), page([taken]), 2)
  assert.deepEqual(kept?.items[0], taken)
  assert.deepEqual(withPart(kept!, page([said(1), said(2)]), 0)?.items[0], taken)
})

test('what was deleted for oneself is neither kept nor quoted, nor is what came before one emptied the conversation', () => {
  const reply = { id: '1', sequence: 1, senderId: '2', text: 'number 1', hasAttachments: false }
  const kept = withPart(page([said(1), said(2), said(3, { replyTo: reply })]), page([], { cleared: [1] }), 3)
  assert.deepEqual(numbers(kept), [2, 3])
  assert.equal(kept?.items[1]?.replyTo?.text, '')
  assert.deepEqual(numbers(withPart(kept!, page([said(4)], { emptyUpTo: 3 }), 3)), [4])
})

test('what is gone from one conversation takes nothing else of what is kept', () => {
  const kept = { id: '1', lastMessage: said(7) } as Conversation
  assert.equal(withoutSaid(kept, { conversationId: '1', sequences: [7] })?.lastMessage, null)
  assert.equal(withoutSaid(kept, { conversationId: '1', sequences: [6] }), kept)
  assert.equal(withoutSaid(kept, { conversationId: '2', sequences: [7] }), kept)
  assert.equal(withoutSaid(kept, { conversationId: '1' }), null)
})

test('nothing is kept across a gap, before it or behind it', () => {
  const kept = page([said(10), said(11)], { hasMore: true })
  assert.equal(withPart(kept, page([said(15)]), 14), undefined)
  assert.deepEqual(numbers(withPart(kept, page([said(3, { version: 12 })]), 11)), [10, 11])
})

test('a long evening is not kept as a whole, and it is told that there is more', () => {
  const evening = Array.from({ length: 150 }, (_, index) => said(index + 2))
  const kept = withPart(page([said(1)]), page(evening), 1)
  assert.equal(kept?.items.length, 100)
  assert.equal(kept?.items.at(-1)?.sequence, 151)
  assert.equal(kept?.hasMore, true)
})
