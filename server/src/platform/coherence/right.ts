/**
 * Until when this process may decide from memory. Two clocks must agree: the monotonic one stands still while a machine
 * sleeps, the other can be set.
 */
export interface Right {
  holds(): boolean
  /** Before it asks what it has missed. */
  begin(): Moment
  /** It has handled everything that was there when it asked. */
  grant(since: Moment): void
  /** Nothing is decided from memory before the next grant. */
  withdraw(): void
}

export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

export interface Clocks {
  monotonic(): number
  wall(): number
}

export const systemClocks: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() }

export function createRight(durationMs: number, clocks: Clocks = systemClocks): Right {
  let monotonicEnd = Number.NEGATIVE_INFINITY
  let wallEnd = Number.NEGATIVE_INFINITY
  /** A right that was asked for before it was withdrawn is not granted after. */
  let withdrawnAt = Number.NEGATIVE_INFINITY
  return {
    holds: () => clocks.monotonic() < monotonicEnd && clocks.wall() < wallEnd,
    begin: () => ({ monotonic: clocks.monotonic(), wall: clocks.wall() }),
    grant({ monotonic, wall }) {
      if (monotonic <= withdrawnAt) return
      monotonicEnd = monotonic + durationMs
      wallEnd = wall + durationMs
    },
    withdraw() {
      withdrawnAt = clocks.monotonic()
      monotonicEnd = Number.NEGATIVE_INFINITY
    },
  }
}
