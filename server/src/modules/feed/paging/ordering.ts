/** Of one author at most so many stand among so many in a row, while there is anybody else. */
export const sameAuthorMax = 2
export const sameAuthorWithin = 20

export interface ScoredRows {
  readonly count: number
  readonly score: Float32Array
  readonly publishedAt: Float64Array
  /** Row → number of its author, below 65,536. */
  readonly author: Uint16Array
}

/** Rows one after the other, best first. */
export interface Ordering {
  /** -1 when all were given. */
  next(): number
}

/**
 * Sorts no more than is asked for: a first page takes some thirty of 500 from a heap. Rows of an author who stands there
 * often enough already wait until there is room for them, and none is lost. `before`: authors of what stands above.
 * `heap`: room for as many as there are rows.
 */
export function createOrdering(
  rows: ScoredRows,
  before: readonly number[] = [],
  heap: Uint16Array = new Uint16Array(rows.count),
): Ordering {
  const { score, publishedAt, author } = rows
  let size = rows.count
  for (let row = 0; row < size; row++) heap[row] = row
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at)
  const recent: number[] = before.slice(-(sameAuthorWithin - 1))
  let waiting: number[] = []
  /** Whose row went out of sight last: of those that wait, only theirs may have room by that. */
  let roomFor = -1

  function isBetter(a: number, b: number): boolean {
    const difference = score[a]! - score[b]! || publishedAt[a]! - publishedAt[b]!
    return difference > 0 || (difference === 0 && a < b)
  }

  function sink(from: number): void {
    const row = heap[from]!
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && isBetter(heap[child + 1]!, heap[child]!)) child++
      if (!isBetter(heap[child]!, row)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = row
  }

  function pop(): number {
    const row = heap[0]!
    heap[0] = heap[--size]!
    if (size > 1) sink(0)
    return row
  }

  function mayStand(row: number): boolean {
    const own = author[row]!
    let seen = 0
    for (const other of recent) if (other === own) seen++
    return seen < sameAuthorMax
  }

  function place(row: number): number {
    recent.push(author[row]!)
    roomFor = recent.length === sameAuthorWithin ? recent.shift()! : -1
    return row
  }

  return {
    next() {
      const at = roomFor < 0 ? -1 : waiting.findIndex((row) => author[row] === roomFor)
      if (at >= 0 && mayStand(waiting[at]!)) {
        const row = waiting[at]!
        waiting = waiting.toSpliced(at, 1)
        return place(row)
      }
      while (size > 0) {
        const row = pop()
        if (mayStand(row)) return place(row)
        waiting.push(row)
      }
      const row = waiting.shift()
      return row === undefined ? -1 : place(row)
    },
  }
}
