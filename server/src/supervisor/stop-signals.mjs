/** npm passes a terminal's Ctrl-C on, so that one press arrives twice. */
const SAME_PRESS_MS = 700

/**
 * Ctrl-C, a service manager's SIGTERM, a closed terminal: the first asks to stop, another one insists.
 */
export function catchStopSignals() {
  const first = new AbortController()
  let firstAt = 0
  let insist = () => {}
  const listener = () => {
    if (!first.signal.aborted) {
      firstAt = Date.now()
      first.abort()
    } else if (Date.now() - firstAt > SAME_PRESS_MS) {
      insist()
    }
  }
  const names = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const name of names) process.on(name, listener)
  return {
    first: first.signal,
    /**
     * What is left of a time that began with the first signal.
     *
     * @param {number} wholeMs
     */
    remaining(wholeMs) {
      return first.signal.aborted ? Math.max(0, firstAt + wholeMs - Date.now()) : wholeMs
    },
    /** @param {() => void} then */
    onSecond(then) {
      insist = then
    },
    release() {
      for (const name of names) process.off(name, listener)
    },
  }
}
