import type { Notification } from '@heliograph/contract/notifications'
import { call } from '../../lib/api.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import { createPaginator, keepPaginator, type Paginator } from '../../lib/paging.ts'
import { me } from '../../lib/session.ts'
import { putUser } from '../../lib/store.ts'
import { noteTold } from '../messages/story-end.ts'
import { noteUnread, unreadCount } from './unread.ts'

export function openNotifications(): Paginator<Notification> {
  return keepPaginator('notifications', () =>
    createPaginator(
      async (cursor, signal) => {
        const asker = me.peek()?.id
        const page = await call('GET /api/notifications', { query: { cursor }, signal })
        // How one stands to them is told where it can be answered: elsewhere its absence means nothing.
        for (const { people } of page.items)
          for (const { relationship, ...person } of people)
            putUser(relationship ? { ...person, relationship } : person)
        noteTold(page.items.flatMap(({ story }) => story ?? []))
        if (me.peek()?.id === asker) noteUnread(page)
        return page
      },
      ({ id }: Notification) => id,
    ),
  )
}

/** Whoever sees them has seen them: on all devices nothing of it counts as new any more. */
export async function markSeen(list: Paginator<Notification>): Promise<void> {
  const newest = list.items.peek().find(({ isNew }) => isNew)
  if (!newest || document.visibilityState !== 'visible') return
  await call('PUT /api/notifications/seen', { body: { latestId: newest.latestId } }).catch(() => undefined)
}

/** Much may come at once. */
const restMs = 250

/** What comes or goes while one looks on, until the returned function is called. */
export function watchList(read: () => Promise<void>): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined
  const readSoon = () => {
    waiting ??= setTimeout(() => {
      waiting = undefined
      void read()
    }, restMs)
  }
  const whenVisible = () => {
    if (document.visibilityState === 'visible' && unreadCount.peek() > 0) void read()
  }
  void read()
  const stops = [
    // Also when nothing is new any more: a row may be gone, or be read elsewhere.
    onLive('notifications.changed', readSoon),
    onLive('author.gone', readSoon),
    onLive('post.gone', readSoon),
    onReconcile(readSoon),
  ]
  document.addEventListener('visibilitychange', whenVisible)
  return () => {
    clearTimeout(waiting)
    for (const stop of stops) stop()
    document.removeEventListener('visibilitychange', whenVisible)
  }
}
