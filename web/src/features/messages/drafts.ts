import type { Id } from '@heliograph/contract/common'
import { call } from '../../lib/api.ts'
import { me } from '../../lib/session.ts'
import { conversationSignal, patchConversation } from './conversations.ts'

/**
 * What is begun in a conversation lies on the server, for one's other devices; on this device only as long as the
 * server does not have it. Under its writer's id: it outlives a session that the server ended.
 */
const keyOf = (id: Id, ownerId = me.peek()?.id) => `heliograph.message.${ownerId}.${id}`
const restMs = 2000
const waiting = new Map<Id, ReturnType<typeof setTimeout>>()

/** What this device has written and the server does not know yet. */
export function unkeptDraft(id: Id): string | undefined {
  return localStorage.getItem(keyOf(id)) ?? undefined
}

export function keepDraft(id: Id, text: string): void {
  const ownerId = me.peek()?.id
  try {
    localStorage.setItem(keyOf(id), text)
  } catch {
    // The server has it in a moment.
  }
  clearTimeout(waiting.get(id))
  waiting.set(
    id,
    setTimeout(() => {
      waiting.delete(id)
      // Somebody else may be here by now, who is in this conversation too.
      if (ownerId === me.peek()?.id) void tell(id, text)
    }, restMs),
  )
}

/** It was sent: nowhere is anything begun any more. */
export function dropDraft(id: Id): void {
  const wasTold = telling.has(id) || conversationSignal(id).peek()?.draft !== ''
  clearTimeout(waiting.get(id))
  waiting.delete(id)
  localStorage.removeItem(keyOf(id))
  patchConversation(id, { draft: '' })
  if (wasTold) void tell(id, '')
}

/** One after the other: the last word is the one that stays. */
const telling = new Map<Id, Promise<void>>()

function tell(id: Id, text: string): Promise<void> {
  const told = (telling.get(id) ?? Promise.resolve()).then(() => put(id, text))
  telling.set(id, told)
  return told.finally(() => {
    if (telling.get(id) === told) telling.delete(id)
  })
}

async function put(id: Id, text: string): Promise<void> {
  const key = keyOf(id)
  try {
    await call('PUT /api/conversations/:id/draft', { params: { id }, body: { text } })
    patchConversation(id, { draft: text })
    if (localStorage.getItem(key) === text) localStorage.removeItem(key)
  } catch {
    // It stays here, and goes along with the next letter.
  }
}
