/** Candidates' gains, the largest first: the best that an order could do. */
export function idealOf(gains: ArrayLike<number>): Float64Array {
  return Float64Array.from(gains).sort().reverse()
}

/** How much good stands in the first `count` places, against the best order of the same candidates; 1 is best. */
export function ndcg(gainsInOrder: ArrayLike<number>, ideal: Float64Array, count: number): number {
  const best = discounted(ideal, count)
  return best === 0 ? 1 : discounted(gainsInOrder, count) / best
}

function discounted(gains: ArrayLike<number>, count: number): number {
  let sum = 0
  for (let place = 0; place < Math.min(count, gains.length); place++)
    sum += gains[place]! / Math.log2(place + 2)
  return sum
}

/** Of the `count` best candidates, the share that stands in the first `count` places. Equals are as good as each other. */
export function recall(gainsInOrder: ArrayLike<number>, ideal: Float64Array, count: number): number {
  const places = Math.min(count, ideal.length)
  if (places === 0) return 1
  const least = ideal[places - 1]!
  let found = 0
  for (let place = 0; place < places; place++) if (gainsInOrder[place]! >= least) found++
  return found / places
}
