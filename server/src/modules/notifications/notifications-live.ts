import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { NotificationsList } from './notifications-list.ts'
import { presentUnread } from './notifications-view.ts'

interface Deps {
  events: Events
  hub: Pick<LiveHub, 'isConnected' | 'send'>
  log: Log
  list: Pick<NotificationsList, 'unread'>
}

/** Whoever is liked by many at once is told at most this often. */
const everyMs = 250

/** All devices of a person that are open show the same number: what the list itself would say now. */
export function tellNotificationsLive({ events, hub, log, list }: Deps): void {
  const waiting = new Map<Id, NodeJS.Timeout>()

  async function tell(userId: Id): Promise<void> {
    if (!hub.isConnected(userId)) return
    // Of two that were asked for at once the later one knows more, whichever is answered first.
    const order = { stream: 'notifications.changed', at: performance.now() }
    const unread = presentUnread(await list.unread({ id: userId }))
    hub.send(userId, { type: 'notifications.changed', ...unread }, order)
  }

  const changed = (...userIds: Id[]) => {
    for (const userId of userIds) {
      if (waiting.has(userId) || !hub.isConnected(userId)) continue
      const timer = setTimeout(() => {
        waiting.delete(userId)
        tell(userId).catch((err: unknown) => log.warn({ err }, 'New notifications were not told'))
      }, everyMs)
      timer.unref()
      waiting.set(userId, timer)
    }
  }

  const inBackground = { inBackground: true }
  events.on('notifications.changed', ({ subjectId }) => changed(subjectId), inBackground)
  events.on(
    'conversations.read',
    ({ data }) => {
      if (data.hadStoryReplies) changed(data.userId)
    },
    inBackground,
  )
  events.on(
    'inbox.changed',
    ({ data }) => {
      if (data.hadStoryReplies) changed(data.userId)
    },
    inBackground,
  )
  // What is hidden by now counts no longer.
  events.on('graph.blocked', ({ data }) => changed(data.blockerId, data.blockedId), inBackground)
  events.on('graph.unblocked', ({ data }) => changed(data.blockerId, data.blockedId), inBackground)
  events.on('comments.deleted', ({ data }) => changed(data.authorId), inBackground)
  events.on('posts.deleted', ({ data }) => changed(data.authorId), inBackground)
  events.on('accounts.preferences_changed', ({ subjectId }) => changed(subjectId), inBackground)
}
