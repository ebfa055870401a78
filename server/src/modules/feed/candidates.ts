import type { IdColumns } from '#modules/ranking'
import { halvesOf, idOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { FeedRow } from './feed-row.ts'

/** So many of the newest posts are put in order; what is older comes after them as it was published. */
export const candidatesMax = 500

/** The newest posts of a feed in columns, newest first. */
export interface Candidates extends IdColumns {
  readonly feedHi: Uint32Array
  readonly feedLo: Uint32Array
  /** Row → number among the authors. */
  readonly author: Uint16Array
  /** Row → where its features were when they were last looked for. */
  readonly places: Int32Array
  /** The authors' ids in halves, each once. */
  readonly authorHi: Uint32Array
  readonly authorLo: Uint32Array
  /** There is nothing older. */
  readonly isEnd: boolean
  /** Few of them are needed as rows. */
  rowAt(row: number): FeedRow
}

/** Columns to be filled; they lie in one piece of memory. */
export function createFeedColumns(count: number) {
  const bytes = new ArrayBuffer(count * 22)
  const words = (at: number) => new Uint32Array(bytes, at * count * 4, count)
  return {
    count,
    postHi: words(0),
    postLo: words(1),
    feedHi: words(2),
    feedLo: words(3),
    places: new Int32Array(bytes, count * 16, count),
    author: new Uint16Array(bytes, count * 20, count),
  }
}

export type FeedColumns = ReturnType<typeof createFeedColumns>

/** `into`: room for them, for as long as they are used. */
export function candidatesOf(
  rows: readonly FeedRow[],
  isEnd: boolean,
  into: FeedColumns = createFeedColumns(rows.length),
): Candidates {
  const indexes = new Map<Id, number>()
  const columns = { ...into, count: rows.length }
  for (const [at, { author_id, post_id, feed_id, halves, feedHalves }] of rows.entries()) {
    const post = halves ?? halvesOf(post_id)
    const feed = feedHalves ?? halvesOf(feed_id)
    columns.postHi[at] = post.hi
    columns.postLo[at] = post.lo
    columns.feedHi[at] = feed.hi
    columns.feedLo[at] = feed.lo
    const index = indexes.get(author_id) ?? indexes.size
    indexes.set(author_id, index)
    columns.author[at] = index
  }
  const halves = Array.from(indexes.keys(), halvesOf)
  return {
    ...columns,
    authorHi: Uint32Array.from(halves, ({ hi }) => hi),
    authorLo: Uint32Array.from(halves, ({ lo }) => lo),
    isEnd,
    rowAt: (row) => rows[row]!,
  }
}

export function postIdAt({ postHi, postLo }: IdColumns, row: number): Id {
  return idOf(postHi[row]!, postLo[row]!)
}

export function feedIdAt({ feedHi, feedLo }: Candidates, row: number): Id {
  return idOf(feedHi[row]!, feedLo[row]!)
}
