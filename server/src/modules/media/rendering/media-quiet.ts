import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** Between photographs that people wait for and what can wait, in one process; other processes are kept apart by priority alone. */
export interface Quiet {
  /** While this runs, and a moment after it, it is not quiet. */
  break<T>(work: () => Promise<T>): Promise<T>
  /** Until it is quiet, but not for ever: under constant load the other work goes on too, slowly. */
  wait(signal: AbortSignal): Promise<void>
}

/** Who shares one photograph often shares the next. */
const calmMs = 500
const longestWaitMs = 10_000

export function createQuiet({ calm = calmMs, longest = longestWaitMs } = {}): Quiet {
  let underWay = 0
  let lastAt = Number.NEGATIVE_INFINITY
  const isQuiet = () => underWay === 0 && performance.now() - lastAt >= calm
  return {
    async break(work) {
      underWay += 1
      try {
        return await work()
      } finally {
        underWay -= 1
        lastAt = performance.now()
      }
    },
    async wait(signal) {
      const until = performance.now() + longest
      while (!isQuiet() && performance.now() < until) await sleep(calm / 10, undefined, { signal })
    },
  }
}
