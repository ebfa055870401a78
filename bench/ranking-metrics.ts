/** How much good stands in the first `count` places, against the best order of the same candidates; 1 is best. */
export function ndcg(gainsInOrder: ArrayLike<number>, gainsOfAll: ArrayLike<number>, count: number): number {
  const ideal = discounted(Float64Array.from(gainsOfAll).sort().reverse(), count)
  return ideal === 0 ? 1 : discounted(gainsInOrder, count) / ideal
}

function discounted(gains: ArrayLike<number>, count: number): number {
  let sum = 0
  for (let place = 0; place < Math.min(count, gains.length); place++)
    sum += gains[place]! / Math.log2(place + 2)
  return sum
}

/** Of the `count` best candidates, the share that stands in the first `count` places. */
export function recall(order: ArrayLike<number>, gains: ArrayLike<number>, count: number): number {
  const best = Array.from(gains, (_, candidate) => candidate)
    .sort((a, b) => gains[b]! - gains[a]! || a - b)
    .slice(0, count)
  if (best.length === 0) return 1
  const shown = new Set(Array.from(order).slice(0, count))
  return best.filter((candidate) => shown.has(candidate)).length / best.length
}
