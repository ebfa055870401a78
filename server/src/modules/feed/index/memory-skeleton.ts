import type { Id } from '#platform/ids/ids.ts'
import { type Candidates, candidatesMax, candidatesOf, createRows } from '../candidates.ts'
import type { FeedRequest, FeedRow, FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedAuthors } from '../feed-viewers.ts'
import { newestPosts } from './newest-posts.ts'
import { feedIdAt, feedKeyAt, type OutboxIndex } from './outbox-index.ts'
import type { OutboxLoading } from './outbox-loading.ts'

interface Deps {
  outboxes: OutboxIndex
  loading: OutboxLoading
  /** For what is not in memory: the older posts of who has many, and more authors than there is room for. */
  sql: FeedSkeleton
  /** False: this process may not have heard of everything; then SQL answers alone. */
  isCurrent(): boolean
}

export interface MemorySkeleton extends FeedSkeleton {
  /** Nothing would have to be read. */
  isReady(authors: FeedAuthors): boolean
}

/** Merges what is in memory, and goes on in SQL where that ends. */
export function createMemorySkeleton({ outboxes, loading, sql, isCurrent }: Deps): MemorySkeleton {
  /** All of them in memory, or null. */
  async function numbersOf({ authors }: Pick<FeedRequest, 'authors'>): Promise<Int32Array | null> {
    const numbers = isCurrent() ? authors.numbersIn(outboxes) : null
    if (numbers === null || loading.areLoaded(numbers)) return numbers
    await loading.load(numbers)
    // Others may have needed the room while this waited.
    return authors.numbersIn(outboxes) === numbers && loading.areLoaded(numbers) ? numbers : null
  }

  return {
    isReady(authors) {
      const numbers = isCurrent() ? authors.numbersIn(outboxes) : null
      return numbers !== null && loading.areLoaded(numbers)
    },

    async page(viewer, { authors, before, limit }) {
      const numbers = await numbersOf({ authors })
      if (numbers === null) return sql.page(viewer, { authors, before, limit })
      const slots = new Int32Array(limit)
      const { count, isEnd } = newestPosts(outboxes, numbers, before, slots)
      const rows = rowsOf(outboxes, slots.subarray(0, count))
      if (count === limit || isEnd) return rows
      const older = { authors, before: rows.at(-1)?.feed_id ?? before, limit: limit - count }
      return [...rows, ...(await sql.page(viewer, older))]
    },

    async candidates(viewer, { authors, before }) {
      const numbers = await numbersOf({ authors })
      if (numbers === null) return sql.candidates(viewer, { authors, before })
      const { count, isEnd } = newestPosts(outboxes, numbers, before, scratch, authors.reach)
      const found = scratch.subarray(0, count)
      // Published is more than taken back: next time it ends there or later.
      if (before === null)
        authors.reach = count === candidatesMax ? feedKeyAt(outboxes.posts, scratch[count - 1]!) : 0
      if (count === candidatesMax || isEnd) return columnsOf(outboxes, found, isEnd)
      const rows = rowsOf(outboxes, found)
      const limit = candidatesMax - count
      const older = await sql.page(viewer, { authors, before: rows.at(-1)?.feed_id ?? before, limit })
      return candidatesOf([...rows, ...older], older.length < limit)
    },
  }
}

/** Used without waiting: one for the process is enough. */
const scratch = new Int32Array(candidatesMax)

function rowsOf(outboxes: OutboxIndex, slots: Int32Array): FeedRow[] {
  const { posts } = outboxes
  return Array.from(slots, (slot) => ({
    author_id: outboxes.authorIdOf(posts.author(slot)),
    feed_id: feedIdAt(posts, slot),
    post_id: outboxes.postIdOf(slot),
  }))
}

/** Number of an author → its index among a feed's authors plus one; all zeros between two uses. */
let indexes = new Uint16Array(1024)

function columnsOf(outboxes: OutboxIndex, slots: Int32Array, isEnd: boolean): Candidates {
  const { posts, authors } = outboxes
  const count = slots.length
  if (indexes.length < authors.length) indexes = new Uint16Array(authors.length)
  const rows = createRows(count)
  const authorIds: Id[] = []
  for (let row = 0; row < count; row++) {
    const slot = slots[row]!
    const number = posts.author(slot)
    if (indexes[number] === 0) indexes[number] = authorIds.push(outboxes.authorIdOf(number))
    rows.author[row] = indexes[number]! - 1
    rows.postHi[row] = posts.postHi(slot)
    rows.postLo[row] = posts.postLo(slot)
    rows.feedHi[row] = posts.feedHi(slot)
    rows.feedLo[row] = posts.feedLo(slot)
  }
  for (let row = 0; row < count; row++) indexes[posts.author(slots[row]!)] = 0
  return { ...rows, authorIds, isEnd }
}
