import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { me, onSignOut } from '../../lib/session.ts'

/** `refused`: the person said no to this site, and only the browser's own settings can change that. */
export type PushState = 'unsupported' | 'refused' | 'off' | 'on'

/** Of this browser; `undefined` until it was looked at. */
export const pushState = signal<PushState | undefined>(undefined)

const isSupported = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

async function registrationOf(): Promise<ServiceWorkerRegistration | undefined> {
  // `ready` waits for ever where there is no worker.
  const found = await navigator.serviceWorker.getRegistration()
  return found && (await navigator.serviceWorker.ready)
}

export async function lookAtPush(): Promise<void> {
  pushState.value = await stateNow().catch(() => 'unsupported' as const)
}

async function stateNow(): Promise<PushState> {
  if (!isSupported()) return 'unsupported'
  const registration = await registrationOf()
  if (!registration) return 'unsupported'
  if (Notification.permission === 'denied') return 'refused'
  const isOn = Notification.permission === 'granted' && (await registration.pushManager.getSubscription())
  return isOn ? 'on' : 'off'
}

/** Asks the person where that was not done yet; rejects when browser or server cannot. */
export async function switchPushOn(): Promise<void> {
  await Notification.requestPermission()
  if (Notification.permission !== 'granted') return await lookAtPush()
  const registration = await registrationOf()
  if (!registration) return await lookAtPush()
  const { key } = await call('GET /api/push-key')
  const applicationServerKey = bytesOf(key)
  const old = await registration.pushManager.getSubscription()
  // Of somebody else, of another server's key, or of this one's before its secrets were lost.
  if (old && !(isMine() && isSame(old.options.applicationServerKey, applicationServerKey)))
    await old.unsubscribe()
  const options = { userVisibleOnly: true, applicationServerKey }
  await tellServer(await registration.pushManager.subscribe(options))
  await lookAtPush()
}

export async function switchPushOff(): Promise<void> {
  const registration = await registrationOf()
  const subscription = await registration?.pushManager.getSubscription()
  if (subscription) {
    await call('DELETE /api/push-subscriptions', { body: { endpoint: subscription.endpoint } })
    await subscription.unsubscribe()
  }
  await lookAtPush()
}

async function tellServer(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON()
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error('The browser gave no keys')
  await call('POST /api/push-subscriptions', {
    body: { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } },
  })
  noteMine()
}

/** Who switched it on here. It goes with the session, so that what outlives that belongs to nobody. */
const ownerKey = 'heliograph.push'

function noteMine(): void {
  try {
    localStorage.setItem(ownerKey, me.peek()?.id ?? '')
  } catch {
    // At the next start it is nobody's, and switched off.
  }
}

function isMine(): boolean {
  const id = me.peek()?.id
  try {
    return id !== undefined && localStorage.getItem(ownerKey) === id
  } catch {
    return false
  }
}

/** Whoever signs out here is told nothing more here, and the next person starts with it switched off. */
export function forgetPushWithSession(): void {
  onSignOut(async () => {
    if (!isSupported()) return
    const registration = await navigator.serviceWorker.getRegistration()
    await (await registration?.pushManager.getSubscription())?.unsubscribe()
    pushState.value = undefined
  })
}

/**
 * The server may have lost it, or the browser renewed it, while the app was closed. What another person left here, whose
 * session was found to be ended before the page could take it away, does not go over to whoever is here now.
 */
export async function renewPush(): Promise<void> {
  if (me.peek() === undefined || !isSupported()) return
  const registration = await navigator.serviceWorker.getRegistration()
  const subscription = await registration?.pushManager.getSubscription()
  if (!subscription) return
  if (!isMine()) await subscription.unsubscribe().catch(() => false)
  else if (Notification.permission === 'granted') await tellServer(subscription).catch(() => undefined)
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

function isSame(one: ArrayBuffer | null, other: Uint8Array): boolean {
  if (!one || one.byteLength !== other.byteLength) return false
  const bytes = new Uint8Array(one)
  return other.every((byte, at) => byte === bytes[at])
}
