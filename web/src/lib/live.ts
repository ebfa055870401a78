import type { LiveEvent } from '@heliograph/contract/live'

type EventOf<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>
type Listener = (event: LiveEvent) => void

const listeners = new Map<string, Set<Listener>>()
const reconcilers = new Set<() => void>()
let socket: WebSocket | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let attempts = 0
let wanted = false
let wasOpen = false

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

/** After a break events may be missing: whoever shows live things reads them again over REST. */
export function onReconcile(listener: () => void): () => void {
  reconcilers.add(listener)
  return () => reconcilers.delete(listener)
}

export function startLive(): void {
  if (wanted) return
  wanted = true
  attempts = 0
  addEventListener('online', reconnectNow)
  document.addEventListener('visibilitychange', whenVisible)
  connect()
}

export function stopLive(): void {
  wanted = false
  wasOpen = false
  clearTimeout(retry)
  removeEventListener('online', reconnectNow)
  document.removeEventListener('visibilitychange', whenVisible)
  socket?.close()
  socket = undefined
}

/** Waits grow to half a minute, and each client draws its own, so that a restart is not met by all at once. */
export function reconnectDelay(attempt: number, random: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5)) * (0.5 + random / 2)
}

function connect(): void {
  if (!wanted || socket) return
  const address = new URL('/api/live', location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const mine = new WebSocket(address)
  socket = mine
  mine.onmessage = (message) => receive(message.data)
  mine.onclose = () => {
    if (socket !== mine) return
    socket = undefined
    if (wanted) retry = setTimeout(connect, reconnectDelay(attempts++, Math.random()))
  }
}

function receive(data: unknown): void {
  if (typeof data !== 'string') return
  const event = parseEvent(data)
  if (!event) return
  if (event.type === 'hello') {
    attempts = 0
    if (wasOpen) for (const reconcile of reconcilers) reconcile()
    wasOpen = true
  }
  for (const listener of listeners.get(event.type) ?? []) listener(event)
}

/** Kinds that are not known here simply have no listeners: the server may be newer than the page. */
export function parseEvent(data: string): LiveEvent | undefined {
  try {
    const event = JSON.parse(data) as unknown
    const typed =
      typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string'
    return typed ? (event as LiveEvent) : undefined
  } catch {
    return undefined
  }
}

function reconnectNow(): void {
  clearTimeout(retry)
  attempts = 0
  connect()
}

function whenVisible(): void {
  if (document.visibilityState === 'visible') reconnectNow()
}
