import type { FoundFragment } from '#modules/posts'
import { halvesOf, type IdHalves } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'

/** Where a post stands in the outbox of its author, and so in the feeds of all who follow them. */
export interface FeedRow {
  author_id: Id
  feed_id: Id
  post_id: Id
  // Rows that are kept carry with them what others look for again and again; any of it may be missing.
  /** Of posts, who alone read and write it: the fragment that was found for its card. */
  found?: FoundFragment | undefined
  /** Of this module: halves of the post's id, of the feed id, and of the author's. */
  halves?: IdHalves | undefined
  feedHalves?: IdHalves | undefined
  authorHalves?: IdHalves | undefined
  /** Of ranking, who compares ids there before it is believed: where its features were when they were last looked for. */
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
