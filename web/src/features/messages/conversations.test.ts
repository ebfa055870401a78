import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { Conversation } from '@heliograph/contract/messages'
import { folderList, readConversation } from './conversations.ts'

const realFetch = globalThis.fetch
afterEach(() => {
  globalThis.fetch = realFetch
})

test('what was begun in an emptied conversation does not leave the open list, unlike one with nothing in it', async () => {
  const begun = { id: '1', folder: 'inbox', lastMessage: null, draft: 'begun', createdAt: '2026-01-01' }
  const items = [begun, { ...begun, id: '2' }] as Conversation[]
  globalThis.fetch = async (path) => {
    const { pathname } = new URL(String(path), 'https://sun.example')
    const empty = { ...items[1]!, draft: '' }
    if (pathname === '/api/conversations')
      return Response.json({ items, nextCursor: null, unreadCount: 0, requestCount: 0 })
    return Response.json(pathname.endsWith('/1') ? items[0] : empty)
  }
  const inbox = folderList('inbox')
  await inbox.more()
  await readConversation('1')
  await readConversation('2')
  assert.deepEqual(inbox.items.peek(), ['1'])
})
