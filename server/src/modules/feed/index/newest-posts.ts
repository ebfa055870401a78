import { halvesOf, type IdHalves, keyOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { OutboxIndex } from './outbox-index.ts'
import { none, type PostRecords } from './post-records.ts'

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
 * authors are loaded. Stops where an author's older posts are not in memory. Writes slots into `out`. `reach`: a guess how
 * far back that goes, as a key; who published nothing since then is not looked at unless it was wrong.
 */
export function newestPosts(
  outboxes: OutboxIndex,
  authors: Int32Array,
  before: Id | null,
  out: Int32Array,
  reach = 0,
): NewestPosts {
  const { posts } = outboxes
  const { floor, size: heads, isWhole } = gatherHeads(outboxes, authors, before, reach)
  let size = heads
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(posts, at, size)
  let count = 0
  while (size > 0 && count < out.length && (isWhole || heapKey[0]! >= reach)) {
    const slot = heapSlot[0]!
    if (isBefore(posts.feedHi(slot), posts.feedLo(slot), floor)) return { count, isEnd: false }
    out[count++] = slot
    const next = posts.previous(slot)
    if (next === none) {
      size--
      heapKey[0] = heapKey[size]!
      heapSlot[0] = heapSlot[size]!
    } else {
      heapKey[0] = keyOf(posts.feedHi(next), posts.feedLo(next))
      heapSlot[0] = next
    }
    sink(posts, 0, size)
  }
  if (!isWhole && count < out.length) return newestPosts(outboxes, authors, before, out)
  return { count, isEnd: size === 0 && isWhole && floor.hi === 0 && floor.lo === 0 }
}

interface Heads {
  /** Nothing older than this may be given: there it is not in memory. */
  floor: IdHalves
  /** In the heap, which is none yet. */
  size: number
  /** False: somebody was left out. */
  isWhole: boolean
}

function gatherHeads(
  { posts, authors: columns }: OutboxIndex,
  authors: Int32Array,
  before: Id | null,
  reach: number,
): Heads {
  const { head, headKey, isCut, cutHi, cutLo, isUsed } = columns
  const bound = before === null ? null : halvesOf(before)
  if (heapKey.length < authors.length) {
    heapKey = new Float64Array(authors.length * 2)
    heapSlot = new Int32Array(authors.length * 2)
  }
  const floor: IdHalves = { hi: 0, lo: 0 }
  let size = 0
  let isWhole = true
  for (let i = 0; i < authors.length; i++) {
    const author = authors[i]!
    isUsed[author] = 1
    if (isCut[author] === 1 && isAbove(cutHi[author]!, cutLo[author]!, floor)) {
      floor.hi = cutHi[author]!
      floor.lo = cutLo[author]!
    }
    let key = headKey[author]!
    if (key < reach) isWhole = false
    let slot = key < reach ? none : head[author]!
    if (bound !== null && slot !== none) {
      while (slot !== none && !isBefore(posts.feedHi(slot), posts.feedLo(slot), bound))
        slot = posts.previous(slot)
      if (slot !== none) key = keyOf(posts.feedHi(slot), posts.feedLo(slot))
    }
    if (slot === none) continue
    heapKey[size] = key
    heapSlot[size] = slot
    size++
  }
  return { floor, size, isWhole }
}

function isAbove(hi: number, lo: number, floor: IdHalves): boolean {
  return hi > floor.hi || (hi === floor.hi && lo > floor.lo)
}

function isBefore(hi: number, lo: number, bound: IdHalves): boolean {
  return hi < bound.hi || (hi === bound.hi && lo < bound.lo)
}

function sink(posts: PostRecords, from: number, size: number): void {
  if (from >= size) return
  const key = heapKey[from]!
  const slot = heapSlot[from]!
  let at = from
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    const right = child + 1
    if (right < size && isNewer(posts, heapKey[right]!, heapSlot[right]!, heapKey[child]!, heapSlot[child]!))
      child = right
    const childKey = heapKey[child]!
    if (isNewer(posts, key, slot, childKey, heapSlot[child]!)) break
    heapKey[at] = childKey
    heapSlot[at] = heapSlot[child]!
    at = child
  }
  heapKey[at] = key
  heapSlot[at] = slot
}

/** Keys are all but the last ten bits of an id; when those are equal, the lower halves tell. */
function isNewer(posts: PostRecords, key: number, slot: number, otherKey: number, other: number): boolean {
  return key > otherKey || (key === otherKey && posts.feedLo(slot) > posts.feedLo(other))
}
