import { halvesOf, hashOfHalves } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { SeenPost, SeenPosts } from './taste.ts'

/** What `lookUp` gives for a post that was hidden. */
export const hiddenCount = 255

/** Of the object, its functions and three arrays without what is in them. */
const fixedBytes = 1000

/** At least this share of the places stays free. */
const freeShare = 1 / 3

/**
 * Some 16 bytes a post, where a Set of texts would take a hundred. `seen` is in any order; each post once for each of its
 * days.
 */
export function createSeenPosts(seen: readonly SeenPost[], hidden: readonly Id[]): SeenPosts {
  let used = 0
  let places = createPlaces(seen.length + hidden.length)

  function put(postId: Id, change: (slot: number) => void): void {
    const { hi, lo } = halvesOf(postId)
    const slot = locate(places, hi, lo)
    if (places.counts[slot] === 0) used++
    places.ids[2 * slot] = hi
    places.ids[2 * slot + 1] = lo
    change(slot)
    if (used > places.size * (1 - freeShare)) places = enlarged(places, used)
  }

  const countOnce = (slot: number, day: number) => {
    const { counts, days } = places
    counts[slot] = Math.min(hiddenCount - 1, counts[slot]! + 1)
    days[slot] = Math.max(days[slot]!, day)
  }

  function read(postId: Id): number {
    const { hi, lo } = halvesOf(postId)
    return places.counts[locate(places, hi, lo)]!
  }

  for (const { postId, day } of seen) put(postId, (slot) => countOnce(slot, day))
  for (const postId of hidden)
    put(postId, (slot) => {
      places.counts[slot] = hiddenCount
    })

  return {
    get bytes() {
      return fixedBytes + places.ids.byteLength + places.counts.byteLength + places.days.byteLength
    },
    lookUp({ count, postHi, postLo }, into) {
      const now = places
      for (let at = 0; at < count; at++) into[at] = now.counts[locate(now, postHi[at]!, postLo[at]!)]!
    },
    countOf(postId) {
      const count = read(postId)
      return count === hiddenCount ? 1 : count
    },
    hides: ({ hi, lo }) => places.counts[locate(places, hi, lo)] === hiddenCount,
    note({ postId, day }) {
      put(postId, (slot) => {
        const { counts, days } = places
        if (counts[slot] !== hiddenCount && (counts[slot] === 0 || days[slot]! < day)) countOnce(slot, day)
      })
    },
  }
}

interface Places {
  readonly size: number
  /** Their halves side by side. */
  readonly ids: Uint32Array
  /** 0: free. */
  readonly counts: Uint8Array
  /** The last one counted. */
  readonly days: Uint16Array
}

function createPlaces(posts: number): Places {
  const size = 2 ** Math.ceil(Math.log2(Math.max(8, posts / (1 - freeShare))))
  return {
    size,
    ids: new Uint32Array(2 * size),
    counts: new Uint8Array(size),
    days: new Uint16Array(size),
  }
}

/** Where it is, or where it would be. */
function locate({ size, ids, counts }: Places, hi: number, lo: number): number {
  let slot = hashOfHalves(hi, lo) & (size - 1)
  while (counts[slot] !== 0 && (ids[2 * slot + 1] !== lo || ids[2 * slot] !== hi))
    slot = (slot + 1) & (size - 1)
  return slot
}

function enlarged(from: Places, posts: number): Places {
  const to = createPlaces(2 * posts)
  for (let at = 0; at < from.size; at++) {
    if (from.counts[at] === 0) continue
    const hi = from.ids[2 * at]!
    const lo = from.ids[2 * at + 1]!
    const slot = locate(to, hi, lo)
    to.ids[2 * slot] = hi
    to.ids[2 * slot + 1] = lo
    to.counts[slot] = from.counts[at]!
    to.days[slot] = from.days[at]!
  }
  return to
}
