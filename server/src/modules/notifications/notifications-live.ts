import { LRUCache } from 'lru-cache'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Boards } from './notifications-boards.ts'
import { Dependents } from './notifications-dependents.ts'
import type { NotificationsList } from './notifications-list.ts'
import { presentUnread } from './notifications-view.ts'

interface Deps {
  events: Events
  hub: Pick<LiveHub, 'isConnected' | 'send'>
  log: Log
  list: Pick<NotificationsList, 'unread'>
  boards: Pick<Boards, 'onGone' | 'onTouched'>
}

/** A number that devices show, and what it was counted from. */
interface Shown {
  userId: Id
  about: ReadonlySet<Id>
}

/** Ids that all numbers together may depend on: some 60 MB. */
const keptIds = 500_000

/** Whoever is liked by many at once is told at most this often. */
const everyMs = 250

/** All devices of a person that are open show the same number: what the list itself would say now. */
export function tellNotificationsLive({ events, hub, log, list, boards }: Deps): void {
  const waiting = new Map<Id, NodeJS.Timeout>()
  const telling = new Set<Set<Id>>()
  const dependents = new Dependents<Shown>()
  const shown = new LRUCache<Id, Shown>({
    maxSize: keptIds,
    sizeCalculation: ({ about }) => Math.max(1, about.size),
    dispose: dependents.delete,
  })

  function show(one: Shown): void {
    shown.set(one.userId, one)
    if (shown.has(one.userId)) dependents.add(one)
  }

  /** Gives whether something that it was counted from changed meanwhile. */
  async function tell(userId: Id): Promise<boolean> {
    shown.delete(userId)
    if (!hub.isConnected(userId)) return false
    // Of two that were asked for at once the later one knows more, whichever is answered first.
    const order = { stream: 'notifications.changed', at: performance.now() }
    const touched = new Set<Id>()
    telling.add(touched)
    try {
      const { about, ...counts } = await list.unread({ id: userId })
      show({ userId, about })
      hub.send(userId, { type: 'notifications.changed', ...presentUnread(counts) }, order)
      return !about.isDisjointFrom(touched)
    } finally {
      telling.delete(touched)
    }
  }

  const changed = (userIds: Iterable<Id>) => {
    for (const userId of userIds) {
      if (waiting.has(userId) || !hub.isConnected(userId)) continue
      const timer = setTimeout(() => {
        waiting.delete(userId)
        tell(userId).then(
          (isOutdated) => {
            if (isOutdated) changed([userId])
          },
          (err: unknown) => log.warn({ err }, 'New notifications were not told'),
        )
      }, everyMs)
      timer.unref()
      waiting.set(userId, timer)
    }
  }

  const inBackground = { inBackground: true }
  events.on('notifications.changed', ({ subjectId }) => changed([subjectId]), inBackground)
  events.on(
    'conversations.read',
    ({ data }) => {
      if (data.hadStoryReplies) changed([data.userId])
    },
    inBackground,
  )
  events.on(
    'inbox.changed',
    ({ data }) => {
      if (data.hadStoryReplies) changed([data.userId])
    },
    inBackground,
  )
  events.on('accounts.preferences_changed', ({ subjectId }) => changed([subjectId]), inBackground)
  // What is gone or hidden by now counts no longer, whosever it was.
  boards.onGone(({ ownerId, about }) => {
    if (hub.isConnected(ownerId)) show({ userId: ownerId, about })
  })
  boards.onTouched(({ ids, ownerIds }) => {
    changed(ownerIds)
    for (const id of ids) {
      for (const touched of telling) touched.add(id)
      changed(dependents.of(id).map(({ userId }) => userId))
    }
  })
}
