/** Numbers that are the same every time. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** An integer in [0, end). */
  below(end: number): number
  /** Of the normal distribution with mean 0 and deviation 1. */
  normal(): number
}

/** mulberry32: 32 bits of state are plenty for populations and data sets. */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    below: (end) => Math.floor(next() * end),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}

/** Draws an index as often as its weight says, in constant time (Walker's alias method, Vose 1991). */
export function createSampler(weights: ArrayLike<number>): (random: Random) => number {
  const count = weights.length
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[i]!
  const share = Float64Array.from(weights, (weight) => (weight * count) / sum)
  const alias = new Int32Array(count)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < count; i++) (share[i]! < 1 ? small : large).push(i)
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!
    const high = large.at(-1)!
    alias[low] = high
    share[high] = share[high]! - (1 - share[low]!)
    if (share[high]! < 1) small.push(large.pop()!)
  }
  // What rounding left over stands for itself.
  for (const i of [...small, ...large]) share[i] = 1
  return (random) => {
    const i = random.below(count)
    return random.next() < share[i]! ? i : alias[i]!
  }
}

/** Weights of a power law: the first is the largest. */
export function powerLaw(count: number, exponent: number, flattened = 10): Float64Array {
  return Float64Array.from({ length: count }, (_, rank) => (rank + flattened) ** -exponent)
}
