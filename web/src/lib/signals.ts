import type { SentSignal } from '@heliograph/contract/signals'
import { effect } from '@preact/signals'
import { call, isProblem, newIdempotencyKey } from './api.ts'
import { online } from './online.ts'
import { me } from './session.ts'

/** What was looked at, for the person's own feed; told in batches, and only while the person wants that. */
export type Told = Omit<SentSignal, 'id' | 'at'> & { at?: string }

interface Waiting {
  signal: SentSignal
  tries: number
}

const batchMax = 50
const batchMs = 10_000
/** Away for hours: the newest are worth more than the memory for all. */
const keptMax = 500
const triesMax = 2
/** Two of them fit under what a page may send while it closes, and under what the server takes at once. */
const lastMax = 2 * batchMax
const leftKey = 'heliograph.signals'

let waiting: Waiting[] = []
let underWay: Waiting[] = []
let sending: Promise<void> = Promise.resolve()
let timer: ReturnType<typeof setTimeout> | undefined
const pausers = new Set<() => void>()

export function tell(told: Told): void {
  if (me.peek()?.personalisation !== true) return
  const signal = { id: newIdempotencyKey(), at: new Date().toISOString(), ...told }
  waiting = [...waiting, { signal, tries: 0 }].slice(-keptMax)
  if (waiting.length >= batchMax) send()
  else schedule()
}

/** Before what is kept of the person is erased: what was not told yet is never told, and what is under way has arrived. */
export async function forgetSignals(): Promise<void> {
  forget()
  await sending
}

/** Called when the page goes out of sight, before what waits is sent: whoever counts time closes the account here. */
export function onPause(pause: () => void): () => void {
  pausers.add(pause)
  return () => pausers.delete(pause)
}

/** Sends what waits, ends with the page, and forgets everything when the person leaves or does not want it. */
export function startSignals(): void {
  let owner: string | undefined
  effect(() => {
    const wanted = me.value?.personalisation === true ? me.value.id : undefined
    if (wanted !== owner && owner !== undefined) forget()
    if (wanted !== owner && wanted !== undefined) resume(wanted)
    owner = wanted
  })
  effect(() => {
    if (online.value && waiting.length > 0) schedule()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') leave(online.peek())
  })
  // Going to another page cuts off what was being read, which looks like a lost connection: the browser's word counts.
  addEventListener('pagehide', () => leave(navigator.onLine))
}

function leave(mayArrive: boolean): void {
  for (const pause of pausers) pause()
  clearTimer()
  // What is under way may be cut off with the page; the server counts the same id once.
  const last = [...underWay, ...waiting].slice(-lastMax).map(({ signal }) => signal)
  if (last.length === 0 || !navigator.sendBeacon) return
  keepLeft(last)
  const body = new Blob([JSON.stringify(bodyOf(last))], { type: 'application/json' })
  if (mayArrive && navigator.sendBeacon('/api/signals', body)) waiting = []
}

/**
 * A browser takes what a closing page sends, and may yet lose it with that page (seen where a service worker had just taken
 * over). The next page says it once more, also where the tab was closed; the server counts the same id once.
 */
function keepLeft(signals: readonly SentSignal[]): void {
  try {
    const owner = me.peek()?.id
    const ids = new Set(signals.map(({ id }) => id))
    // A page leaves twice, hidden and closed, and another tab may have left before: none takes another's place.
    const before = readLeft()
    const others = before?.owner === owner ? (before?.signals ?? []) : []
    const all = [...others.filter(({ id }) => !ids.has(id)), ...signals].slice(-lastMax)
    localStorage.setItem(leftKey, JSON.stringify({ owner, signals: all }))
  } catch {
    // Full, or not allowed: then the closing page's word is all there is.
  }
}

function resume(owner: string): void {
  const left = takeLeft()
  if (left?.owner !== owner) return
  waiting = [...left.signals.map((signal) => ({ signal, tries: 0 })), ...waiting].slice(-keptMax)
  schedule()
}

interface Left {
  owner?: string
  signals: SentSignal[]
}

function takeLeft(): Left | undefined {
  const left = readLeft()
  try {
    localStorage.removeItem(leftKey)
  } catch {
    // Not allowed: then there was nothing either.
  }
  return left
}

function readLeft(): Left | undefined {
  try {
    const text = localStorage.getItem(leftKey)
    return text === null ? undefined : (JSON.parse(text) as Left)
  } catch {
    return undefined
  }
}

/** With the time of this clock, by which the server knows whether it is ahead. */
function bodyOf(signals: SentSignal[]): { signals: SentSignal[]; sentAt: string } {
  return { signals, sentAt: new Date().toISOString() }
}

function schedule(): void {
  timer ??= setTimeout(send, batchMs)
}

function send(): void {
  clearTimer()
  if (underWay.length > 0 || waiting.length === 0 || !online.peek()) return
  underWay = waiting.slice(0, batchMax)
  waiting = waiting.slice(batchMax)
  sending = sendBatch(underWay)
}

async function sendBatch(batch: Waiting[]): Promise<void> {
  try {
    await call('POST /api/signals', { body: bodyOf(batch.map(({ signal }) => signal)) })
  } catch (error) {
    // Forgotten meanwhile: then nothing of it comes back either.
    if (underWay === batch) waiting = [...worthRepeating(batch, error), ...waiting].slice(-keptMax)
  } finally {
    if (underWay === batch) underWay = []
    if (waiting.length > 0) schedule()
  }
}

/** Without a connection nothing was tried; a server in trouble is asked once more; what it refuses is let go. */
function worthRepeating(batch: readonly Waiting[], error: unknown): readonly Waiting[] {
  if (isProblem(error, 'client.offline')) return batch
  const mayPass = isProblem(error) && (error.status === 0 || error.status === 429 || error.status >= 500)
  if (!mayPass) return []
  return batch.map((one) => ({ ...one, tries: one.tries + 1 })).filter(({ tries }) => tries < triesMax)
}

function forget(): void {
  clearTimer()
  takeLeft()
  waiting = []
  underWay = []
}

function clearTimer(): void {
  clearTimeout(timer)
  timer = undefined
}
