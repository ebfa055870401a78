import type { LiveEvent, LiveMessage, LiveRequest } from '@heliograph/contract/live'
import { liveCloseCodes } from '@heliograph/contract/live-close-codes'

type EventOf<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>
type Listener = (event: LiveEvent) => void

const listeners = new Map<string, Set<Listener>>()
const reconcilers = new Set<() => void>()
let socket: WebSocket | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let attempts = 0
let wanted = false
let wasOpen = false
/** Of the newest word that came: connecting again, what was missed comes from here on. */
let lastId: string | undefined
let probing: ReturnType<typeof setTimeout> | undefined
let watching: ReturnType<typeof setInterval> | undefined
let heardAt = 0
let readingOnce: ReturnType<typeof setTimeout> | undefined

/** A line can die without a word to either side: a page that has heard nothing for so long asks, */
const quietMs = 45_000
/** and takes a line without an answer within this for dead. */
const answerMs = 10_000
/** What came between the first reading and the opened line was told to nobody: all is read once more when the page has had time. */
const firstMs = 3000
/** As many tabs as one person may have open are: this one comes back when it is looked at, or after so long. */
const crowdedMs = 5 * 60_000

/** Calls back on every event of a kind until the returned function is called. */
export function onLive<T extends LiveEvent['type']>(
  type: T,
  listener: (event: EventOf<T>) => void,
): () => void {
  const group = listeners.get(type) ?? new Set()
  listeners.set(type, group)
  group.add(listener as Listener)
  return () => group.delete(listener as Listener)
}

/** Events are missing, and nobody will send them: whoever shows live things reads them again over REST. */
export function onReconcile(listener: () => void): () => void {
  reconcilers.add(listener)
  return () => reconcilers.delete(listener)
}

export function startLive(): void {
  if (wanted) return
  wanted = true
  attempts = 0
  addEventListener('online', wake)
  document.addEventListener('visibilitychange', whenVisible)
  watching = setInterval(() => {
    if (Date.now() - heardAt > quietMs) probe()
  }, quietMs / 3)
  connect()
}

export function stopLive(): void {
  wanted = false
  wasOpen = false
  lastId = undefined
  clearTimeout(retry)
  clearTimeout(probing)
  clearTimeout(readingOnce)
  clearInterval(watching)
  removeEventListener('online', wake)
  document.removeEventListener('visibilitychange', whenVisible)
  const mine = socket
  socket = undefined
  mine?.close()
}

/** Waits grow to half a minute, and each client draws its own, so that a restart is not met by all at once. */
export function reconnectDelay(attempt: number, random: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5)) * (0.5 + random / 2)
}

function connect(): void {
  if (!wanted || socket) return
  const address = new URL('/api/live', location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  if (lastId !== undefined) address.searchParams.set('after', lastId)
  const mine = new WebSocket(address)
  socket = mine
  mine.onmessage = (message) => {
    if (socket === mine) receive(message.data)
  }
  mine.onclose = ({ code }) => {
    if (socket === mine) lose(code)
  }
}

function lose(code?: number): void {
  socket = undefined
  clearTimeout(probing)
  probing = undefined
  if (!wanted) return
  // Whoever holds the session asks, and is told that it is over.
  if (code === liveCloseCodes.sessionEnded) reconcile()
  const drawn = reconnectDelay(attempts++, Math.random())
  retry = setTimeout(connect, code === liveCloseCodes.tooMany ? Math.max(drawn, crowdedMs) : drawn)
}

function receive(data: unknown): void {
  if (typeof data !== 'string') return
  heardAt = Date.now()
  clearTimeout(probing)
  probing = undefined
  const event = parseEvent(data)
  if (!event) return
  // A server that tells no ids sends nothing of what was missed either.
  const isMissing = event.type === 'resync' || (event.type === 'hello' && wasOpen && lastId === undefined)
  lastId = event.id ?? lastId
  if (event.type === 'hello') {
    attempts = 0
    if (!wasOpen) readingOnce = setTimeout(reconcile, firstMs)
    wasOpen = true
  }
  if (isMissing) reconcile()
  for (const listener of listeners.get(event.type) ?? []) listener(event)
}

function reconcile(): void {
  clearTimeout(readingOnce)
  for (const reconciler of reconcilers) reconciler()
}

/** Kinds that are not known here simply have no listeners: the server may be newer than the page. */
export function parseEvent(data: string): LiveMessage | undefined {
  try {
    const event = JSON.parse(data) as unknown
    const typed =
      typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string'
    return typed ? (event as LiveMessage) : undefined
  } catch {
    return undefined
  }
}

/** Asks whether anybody is at the other end; without an answer the line is given up for a new one. */
function probe(): void {
  const mine = socket
  if (mine?.readyState !== WebSocket.OPEN || probing !== undefined) return
  mine.send(JSON.stringify({ type: 'ping' } satisfies LiveRequest))
  probing = setTimeout(() => {
    if (socket !== mine) return
    lose()
    mine.close()
    wake()
  }, answerMs)
}

/** The device is on a network, or in a hand, again. */
function wake(): void {
  if (socket) probe()
  else {
    clearTimeout(retry)
    attempts = 0
    connect()
  }
}

function whenVisible(): void {
  if (document.visibilityState === 'visible') wake()
}
