/** A seeded source of chance, so that the same seed makes the same instance. */
export interface Random {
  /** 0 ≤ x < 1. */
  unit(): number
  between(low: number, high: number): number
  whole(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** `count` different items, or all there are. */
  some<T>(items: readonly T[], count: number): T[]
}

/** mulberry32 (public domain, Tommy Ettinger): 32 bits of state are plenty for pictures. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const whole = (low: number, high: number) => low + Math.floor(unit() * (high - low + 1))
  return {
    unit,
    whole,
    between: (low, high) => low + unit() * (high - low),
    chance: (probability) => unit() < probability,
    pick: (items) => items[whole(0, items.length - 1)]!,
    some(items, count) {
      const rest = [...items]
      const chosen = []
      while (rest.length > 0 && chosen.length < count)
        chosen.push(...rest.splice(whole(0, rest.length - 1), 1))
      return chosen
    },
  }
}
