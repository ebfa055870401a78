/// <reference lib="webworker" />
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { answerFirstFromServer, partFromServer, photoFirstFromShelf } from './answer.ts'
import { filmFromShelf } from './films.ts'
import { openPushed, renewSubscription, showPush } from './push.ts'
import { renewTalk, renewTalks } from './renew-talks.ts'
import { changeAccount, forgetAnswers, forgetSaid } from './saved.ts'
import type { Unsaid } from './saved-messages.ts'
import { isPartOfMessages, shelfOf } from './saved-rules.ts'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] }

/** Of the ServiceWorker Static Routing API; Chromium has it. */
interface Route {
  condition: { requestMethod: string }
  source: 'network'
}

// The app itself: there at once, and without a connection. A new version waits until the person asks for it.
precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/(?:api|m|assets)\//, /^\/(?:healthz|readyz|metrics)$/, /\.\w+$/],
  }),
)

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && isPartOfMessages(url.pathname, url.search),
  ({ request, url, event }) => partFromServer(request, url, event as FetchEvent),
)

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && shelfOf(url.pathname, url.search) === 'answers',
  ({ request, url, event }) => answerFirstFromServer(request, url, event as FetchEvent),
)
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && ['photos', 'faces', 'stories'].includes(shelfOf(url.pathname) ?? ''),
  ({ request, url, event }) => photoFirstFromShelf(request, url, event as FetchEvent),
)
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && shelfOf(url.pathname) === 'films',
  ({ request, url, event }) => filmFromShelf(request, url, event as FetchEvent),
)

// What is sent goes to the server without a way round by the worker: with the page that closes a browser lets go of what still
// waits for the worker's word, so that what was looked at last was lost.
self.addEventListener('install', (event) => {
  const install = event as ExtendableEvent & { addRoutes?: (routes: readonly Route[]) => Promise<void> }
  if (!install.addRoutes) return
  const routes = ['POST', 'PUT', 'PATCH', 'DELETE'].map(
    (requestMethod): Route => ({ condition: { requestMethod }, source: 'network' }),
  )
  event.waitUntil(install.addRoutes(routes).catch(() => undefined))
})

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('push', (event) => event.waitUntil(showPush(event.data)))
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(openPushed(event.notification.data))
})
self.addEventListener('pushsubscriptionchange', (event) => {
  if (event instanceof ExtendableEvent) event.waitUntil(renewSubscription())
})

/** What pages say to the worker. A port in the message is answered once it is done. */
self.addEventListener('message', (event) => {
  const message = event.data as {
    type?: string
    accountId?: string | null
    open?: string[]
  } & Partial<Unsaid>
  if (message.type === 'go') void self.skipWaiting()
  const work = {
    account: () => changeAccount(message.accountId ?? null),
    // Something went out of sight: what is kept may still name it, and is read anew when next asked for.
    gone: forgetAnswers,
    unsaid: () => forgetSaid({ conversationId: '', ...message }),
    changed: () => renewTalk(message.conversationId ?? ''),
    // Without a connection nothing is known to be gone.
    missed: () => renewTalks(message.open ?? []).catch(() => undefined),
  }[message.type ?? '']
  if (work) event.waitUntil(work().then(() => event.ports[0]?.postMessage('done')))
})
