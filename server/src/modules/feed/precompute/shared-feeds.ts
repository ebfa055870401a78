import { sql } from 'kysely'
import type { Cache } from '#platform/cache/cache.ts'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { compareIds, type Id, isId, minIdAt, timeOf } from '#platform/ids/ids.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedAuthors } from '../feed-viewers.ts'
import { createFreshWrites } from './fresh-writes.ts'
import { loadPostSummaries, type PostSummary } from './post-summaries.ts'

/** Beginnings of feeds where every process finds them: candidates alone, which go through all rules when they are read. */
export interface SharedFeeds {
  /** What was forgotten while `make` was under way is not kept. */
  keep(viewerId: Id, make: (count: number) => Promise<readonly Id[]>): Promise<void>
  /**
   * What was kept, and everything that these authors have published since, newest first, each once. Undefined when nothing is
   * kept, or so much is newer that it says nothing.
   */
  find(viewerId: Id, authors: FeedAuthors): Promise<FeedRow[] | undefined>
  /** Whom somebody follows has changed, or what is known of them, or they are gone. */
  forgetFeed(viewerId: Id): Promise<void>
  /** It is not in feeds any more, or says something else. */
  forgetPost(postId: Id): Promise<void>
}

/** So many posts of a feed are kept. */
const keptPerFeed = 50
/** Refreshed every 25 minutes. */
const feedTtlMs = 30 * 60_000
const postTtlMs = 60 * 60_000
/** Feed ids are drawn before their transaction commits: what was under way then is looked for again. */
const lookBackMs = 60_000
const newerMax = 500

const feedKey = (viewerId: Id) => `user:feed:${viewerId}`
const postKey = (postId: Id) => `post:${postId}`

export function createSharedFeeds({ cache, database }: { cache: Cache; database: Database }): SharedFeeds {
  const writes = createFreshWrites(cache)

  /** From the cache, and what it lacks from the tables. */
  async function summariesOf(postIds: readonly Id[]): Promise<Map<Id, PostSummary>> {
    const cached = await Promise.all(postIds.map((id) => cache.get<PostSummary>(postKey(id))))
    const found = new Map<Id, PostSummary>()
    for (const [at, summary] of cached.entries()) if (summary) found.set(postIds[at]!, summary)
    const missing = postIds.filter((id) => !found.has(id))
    await writes.write(missing.map(postKey), async (set) => {
      const loaded = [...(await loadPostSummaries(database.main, missing))]
      for (const [id, summary] of loaded) found.set(id, summary)
      await Promise.all(loaded.map(([id, summary]) => set(postKey(id), summary, postTtlMs)))
    })
    return found
  }

  return {
    async keep(viewerId, make) {
      const key = feedKey(viewerId)
      await writes.write([key], async (set) => {
        const wanted = (await make(keptPerFeed)).slice(0, keptPerFeed)
        const summaries = await summariesOf(wanted)
        // With nothing in it nobody could tell from where on posts are newer.
        if (summaries.size === 0) return
        const there = wanted.filter((id) => summaries.has(id))
        await set(key, there, feedTtlMs)
      })
    },

    async find(viewerId, authors) {
      const postIds = await cache.get<Id[]>(feedKey(viewerId))
      if (postIds === undefined || !postIds.every(isId)) return undefined
      const rows = [...(await summariesOf(postIds))].map(
        ([post_id, { user_id, feed_id }]): FeedRow => ({ author_id: user_id, feed_id, post_id }),
      )
      if (rows.length === 0) return undefined
      const newest = Math.max(...rows.map(({ feed_id }) => timeOf(feed_id)))
      const lower = minIdAt(newest - lookBackMs)
      const newer = await newerPosts(database.main, { authors: authors.ids, lower })
      if (newer.length === newerMax) return undefined
      const all = new Map([...rows, ...newer].map((row) => [row.post_id, row]))
      return [...all.values()]
        .filter((row) => authors.has(row.author_id))
        .sort((a, b) => compareIds(b.feed_id, a.feed_id))
    },

    forgetFeed: (viewerId) => writes.forget(feedKey(viewerId)),
    forgetPost: (postId) => writes.forget(postKey(postId)),
  }
}

/** Of authors in all buckets: docs/adr/0022. */
const newerPosts = prepared<{ authors: readonly Id[]; lower: Id }, FeedRow>(
  'feed_newer_posts',
  (db, { authors, lower }) => ({
    compile: () =>
      sql<FeedRow>`
        select author_id, feed_id, post_id from outboxes
        where author_id = any(${authors}::bigint[]) and feed_id >= ${lower}
        order by feed_id desc
        limit ${sql.lit(newerMax)}
      `.compile(db),
  }),
)
