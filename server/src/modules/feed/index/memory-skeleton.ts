import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { type Candidates, candidatesMax, candidatesOf } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedRequest, FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedAuthors } from '../feed-viewers.ts'
import { broughtUpToDate, mergedFrom } from './merged-posts.ts'
import { newestPosts } from './newest-posts.ts'
import { feedKeyAt, type OutboxIndex } from './outbox-index.ts'
import type { OutboxLoading } from './outbox-loading.ts'
import { createSharedRows } from './shared-rows.ts'

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
  const shared = createSharedRows(outboxes)
  const sources = { outboxes, shared }

  /** All of them in memory, or null. */
  function numbersOf({ authors }: Pick<FeedRequest, 'authors'>): Soon<Int32Array | null> {
    const numbers = isCurrent() ? authors.numbersIn(outboxes) : null
    if (numbers === null || loading.areLoaded(numbers)) return numbers
    return loading.load(numbers).then(() =>
      // Others may have needed the room while this waited.
      authors.numbersIn(outboxes) === numbers && loading.areLoaded(numbers) ? numbers : null,
    )
  }

  /** What was merged last, with what was published since. Whoever comes back within minutes finds it so. */
  function peekMerged(authors: FeedAuthors): Candidates | null {
    const { merged } = authors
    const numbers = merged && isCurrent() ? authors.numbersIn(outboxes) : null
    if (merged === null || numbers === null || merged.isOutdated) return null
    const known = broughtUpToDate(sources, merged, numbers)
    if (known) authors.merged = known
    else merged.isOutdated = true
    return known?.candidates ?? null
  }

  function page(viewer: { id: Id }, { authors, before, limit }: FeedRequest): Soon<FeedRow[]> {
    return whenThere(numbersOf({ authors }), (numbers) => {
      if (numbers === null) return sql.page(viewer, { authors, before, limit })
      const slots = new Int32Array(limit)
      const { count, isEnd } = newestPosts(outboxes, numbers, before, slots)
      const rows = Array.from(slots.subarray(0, count), shared.rowOf)
      if (count === limit || isEnd) return rows
      const older = { authors, before: rows.at(-1)?.feed_id ?? before, limit: limit - count }
      return whenThere(sql.page(viewer, older), (more) => [...rows, ...more])
    })
  }

  function candidates(viewer: { id: Id }, { authors, before }: Omit<FeedRequest, 'limit'>): Soon<Candidates> {
    const known = before === null ? peekMerged(authors) : null
    if (known) return known
    return whenThere(numbersOf({ authors }), (numbers) => {
      if (numbers === null) return sql.candidates(viewer, { authors, before })
      const { count, isEnd } = newestPosts(outboxes, numbers, before, scratch, authors.reach)
      // Published is more than taken back: next time it ends there or later.
      if (before === null)
        authors.reach = count === candidatesMax ? feedKeyAt(outboxes.posts, scratch[count - 1]!) : 0
      if (count === candidatesMax || isEnd) {
        const merged = mergedFrom(sources, scratch.slice(0, count), isEnd, authors.merged)
        if (before === null) authors.merged = merged
        return merged.candidates
      }
      const rows = Array.from(scratch.subarray(0, count), shared.rowOf)
      const limit = candidatesMax - count
      const older = sql.page(viewer, { authors, before: rows.at(-1)?.feed_id ?? before, limit })
      return whenThere(older, (more) => candidatesOf([...rows, ...more], more.length < limit))
    })
  }

  return {
    page,
    candidates,
    isReady(authors) {
      if (peekMerged(authors)) return true
      const numbers = isCurrent() ? authors.numbersIn(outboxes) : null
      return numbers !== null && loading.areLoaded(numbers)
    },
  }
}

/** Used without waiting: one for the process is enough. */
const scratch = new Int32Array(candidatesMax)
