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
  /** Of the post's id, of the feed id, and of the author's. */
  halves?: IdParts | undefined
  feedHalves?: IdParts | undefined
  authorHalves?: IdParts | undefined
  /** Where its features were when they were last looked for. */
  featurePlace?: number | undefined
}

export function authorHalvesOf(row: FeedRow): IdParts {
  row.authorHalves ??= partsOf(row.author_id)
  return row.authorHalves
}

export function halvesOf(row: FeedRow): IdParts {
  row.halves ??= partsOf(row.post_id)
  return row.halves
}
