import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { onLive } from '../../lib/live.ts'
import { me } from '../../lib/session.ts'

/** Conversations with something unread, and requests that wait; both to 100. Small, as the bars show it everywhere. */
export const inboxCount = signal({ unread: 0, requests: 0 })

export function watchInboxCount(): void {
  onLive('inbox.changed', ({ unreadCount, requestCount }) => noteInboxCount(unreadCount, requestCount))
}

export function noteInboxCount(unread: number, requests: number): void {
  const { value } = inboxCount
  if (value.unread !== unread || value.requests !== requests) inboxCount.value = { unread, requests }
}

export async function countInbox(): Promise<void> {
  const id = me.peek()?.id
  if (!id) return noteInboxCount(0, 0)
  try {
    const { unreadCount, requestCount } = await call('GET /api/conversations', { query: { limit: 1 } })
    if (me.peek()?.id === id) noteInboxCount(unreadCount, requestCount)
  } catch {
    // The next event or look counts again.
  }
}
