import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { type Candidates, candidatesMax, candidatesOf } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedRequest, FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedAuthors } from '../feed-viewers.ts'
import { createKnownAuthors, type KnownAuthors } from './known-authors.ts'
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
  const knownOf = createKnownAuthors(outboxes)

  /** All of them in memory, or null. */
  function numbersOf(known: KnownAuthors): Soon<Int32Array | null> {
    const numbers = isCurrent() ? known.numbers() : null
    if (numbers === null || loading.areLoaded(numbers)) return numbers
    return loading.load(numbers).then(() =>
      // Others may have needed the room while this waited.
      known.numbers() === numbers && loading.areLoaded(numbers) ? numbers : null,
    )
  }

  /** What was merged last, with what was published since. Whoever comes back within minutes finds it so. */
  function peekMerged(known: KnownAuthors): Candidates | null {
    const { merged } = known
    const numbers = merged && isCurrent() ? known.numbers() : null
    if (merged === null || numbers === null || merged.isOutdated) return null
    const next = broughtUpToDate(sources, merged, numbers)
    if (next) known.merged = next
    else merged.isOutdated = true
    return next?.candidates ?? null
  }

  function page(viewer: { id: Id }, { authors, before, limit }: FeedRequest): Soon<FeedRow[]> {
    return whenThere(numbersOf(knownOf(authors)), (numbers) => {
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
    const known = knownOf(authors)
    const ready = before === null ? peekMerged(known) : null
    if (ready) return ready
    return whenThere(numbersOf(known), (numbers) => {
      if (numbers === null) return sql.candidates(viewer, { authors, before })
      const { count, isEnd } = newestPosts(outboxes, numbers, before, scratch, known.reach)
      // Published is more than taken back: next time it ends there or later.
      if (before === null)
        known.reach = count === candidatesMax ? feedKeyAt(outboxes.posts, scratch[count - 1]!) : 0
      if (count === candidatesMax || isEnd) {
        const merged = mergedFrom(sources, scratch.slice(0, count), isEnd, known.merged)
        if (before === null) known.merged = merged
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
      const known = knownOf(authors)
      if (peekMerged(known)) return true
      const numbers = isCurrent() ? known.numbers() : null
      return numbers !== null && loading.areLoaded(numbers)
    },
  }
}

/** Used without waiting: one for the process is enough. */
const scratch = new Int32Array(candidatesMax)
