import type { Id } from '@heliograph/contract/common'
import { call, isProblem, newIdempotencyKey } from '../../lib/api.ts'

/**
 * An answer is a message to its author that carries the Story. What is sent again is the same message: its answer may have
 * been lost. Words that were changed meanwhile take the place of those that arrived.
 */
export function createReply(storyId: Id, username: string): (text: string) => Promise<void> {
  /** Nothing is known of whether it arrived. */
  let tried: { readonly clientId: string; readonly text: string } | undefined

  return async (text) => {
    const { id } = await call('POST /api/conversations', {
      body: { members: [username] },
      idempotencyKey: newIdempotencyKey(),
    })
    if (tried && tried.text !== text) {
      const { clientId } = tried
      const hasArrived = await change(id, clientId, text, () => {
        // From now on they may be these or those: neither is to be sent under this id.
        tried = { clientId, text: '' }
      })
      tried = undefined
      if (hasArrived) return
    }
    tried ??= { clientId: newIdempotencyKey(), text }
    await call('POST /api/conversations/:id/messages', {
      params: { id },
      body: { ...tried, attachments: [{ type: 'story', storyId, isReply: true }] },
    })
    tried = undefined
  }
}

/** False: it is not there, or its words can be changed no more. */
async function change(id: Id, clientId: string, text: string, onFound: () => void): Promise<boolean> {
  const newest = await call('GET /api/conversations/:id/messages', { params: { id }, query: {} })
  const arrived = newest.items.find((one) => one.clientId === clientId)
  if (!arrived) return false
  onFound()
  try {
    const params = { id, messageId: arrived.id }
    await call('PATCH /api/conversations/:id/messages/:messageId', { params, body: { text } })
    return true
  } catch (error) {
    if (isProblem(error, 'message.too_late', 'message.unsent', 'message.not_found')) return false
    throw error
  }
}
