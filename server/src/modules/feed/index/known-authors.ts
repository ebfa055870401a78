import type { FeedAuthors } from '../feed-viewers.ts'
import type { MergedPosts } from './merged-posts.ts'
import type { OutboxIndex } from './outbox-index.ts'

/** What is remembered of a feed's authors: their numbers in the index, and what was made of their posts. */
export interface KnownAuthors {
  /** Null when they are more than the index can know at once. */
  numbers(): Int32Array | null
  /** Key of the oldest of their newest posts when those were last put in order; 0: not known. */
  reach: number
  /** What was merged of their posts last. */
  merged: MergedPosts | null
}

/** Lives as long as the authors do, which are others after every change of whom a viewer follows. */
export function createKnownAuthors(outboxes: OutboxIndex): (authors: FeedAuthors) => KnownAuthors {
  const known = new WeakMap<FeedAuthors, KnownAuthors>()

  return (authors) => {
    let found = known.get(authors)
    if (found === undefined) {
      found = { numbers: numbersIn(outboxes, authors), reach: 0, merged: null }
      known.set(authors, found)
    }
    return found
  }
}

function numbersIn(outboxes: OutboxIndex, { ids }: FeedAuthors): () => Int32Array | null {
  let numbers: Int32Array | null = null
  let generation: object | undefined

  return () => {
    if (numbers === null || generation !== outboxes.generation) {
      numbers = outboxes.numbersOf(ids)
      generation = outboxes.generation
    }
    return numbers
  }
}
