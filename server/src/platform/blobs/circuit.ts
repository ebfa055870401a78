import type { Clock } from '../clock/clock.ts'

/** Whether a place is worth asking, by how it answered before. */
export interface Circuit {
  isOpen(): boolean
  /** Asks it, and takes no answer in time for a failure; `drop` is handed one that comes too late. */
  ask<T>(work: () => Promise<T>, drop?: (late: T) => void): Promise<T>
}

export class TooSlowError extends Error {
  override readonly name = 'TooSlowError'
}

export interface CircuitOptions {
  clock: Pick<Clock, 'now'>
  patienceMs: number
  /** Failures one after the other until nobody asks any more. */
  failures: number
  /** After so long one is let through again to see. */
  restMs: number
}

export function createCircuit({ clock, patienceMs, failures, restMs }: CircuitOptions): Circuit {
  let failed = 0
  let openUntil = 0
  return {
    isOpen: () => clock.now() < openUntil,
    async ask(work, drop) {
      try {
        const result = drop === undefined ? await work() : await within(patienceMs, work(), drop)
        failed = 0
        return result
      } catch (error) {
        failed += 1
        if (failed >= failures) openUntil = clock.now() + restMs
        throw error
      }
    },
  }
}

async function within<T>(ms: number, work: Promise<T>, drop: (late: T) => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TooSlowError(`no answer within ${ms} ms`))
      work.then(drop, () => undefined)
    }, ms)
  })
  try {
    return await Promise.race([work, tooSlow])
  } finally {
    clearTimeout(timer)
  }
}
