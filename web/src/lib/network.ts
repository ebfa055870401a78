import { computed, signal } from '@preact/signals'

interface Connection {
  saveData?: boolean
  effectiveType?: string
}

/** Below this a large photograph takes longer than a person waits. */
const slowBytesPerSecond = 150_000
const smallestMeasured = 10_000
const shelfMs = 15

/** Bytes per second of the photographs that came; the newest counts for a third. */
const measured = signal<number | undefined>(undefined)

/** Whether the line is slow, as measured; until then as the browser guesses, where it does. */
export const slowLine = computed(() => {
  if (measured.value !== undefined) return measured.value < slowBytesPerSecond
  const connection = (globalThis.navigator as { connection?: Connection } | undefined)?.connection
  return connection?.saveData === true || /2g|3g/.test(connection?.effectiveType ?? '')
})

export function measure(bytes: number, milliseconds: number): void {
  if (bytes < smallestMeasured || milliseconds <= 0) return
  const now = (bytes / milliseconds) * 1000
  measured.value = measured.value === undefined ? now : measured.value * (2 / 3) + now / 3
}

/** Watches photographs arrive; what comes from the browser's cache has no size on the line. */
export function watchLine(): void {
  if (typeof PerformanceObserver === 'undefined') return
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByType('resource') as PerformanceResourceTiming[]) {
      if (entry.initiatorType !== 'img' || entry.transferSize === 0 || isFromShelf(entry)) continue
      measure(entry.encodedBodySize, entry.responseEnd - entry.responseStart)
    }
  }).observe({ type: 'resource', buffered: true })
}

/** The service worker's own store answers in no time; that says nothing about the line. */
function isFromShelf(entry: PerformanceResourceTiming): boolean {
  return entry.workerStart > 0 && entry.duration < shelfMs
}
