import type { Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'

/**
 * Where published posts are handed to feeds. Posts call it inside their own transactions; what stands behind
 * it belongs to the feed.
 */
export interface Outboxes {
  publish(tx: Tx, post: { authorId: Id; postId: Id; feedId: Id }): Promise<void>
  withdraw(tx: Tx, post: { authorId: Id; feedId: Id }): Promise<void>
}
