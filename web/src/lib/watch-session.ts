import { signedIn } from './session.ts'
import { onPause, tell } from './signals.ts'

/** A glance at the time on a screen that was still open is no visit. */
const shortestMs = 2000

/** Back so soon, after a look at something else, one is still on the same visit. */
const pauseMs = 5 * 60_000

/** When a visit began, and for how long the app was in sight in one go; told when it leaves it. */
export function watchSession(): void {
  let endedAt = 0
  let since = begin(endedAt)
  onPause(() => {
    if (since !== undefined && Date.now() - since >= shortestMs)
      tell({ kind: 'session', at: new Date(since).toISOString(), dwellMs: Date.now() - since })
    since = undefined
    endedAt = Date.now()
  })
  document.addEventListener('visibilitychange', () => {
    since ??= begin(endedAt)
  })
  // Back from the browser's memory of pages, where nothing of this began anew.
  addEventListener('pageshow', () => {
    since ??= begin(endedAt)
  })
}

function begin(endedAt: number): number | undefined {
  const isVisit = document.visibilityState === 'visible' && signedIn.peek() && Date.now() - endedAt > pauseMs
  return isVisit ? Date.now() : undefined
}
