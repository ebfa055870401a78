import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { GraphApi } from '#modules/graph'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { type Id, MIN_ID, maxId, minIdAt, timeOf } from '#platform/ids/ids.ts'

export interface FeedRow {
  author_id: Id
  feed_id: Id
  post_id: Id
}

/**
 * Which posts a feed has, newest first, from behind a feed id: candidates only, the rules come after. This
 * is the seam: an index in memory takes the place of SQL here without touching the rest.
 */
export interface FeedSkeleton {
  page(viewer: { id: Id }, request: FeedRequest): Promise<FeedRow[]>
}

/** Whose posts: of oneself and everybody one follows, or of those marked as favourites. */
export type FeedSource = 'following' | 'favourites'

export interface FeedRequest {
  source: FeedSource
  before: Id | null
  limit: number
}

interface Deps {
  database: Database
  clock: Clock
  graph: Pick<GraphApi, 'followeesOf' | 'favouritesOf' | 'mutedBy'>
}

const dayMs = 24 * 60 * 60 * 1000
/** Tried in turn; the last one reaches back to the first post. */
const windowsMs = [dayMs, 8 * dayMs, 64 * dayMs, Number.POSITIVE_INFINITY]

/** Pulls from the outboxes of everybody who is followed: nothing is written per follower. */
export function createSqlSkeleton({ database, clock, graph }: Deps): FeedSkeleton {
  // How far back it took to fill a page is alike from page to page.
  const lastWindow = new LRUCache<string, number>({ max: 10_000 })

  async function authorsOf(viewerId: Id, source: FeedSource): Promise<Id[]> {
    const [people, muted] = await Promise.all([
      source === 'favourites' ? graph.favouritesOf(viewerId) : graph.followeesOf(viewerId),
      graph.mutedBy(viewerId),
    ])
    const heard = people.filter((id) => !muted.has(id))
    return source === 'favourites' ? heard : [viewerId, ...heard]
  }

  return {
    async page(viewer, { source, before, limit }) {
      const authors = await authorsOf(viewer.id, source)
      const window = `${source}:${viewer.id}`
      const db = database.readFor(viewer.id)
      const rows: FeedRow[] = []
      let upper = before ?? maxId
      for (let at = lastWindow.get(window) ?? 0; at < windowsMs.length; at++) {
        const lower = lowerEnd(before === null ? clock.now() : timeOf(before), windowsMs[at]!)
        rows.push(...(await readWindow(db, { authors, lower, upper, limit: limit - rows.length })))
        if (rows.length === limit || lower === MIN_ID) {
          lastWindow.set(window, Math.max(0, at - 1))
          break
        }
        upper = lower
      }
      return rows
    },
  }
}

function lowerEnd(from: number, windowMs: number): Id {
  return windowMs === Number.POSITIVE_INFINITY ? MIN_ID : minIdAt(from - windowMs)
}

interface Window {
  authors: Id[]
  lower: Id
  upper: Id
  limit: number
}

/** A window bounds the rows that are sorted: without one every post of everybody followed would be. */
const readWindow = prepared('feed_window', (db, { authors, lower, upper, limit }: Window) => ({
  compile: () =>
    sql<FeedRow>`
      select author_id, feed_id, post_id from outboxes
      where author_id = any(${authors}::bigint[]) and feed_id >= ${lower} and feed_id < ${upper}
      order by feed_id desc
      limit ${limit}
    `.compile(db),
}))
