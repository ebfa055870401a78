import { effect } from '@preact/signals'
import { feedMode } from '../features/feed/feed-mode.ts'
import { t } from '../lib/i18n.ts'
import { onLive } from '../lib/live.ts'
import { navigate } from '../lib/navigation.ts'
import { me, onSignOut } from '../lib/session.ts'
import { toast } from '../ui/toast.tsx'

const lookForUpdateMs = 60 * 60_000
const answerWithinMs = 2000

/** The worker that lets the app stand without a connection. Where there is none, or it is refused, all else works. */
export async function startServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const isFirst = !navigator.serviceWorker.controller
  const registration = await navigator.serviceWorker.register('/sw.js')
  watchForUpdates(registration)
  const { active } = await navigator.serviceWorker.ready
  if (!active) return
  // A notification was opened: the page that is there goes where it leads.
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    if (data?.type === 'open' && typeof data.path === 'string') navigate(data.path)
  })
  const tell = (message: object) => ask(navigator.serviceWorker.controller ?? active, message)
  let told: Promise<void> | undefined
  effect(() => {
    const user = me.value
    if (user !== undefined) told = tell({ type: 'account', accountId: user?.id ?? null })
  })
  // Signed out is signed out once nothing is left on this device.
  onSignOut(() => tell({ type: 'account', accountId: null }))
  onLive('post.gone', () => void tell({ type: 'gone' }))
  onLive('author.gone', () => void tell({ type: 'gone' }))
  await told
  if (isFirst && me.value) await readAgain()
}

/**
 * What was read before there was a worker is read once more, so that it is kept. Photographs come from the browser's
 * cache; those that are not there yet will pass the worker by themselves.
 */
async function readAgain(): Promise<void> {
  const photographs = [...document.querySelectorAll<HTMLImageElement>('img[src^="/m/"]')]
  const shown = photographs.filter(({ complete, naturalWidth }) => complete && naturalWidth > 0)
  const feed = `/api/feed?mode=${feedMode.peek()}`
  const addresses = ['/api/me', feed, ...shown.map(({ currentSrc }) => currentSrc)]
  await Promise.allSettled(addresses.map((address) => fetch(address)))
}

function watchForUpdates(registration: ServiceWorkerRegistration): void {
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed' && navigator.serviceWorker.controller) offer(coming)
    })
  })
  // An installed app may stay open for days without a page load, which is when browsers look by themselves.
  let lookedAt = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - lookedAt < lookForUpdateMs) return
    lookedAt = Date.now()
    registration.update().catch(() => undefined)
  })
}

function offer(worker: ServiceWorker): void {
  toast(t('update.ready'), {
    label: t('update.load'),
    perform() {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
      worker.postMessage({ type: 'go' })
    },
  })
}

/** Resolves when the worker has done it, or has had its time. */
function ask(worker: ServiceWorker, message: object): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    const timer = setTimeout(resolve, answerWithinMs)
    port1.onmessage = () => {
      clearTimeout(timer)
      resolve()
    }
    worker.postMessage(message, [port2])
  })
}
