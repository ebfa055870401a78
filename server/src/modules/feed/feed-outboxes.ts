import type { Outboxes } from '#modules/posts'
import { bucketOf } from '#platform/ids/ids.ts'

/** What posts write for feeds to read, in the transaction that publishes or deletes. */
export function createOutboxes(): Outboxes {
  return {
    async publish(tx, { authorId, postId, feedId }) {
      await tx
        .insertInto('outboxes')
        .values({ bucket: bucketOf(authorId), author_id: authorId, feed_id: feedId, post_id: postId })
        .execute()
    },
    async withdraw(tx, { authorId, feedId }) {
      await tx
        .deleteFrom('outboxes')
        .where('bucket', '=', bucketOf(authorId))
        .where('author_id', '=', authorId)
        .where('feed_id', '=', feedId)
        .execute()
    },
  }
}
