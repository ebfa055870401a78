import type { Id } from '#platform/ids/ids.ts'

/** An author's published posts in the order of feeds; back-dated posts have no row. */
export interface OutboxesTable {
  bucket: number
  author_id: Id
  feed_id: Id
  post_id: Id
}

export interface FeedTables {
  outboxes: OutboxesTable
}

export interface FeedEvents {
  /** Rows of outboxes were put right by hand or by night, without an event of a post. */
  'feed.outboxes_mended': { authorIds: Id[] }
}
