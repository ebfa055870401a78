import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { FeedRow } from './feed-skeleton.ts'
import { partsOf } from './index/id-parts.ts'

/** So many of the newest posts are put in order; what is older comes after them as it was published. */
export const candidatesMax = 500

/** The newest posts of a feed in columns, newest first. */
export interface Candidates {
  readonly postIds: readonly Id[]
  /** The halves of those ids. */
  readonly postHi: Uint32Array
  readonly postLo: Uint32Array
  /** Row → index in `authorIds`. */
  readonly author: Uint16Array
  /** Each author once. */
  readonly authorIds: readonly Id[]
  /** When each entered feeds, milliseconds since 1970. */
  readonly publishedAt: Float64Array
  /** Made when asked for: few of them are needed. */
  feedIdOf(row: number): Id
  /** There is nothing older. */
  readonly isEnd: boolean
}

export function candidatesOf(rows: readonly FeedRow[], isEnd: boolean): Candidates {
  const indexes = new Map<Id, number>()
  const author = new Uint16Array(rows.length)
  const postHi = new Uint32Array(rows.length)
  const postLo = new Uint32Array(rows.length)
  for (const [at, { author_id, post_id }] of rows.entries()) {
    const { hi, lo } = partsOf(post_id)
    postHi[at] = hi
    postLo[at] = lo
    const index = indexes.get(author_id) ?? indexes.size
    indexes.set(author_id, index)
    author[at] = index
  }
  return {
    postIds: rows.map((row) => row.post_id),
    postHi,
    postLo,
    author,
    authorIds: [...indexes.keys()],
    publishedAt: Float64Array.from(rows, (row) => timeOf(row.feed_id)),
    feedIdOf: (row) => rows[row]!.feed_id,
    isEnd,
  }
}

export function candidateAt(candidates: Candidates, row: number): FeedRow {
  return {
    post_id: candidates.postIds[row]!,
    author_id: candidates.authorIds[candidates.author[row]!]!,
    feed_id: candidates.feedIdOf(row),
  }
}
