import type { Id } from '#platform/ids/ids.ts'
import type { SeenPosts } from './taste.ts'

const tailLength = 9
const hiddenCount = 255

/** Some 15 bytes a post, where a Set of texts would take a hundred. */
export function createSeenPosts(seen: readonly Id[], hidden: readonly Id[]): SeenPosts {
  const size = 2 ** Math.ceil(Math.log2(Math.max(8, (seen.length + hidden.length) * 1.5)))
  const heads = new Float64Array(size)
  const tails = new Uint32Array(size)
  /** 0: free. */
  const counts = new Uint8Array(size)

  /** Where it is, or where it would be. */
  const locate = (head: number, tail: number): number => {
    let slot = (Math.imul(tail ^ (head | 0), 0x9e3779b1) >>> 0) & (size - 1)
    while (counts[slot] !== 0 && (tails[slot] !== tail || heads[slot] !== head))
      slot = (slot + 1) & (size - 1)
    return slot
  }
  const put = (postId: Id, count: (before: number) => number) => {
    const [head, tail] = partsOf(postId)
    const slot = locate(head, tail)
    heads[slot] = head
    tails[slot] = tail
    counts[slot] = count(counts[slot]!)
  }
  const read = (postId: Id): number => counts[locate(...partsOf(postId))]!

  for (const postId of seen) put(postId, (before) => Math.min(hiddenCount - 1, before + 1))
  for (const postId of hidden) put(postId, () => hiddenCount)

  return {
    countOf(postId) {
      const count = read(postId)
      return count === hiddenCount ? 1 : count
    },
    isHidden: (postId) => read(postId) === hiddenCount,
  }
}

/** The last digits of an id fit 32 bits, the first ones a double: together they are the id. */
function partsOf(postId: Id): [head: number, tail: number] {
  return [Number(postId.slice(0, -tailLength)), Number(postId.slice(-tailLength))]
}
