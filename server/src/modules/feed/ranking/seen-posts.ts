import type { Id } from '#platform/ids/ids.ts'
import { partsOf } from '../index/id-parts.ts'
import type { SeenPosts } from './taste.ts'

/** What `lookUp` gives for a post that was hidden. */
export const hiddenCount = 255

/** Some 14 bytes a post, where a Set of texts would take a hundred. */
export function createSeenPosts(seen: readonly Id[], hidden: readonly Id[]): SeenPosts {
  const size = 2 ** Math.ceil(Math.log2(Math.max(8, (seen.length + hidden.length) * 1.5)))
  const his = new Uint32Array(size)
  const los = new Uint32Array(size)
  /** 0: free. */
  const counts = new Uint8Array(size)

  /** Where it is, or where it would be. */
  const locate = (hi: number, lo: number): number => {
    let slot = (Math.imul(lo ^ Math.imul(hi, 0x85ebca6b), 0x9e3779b1) >>> 8) & (size - 1)
    while (counts[slot] !== 0 && (los[slot] !== lo || his[slot] !== hi)) slot = (slot + 1) & (size - 1)
    return slot
  }
  const put = (postId: Id, count: (before: number) => number) => {
    const { hi, lo } = partsOf(postId)
    const slot = locate(hi, lo)
    his[slot] = hi
    los[slot] = lo
    counts[slot] = count(counts[slot]!)
  }
  const read = (postId: Id): number => {
    const { hi, lo } = partsOf(postId)
    return counts[locate(hi, lo)]!
  }

  for (const postId of seen) put(postId, (before) => Math.min(hiddenCount - 1, before + 1))
  for (const postId of hidden) put(postId, () => hiddenCount)

  return {
    lookUp({ count, postHi, postLo }, into) {
      for (let at = 0; at < count; at++) into[at] = counts[locate(postHi[at]!, postLo[at]!)]!
    },
    countOf(postId) {
      const count = read(postId)
      return count === hiddenCount ? 1 : count
    },
    isHidden: (postId) => read(postId) === hiddenCount,
    hides: ({ hi, lo }) => counts[locate(hi, lo)] === hiddenCount,
  }
}
