/// <reference lib="webworker" />

declare const self: ServiceWorkerGlobalScope

interface Pushed {
  title: string
  body: string
  path: string
  unreadCount: number
  tag: string
  /** Of what it tells; '' where the server says none. */
  id: string
}

/** Notifications stand in one line, and each conversation in one of its own: a newer push takes the place of the one before. */
const tagOfNotifications = 'heliograph'

/** Shown unless a page of ours is being looked at: that one shows it by itself. */
export async function showPush(data: PushMessageData | null): Promise<void> {
  const pushed = readPush(data)
  if (!pushed) return
  await showOnIcon(pushed.unreadCount)
  const isAgain = await cameBefore(pushed)
  const windows = await self.clients.matchAll({ type: 'window' })
  if (windows.some(({ focused }) => focused)) return
  // Not in the DOM's types: those of all engines have it but Safari's, which is heard each time by itself.
  const options: NotificationOptions & { renotify: boolean } = {
    body: pushed.body,
    tag: pushed.tag,
    // In place of an older one it would come in silence: a message is a new word of somebody.
    renotify: pushed.tag !== tagOfNotifications && !isAgain,
    // The server died between sending it and noting that, and sent it once more: browsers want each to be shown.
    silent: isAgain,
    icon: '/icon-192.png',
    badge: '/icon-192.png',
    data: { path: pushed.path },
  }
  await self.registration.showNotification(pushed.title, options)
}

const shownName = 'heliograph-pushed'
const shownKey = '/pushed'
/** The server tries the same again for an hour or two. */
const shownMax = 50

/** Also when the person has wiped it away since, and after the browser was closed. */
async function cameBefore(pushed: Pushed): Promise<boolean> {
  if (pushed.id === '') return false
  const cache = await caches.open(shownName)
  const kept = await cache.match(shownKey)
  const before = kept ? ((await kept.json()) as string[]) : []
  const name = nameOf(pushed)
  const names = [...before.filter((one) => one !== name), name].slice(-shownMax)
  await cache.put(shownKey, new Response(JSON.stringify(names)))
  return before.includes(name)
}

function nameOf({ tag, id }: Pushed): string {
  return `${tag} ${id}`
}

function readPush(data: PushMessageData | null): Pushed | undefined {
  try {
    const { title, body, path, unreadCount, tag, id } = (data?.json() ?? {}) as Partial<Pushed>
    if (typeof title !== 'string' || title === '') return undefined
    return {
      title,
      body: typeof body === 'string' ? body : '',
      path: ownPath(path),
      unreadCount: typeof unreadCount === 'number' ? unreadCount : 0,
      tag: typeof tag === 'string' && tag !== '' ? tag : tagOfNotifications,
      id: typeof id === 'string' ? id : '',
    }
  } catch {
    return undefined
  }
}

/** A tab that is open comes to the front and goes there; else one is opened. */
export async function openPushed(data: unknown): Promise<void> {
  const path = ownPath((data as { path?: unknown } | null)?.path)
  const windows = await self.clients.matchAll({ type: 'window' })
  const best = windows.find(({ focused }) => focused) ?? windows[0]
  if (!best) {
    await self.clients.openWindow(path)
    return
  }
  best.postMessage({ type: 'open', path })
  await best.focus()
}

/** Only ever a page of this app. */
function ownPath(path: unknown): string {
  return typeof path === 'string' && /^\/(?![/\\])/.test(path) ? path : '/notifications'
}

/** The browser took another address: the server is told, or hears of it when the app is opened next. */
export async function renewSubscription(): Promise<void> {
  const answer = await fetch('/api/push-key')
  if (!answer.ok) return
  const { key } = (await answer.json()) as { key: string }
  const subscription = await self.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  })
  const { endpoint, keys } = subscription.toJSON()
  await fetch('/api/push-subscriptions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ endpoint, keys }),
  })
}

async function showOnIcon(count: number): Promise<void> {
  const { navigator } = self
  if (!('setAppBadge' in navigator)) return
  await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined)
}
