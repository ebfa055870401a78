import type { FeedRow, FeedSkeleton } from '../feed-skeleton.ts'
import { newestPosts } from './newest-posts.ts'
import { feedIdAt, type OutboxIndex, postIdAt } from './outbox-index.ts'
import type { OutboxLoading } from './outbox-loading.ts'

interface Deps {
  outboxes: OutboxIndex
  loading: OutboxLoading
  /** For what is not in memory: the older posts of who has many, and more authors than there is room for. */
  sql: FeedSkeleton
}

/** Merges what is in memory, and goes on in SQL where that ends. */
export function createMemorySkeleton({ outboxes, loading, sql }: Deps): FeedSkeleton {
  return {
    async page(viewer, { authors, before, limit }) {
      const numbers = authors.numbersIn(outboxes)
      if (numbers === null) return sql.page(viewer, { authors, before, limit })
      if (!loading.areLoaded(numbers)) await loading.load(numbers)
      // Others may have needed the room while this waited.
      if (authors.numbersIn(outboxes) !== numbers || !loading.areLoaded(numbers))
        return sql.page(viewer, { authors, before, limit })
      const slots = new Int32Array(limit)
      const { count, isEnd } = newestPosts(outboxes, numbers, before, slots)
      const rows = rowsOf(outboxes, slots.subarray(0, count))
      if (count === limit || isEnd) return rows
      const older = { authors, before: rows.at(-1)?.feed_id ?? before, limit: limit - count }
      return [...rows, ...(await sql.page(viewer, older))]
    },
  }
}

function rowsOf({ posts, authorIdOf }: OutboxIndex, slots: Int32Array): FeedRow[] {
  return Array.from(slots, (slot) => ({
    author_id: authorIdOf(posts.author[slot]!),
    feed_id: feedIdAt(posts, slot),
    post_id: postIdAt(posts, slot),
  }))
}
