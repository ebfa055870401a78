import type { FoundFragment } from '#modules/posts'
import type { Id } from '#platform/ids/ids.ts'
import { type IdParts, partsOf } from './index/id-parts.ts'

/** Where a post stands in the outbox of its author, and so in the feeds of all who follow them. */
export interface FeedRow {
  author_id: Id
  feed_id: Id
  post_id: Id
  /** Beside rows that are kept: what is made of them once. */
  found?: FoundFragment | undefined
  /** Of the post's id, and of the feed id. */
  halves?: IdParts | undefined
  feedHalves?: IdParts | undefined
}

export function halvesOf(row: FeedRow): IdParts {
  row.halves ??= partsOf(row.post_id)
  return row.halves
}
