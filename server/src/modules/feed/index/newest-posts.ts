import type { Id } from '#platform/ids/ids.ts'
import { type IdParts, keyOf, partsOf } from './id-parts.ts'
import type { OutboxIndex } from './outbox-index.ts'
import { none } from './post-columns.ts'

export interface NewestPosts {
  /** How many slots were written. */
  count: number
  /** False: there may be older ones; when fewer were written than there was room for, not in memory. */
  isEnd: boolean
}

/** A heap of authors by their next post, made once and grown; reads never wait, so they never meet in it. */
let heapKey = new Float64Array(1024)
let heapSlot = new Int32Array(1024)

/**
 * The newest posts of many authors, newest first, from before a bound: their chains are merged by a heap of heads. All
 * authors are loaded. Stops where an author's older posts are not in memory. Writes slots into `out`.
 */
export function newestPosts(
  outboxes: OutboxIndex,
  authors: Int32Array,
  before: Id | null,
  out: Int32Array,
): NewestPosts {
  const { posts, authors: columns } = outboxes
  const { feedHi, feedLo, previous } = posts
  const { head, headKey, cutHi, cutLo, isUsed } = columns
  const bound = before === null ? null : partsOf(before)
  if (heapKey.length < authors.length) {
    heapKey = new Float64Array(authors.length * 2)
    heapSlot = new Int32Array(authors.length * 2)
  }
  let size = 0
  const floor: IdParts = { hi: 0, lo: 0 }
  for (let i = 0; i < authors.length; i++) {
    const author = authors[i]!
    isUsed[author] = 1
    if (cutHi[author]! > floor.hi || (cutHi[author]! === floor.hi && cutLo[author]! > floor.lo)) {
      floor.hi = cutHi[author]!
      floor.lo = cutLo[author]!
    }
    let slot = head[author]!
    let key = headKey[author]!
    if (bound !== null && slot !== none) {
      while (slot !== none && !isBefore(feedHi[slot]!, feedLo[slot]!, bound)) slot = previous[slot]!
      if (slot !== none) key = keyOf(feedHi[slot]!, feedLo[slot]!)
    }
    if (slot === none) continue
    heapKey[size] = key
    heapSlot[size] = slot
    size++
  }
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at, size, feedLo)
  let count = 0
  while (size > 0 && count < out.length) {
    const slot = heapSlot[0]!
    if (isBefore(feedHi[slot]!, feedLo[slot]!, floor)) return { count, isEnd: false }
    out[count++] = slot
    const next = previous[slot]!
    if (next === none) {
      size--
      heapKey[0] = heapKey[size]!
      heapSlot[0] = heapSlot[size]!
    } else {
      heapKey[0] = keyOf(feedHi[next]!, feedLo[next]!)
      heapSlot[0] = next
    }
    sink(0, size, feedLo)
  }
  return { count, isEnd: size === 0 && floor.hi === 0 && floor.lo === 0 }
}

function isBefore(hi: number, lo: number, bound: IdParts): boolean {
  return hi < bound.hi || (hi === bound.hi && lo < bound.lo)
}

/** Keys are all but the last ten bits of an id; when those are equal, the lower halves tell. */
function sink(from: number, size: number, feedLo: Uint32Array): void {
  if (from >= size) return
  const key = heapKey[from]!
  const slot = heapSlot[from]!
  const lo = feedLo[slot]!
  let at = from
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    const right = child + 1
    if (right < size) {
      const difference = heapKey[right]! - heapKey[child]!
      if (difference > 0 || (difference === 0 && feedLo[heapSlot[right]!]! > feedLo[heapSlot[child]!]!))
        child = right
    }
    const childKey = heapKey[child]!
    if (childKey < key || (childKey === key && feedLo[heapSlot[child]!]! < lo)) break
    heapKey[at] = childKey
    heapSlot[at] = heapSlot[child]!
    at = child
  }
  heapKey[at] = key
  heapSlot[at] = slot
}
