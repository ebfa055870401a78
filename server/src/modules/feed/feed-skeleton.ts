import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { type Id, MIN_ID, maxId, minIdAt, timeOf } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import { type Candidates, candidatesMax, candidatesOf } from './candidates.ts'
import type { FeedRow } from './feed-row.ts'
import type { FeedAuthors } from './feed-viewers.ts'

export interface FeedRequest {
  authors: FeedAuthors
  /** Posts from before this feed id; null: from the newest on. */
  before: Id | null
  limit: number
}

/**
 * Which posts a feed has, newest first: candidates only, the rules come after. There are two, which give the same: one
 * reads SQL, the other memory.
 */
export interface FeedSkeleton {
  page(viewer: { id: Id }, request: FeedRequest): Soon<FeedRow[]>
  /** As many of the same as are put in order, in columns. */
  candidates(viewer: { id: Id }, request: Omit<FeedRequest, 'limit'>): Soon<Candidates>
}

interface Deps {
  database: Database
  clock: Clock
}

const dayMs = 24 * 60 * 60 * 1000
/** Tried in turn; the last one reaches back to the first post. */
const windowsMs = [dayMs, 8 * dayMs, 64 * dayMs, Number.POSITIVE_INFINITY]

/** Pulls from the outboxes of everybody who is followed: nothing is written per follower. */
export function createSqlSkeleton({ database, clock }: Deps) {
  // How far back it took to fill a page is alike from page to page.
  const lastWindow = new LRUCache<string, number>({ max: 10_000 })

  async function page(
    viewer: { id: Id },
    { authors: { key, ids: authors }, before, limit }: FeedRequest,
  ): Promise<FeedRow[]> {
    const db = database.readFor(viewer.id)
    const rows: FeedRow[] = []
    let upper = before ?? maxId
    for (let at = lastWindow.get(key) ?? 0; at < windowsMs.length; at++) {
      const lower = lowerEnd(before === null ? clock.now() : timeOf(before), windowsMs[at]!)
      rows.push(...(await readWindow(db, { authors, lower, upper, limit: limit - rows.length })))
      if (rows.length === limit || lower === MIN_ID) {
        lastWindow.set(key, Math.max(0, at - 1))
        break
      }
      upper = lower
    }
    return rows
  }

  return {
    page,
    async candidates(viewer: { id: Id }, request: Omit<FeedRequest, 'limit'>): Promise<Candidates> {
      const rows = await page(viewer, { ...request, limit: candidatesMax })
      return candidatesOf(rows, rows.length < candidatesMax)
    },
  }
}

function lowerEnd(from: number, windowMs: number): Id {
  return windowMs === Number.POSITIVE_INFINITY ? MIN_ID : minIdAt(from - windowMs)
}

interface Window {
  authors: readonly Id[]
  lower: Id
  upper: Id
  limit: number
}

/**
 * A window bounds the rows that are sorted: without one every post of everybody followed would be. No bucket is pinned, for
 * they live in all of them: docs/adr/0022.
 */
const readWindow = prepared('feed_window', (db, { authors, lower, upper, limit }: Window) => ({
  compile: () =>
    sql<FeedRow>`
      select author_id, feed_id, post_id from outboxes
      where author_id = any(${authors}::bigint[]) and feed_id >= ${lower} and feed_id < ${upper}
      order by feed_id desc
      limit ${limit}
    `.compile(db),
}))
