/** Wall time in milliseconds; injected, so that tests can move it. */
export interface Clock {
  now(): number
  /** Called when a test moves the clock, before anybody reads the new time for an id. Real clocks never call. */
  onMove?(listener: () => Promise<void>): () => void
}

export const systemClock: Clock = { now: () => Date.now() }

export interface TestClock extends Clock {
  /** Resolves when everything that keeps leases by this clock has renewed them. */
  advance(ms: number): Promise<void>
  set(ms: number): Promise<void>
}

/** Stands still until it is moved. */
export function createTestClock(start: number = Date.now()): TestClock {
  let time = start
  const listeners = new Set<() => Promise<void>>()
  const set = async (ms: number) => {
    time = ms
    for (const listener of listeners) await listener()
  }
  return {
    now: () => time,
    onMove(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set,
    advance: (ms) => set(time + ms),
  }
}
