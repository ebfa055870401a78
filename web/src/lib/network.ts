import { computed, type ReadonlySignal, signal } from '@preact/signals'

interface Connection extends EventTarget {
  saveData?: boolean
  effectiveType?: string
  type?: string
}

/** Below this a large photograph takes longer than a person waits. */
const slowBytesPerSecond = 150_000
/** Twice what a video of 720 lines needs: it can come as one file and never stands still. */
const quickBytesPerSecond = 600_000
const smallestMeasured = 10_000
/** A small file may come in one flight of packets: fast, it says nothing; slow, it does. */
const tellingBytes = 40_000
const shelfMs = 15

const connection = (globalThis.navigator as { connection?: Connection } | undefined)?.connection
const guessed = signal(guess())
connection?.addEventListener?.('change', () => {
  guessed.value = guess()
})

/** Bytes per second of the photographs and pieces of video that came; the newest counts for a third. */
const measured = signal<number | undefined>(undefined)

/** What the line carried of late, where that is known. */
export const lineSpeed: ReadonlySignal<number | undefined> = measured

/** The browser was told to save data (Save-Data), in every site. */
export const browserSavesData = computed(() => guessed.value.saveData)

/** Whether the browser takes the line for a slow one (2g, 3g), where it tells. */
export const browserSaysSlow = computed(() => guessed.value.slow)

/** Whether what comes is paid by its size: known to browsers of phones alone, and not to all of them. */
export const cellular = computed(() => guessed.value.cellular)

/** Whether the line is slow, as measured; until then as the browser guesses, where it does. */
export const slowLine = computed(() => {
  if (measured.value !== undefined) return measured.value < slowBytesPerSecond
  return guessed.value.saveData || guessed.value.slow
})

/** Whether the line is known to carry anything at once. Not the opposite of slow: between lies what is not known. */
export const quickLine = computed(() => (measured.value ?? 0) >= quickBytesPerSecond)

function guess(): { saveData: boolean; slow: boolean; cellular: boolean } {
  return {
    saveData: connection?.saveData === true,
    slow: /2g|3g/.test(connection?.effectiveType ?? ''),
    cellular: connection?.type === 'cellular',
  }
}

export function measure(bytes: number, milliseconds: number): void {
  if (bytes < smallestMeasured || milliseconds <= 0) return
  const now = (bytes / milliseconds) * 1000
  if (bytes < tellingBytes && now > slowBytesPerSecond) return
  measured.value = measured.value === undefined ? now : measured.value * (2 / 3) + now / 3
}

/** A video stood still because its next piece did not come: whatever was measured before, this is no quick line. */
export function noteStall(): void {
  measured.value = Math.min(measured.value ?? Number.POSITIVE_INFINITY, quickBytesPerSecond / 2)
}

/** Watches photographs and pieces of video arrive; what comes from the browser's cache has no size on the line. */
export function watchLine(): void {
  if (typeof PerformanceObserver === 'undefined') return
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByType('resource') as PerformanceResourceTiming[]) {
      if (!tellsOfLine(entry.initiatorType, entry.name)) continue
      if (entry.transferSize === 0 || (entry.initiatorType === 'img' && isFromShelf(entry))) continue
      measure(entry.encodedBodySize, entry.responseEnd - entry.responseStart)
    }
  }).observe({ type: 'resource', buffered: true })
}

const pieceOfVideo = /\/videos\/.+\/hls\/.+\.m4s$/

/** A video that is one file comes as slowly as it is played, so it tells nothing; its pieces come at full speed. */
export function tellsOfLine(initiator: string, address: string): boolean {
  return initiator === 'img' || pieceOfVideo.test(address)
}

/** The service worker's own store answers in no time; that says nothing about the line. It holds no video. */
function isFromShelf(entry: PerformanceResourceTiming): boolean {
  return entry.workerStart > 0 && entry.duration < shelfMs
}
