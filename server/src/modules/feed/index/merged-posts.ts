import type { Candidates } from '../candidates.ts'
import type { OutboxIndex } from './outbox-index.ts'

/** The newest posts of a feed's authors, and of which state of the index: they are the same until one of them publishes. */
export interface MergedPosts {
  readonly candidates: Candidates
  readonly generation: object
  changes: number
}

export function mergedNow(candidates: Candidates, { generation, changes }: OutboxIndex): MergedPosts {
  return { candidates, generation, changes }
}

/** Nothing has become of any of these authors since. Notes that they were read. */
export function isAsItWas(merged: MergedPosts, outboxes: OutboxIndex, authors: Int32Array): boolean {
  if (merged.generation !== outboxes.generation) return false
  if (merged.changes === outboxes.changes) return true
  const { changedAt, isUsed } = outboxes.authors
  let isSame = true
  for (let i = 0; i < authors.length; i++) {
    const author = authors[i]!
    isUsed[author] = 1
    if (changedAt[author]! > merged.changes) isSame = false
  }
  if (isSame) merged.changes = outboxes.changes
  return isSame
}
