import type { FoundFragment } from '#modules/posts'
import { halvesOf, type IdHalves } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'

/** Where a post stands in the outbox of its author, and so in the feeds of all who follow them. */
export interface FeedRow {
  author_id: Id
  feed_id: Id
  post_id: Id
  /** Beside rows that are kept: what is made of them once. */
  found?: FoundFragment | undefined
  /** Of the post's id, of the feed id, and of the author's. */
  halves?: IdHalves | undefined
  feedHalves?: IdHalves | undefined
  authorHalves?: IdHalves | undefined
  /** Where its features were when they were last looked for. */
  featurePlace?: number | undefined
}

export function authorHalvesOf(row: FeedRow): IdHalves {
  row.authorHalves ??= halvesOf(row.author_id)
  return row.authorHalves
}

export function postHalvesOf(row: FeedRow): IdHalves {
  row.halves ??= halvesOf(row.post_id)
  return row.halves
}
