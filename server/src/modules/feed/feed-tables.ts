import type { Id } from '#platform/ids/ids.ts'

/** An author's published posts in the order of feeds; back-dated posts have no row. */
export interface OutboxesTable {
  bucket: number
  author_id: Id
  feed_id: Id
  post_id: Id
}

/** The order of an open paging, in the viewer's bucket; its cursors live as long as it does. */
export interface FeedSnapshotsTable {
  bucket: number
  user_id: Id
  id: Id
  shown_ids: Id[]
  post_ids: Id[]
  author_ids: Id[]
  feed_ids: Id[]
  /** Of each post its `MarkKind`, a byte each; named when there were two of them. */
  is_news: Buffer
  oldest: Id | null
  /** To some minutes; null: written before this was kept. */
  used_at: Date | null
}

/** How far a walk over people has come; see the migration. */
export interface FeedWalksTable {
  /** Always 0: there are few. */
  bucket: number
  walk: 'precompute'
  after_id: Id
}

export interface FeedTables {
  outboxes: OutboxesTable
  feed_snapshots: FeedSnapshotsTable
  feed_walks: FeedWalksTable
}

export interface FeedEvents {
  /** Rows of outboxes were put right by hand or by night, without an event of a post. */
  'feed.outboxes_mended': { authorIds: Id[] }
}
