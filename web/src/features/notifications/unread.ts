import { effect, signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import { serverNow } from '../../lib/server-clock.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { inboxCount } from '../messages/inbox-count.ts'

/** What is new and was not looked at on any device. */
export const unreadCount = signal(0)
/** Of those the messages: the icon, which sums up both, has them among the conversations. */
const unreadMessages = signal(0)

/** As the heart is called. */
export function bellText(): string {
  const count = unreadCount.value
  return count > 0 ? t('nav.notifications.count', { count }) : t('nav.notifications')
}

/** At the end of a Story, which the server does not tell of; a little later, as clocks differ. */
let counting: ReturnType<typeof setTimeout> | undefined
const afterEndMs = 2000

interface Counts {
  unreadCount: number
  unreadMessages: number
  unreadUntil?: string | undefined
}

/** As the server says, with whatever answer. */
export function noteUnread(counts: Counts): void {
  clearTimeout(counting)
  if (counts.unreadUntil)
    counting = setTimeout(() => void count(), Date.parse(counts.unreadUntil) - serverNow() + afterEndMs)
  unreadMessages.value = counts.unreadMessages
  unreadCount.value = counts.unreadCount
}

async function count(): Promise<void> {
  const counted = me.peek()?.id
  if (!counted) return
  try {
    const page = await call('GET /api/notifications', { query: { limit: 1 } })
    if (me.peek()?.id === counted) noteUnread(page)
  } catch {
    // The next word of the server, or the next visit, says it.
  }
}

/** Counts at the start and after breaks of the connection; in between the server says each change. */
export function watchUnread(): void {
  let present: string | undefined
  effect(() => {
    const id = me.value?.id
    if (id === present) return
    present = id
    noteUnread({ unreadCount: 0, unreadMessages: 0 })
    if (id !== undefined) void count()
  })
  onLive('notifications.changed', noteUnread)
  // What somebody did who is hidden by now counts no longer.
  onLive('post.gone', () => void count())
  onLive('author.gone', () => void count())
  onReconcile(() => void count())
  effect(() => showOnIcon(unreadCount.value - unreadMessages.value + inboxCount.value.unread))
  onSignOut(() => showOnIcon(0))
}

/** On the icon of the installed app, where the system has such marks. */
function showOnIcon(unread: number): void {
  if (!('setAppBadge' in navigator)) return
  const shown = unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge()
  shown.catch(() => undefined)
}
