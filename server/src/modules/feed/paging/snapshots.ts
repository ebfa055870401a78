import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { cursorLifeMs } from '#platform/http/cursors.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id, minIdAt } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import type { FeedRow } from '../feed-row.ts'
import type { KeptScores } from './kept-scores.ts'

/** The order of an open paging: it stays as it was, whatever becomes of memory, weights and posts. */
export interface FeedSnapshot {
  readonly id: Id
  /** What the first page showed, which comes no second time. */
  readonly shownIds: readonly Id[]
  readonly rows: readonly FeedRow[]
  /** Of each row its `MarkKind`. */
  readonly markKinds: Uint8Array
  /** Whom it was made for, as they stood then: while they do, nobody in it has to be looked for. */
  readonly madeFor: object | null
  /** By what it was ordered; null when that was somewhere else. */
  readonly kept: KeptScores | null
  /** Older posts follow from before this feed id; null: there are none. */
  readonly oldest: Id | null
}

export interface FeedSnapshots {
  /** Gives what is kept: somebody who asks twice for a second page gets it once. */
  keep(viewerId: Id, snapshot: FeedSnapshot): Promise<FeedSnapshot>
  /** Throws `cursor.expired`. */
  find(viewerId: Id, id: Id): Soon<FeedSnapshot>
  /** In memory alone. */
  peek(id: Id): FeedSnapshot | undefined
  forgetMemory(): void
  /** Those of the day before yesterday: a cursor is taken for a day. Gives how many. */
  purge(): Promise<number>
}

/** Some 60 kB each. */
const inMemoryMax = 500
/** Of one viewer: whoever opens the feed again and again keeps the latest. */
const perViewerMax = 16
const purgeBatch = 1000

export function createFeedSnapshots({
  database,
  clock,
}: {
  database: Database
  clock: Clock
}): FeedSnapshots {
  const memory = new LRUCache<Id, FeedSnapshot>({ max: inMemoryMax })
  const place = (viewerId: Id, id: Id) => ({ bucket: bucketOf(viewerId), userId: viewerId, id })

  async function load(viewerId: Id, id: Id): Promise<FeedSnapshot> {
    // From the primary: it may have been written by another process just now.
    const [row] = await snapshotById(database.main, place(viewerId, id))
    if (!row) throw fault('cursor.expired')
    const snapshot: FeedSnapshot = {
      id,
      shownIds: row.shown_ids,
      rows: row.post_ids.map((post_id, at) => ({
        post_id,
        author_id: row.author_ids[at]!,
        feed_id: row.feed_ids[at]!,
        found: {},
        halves: undefined,
        feedHalves: undefined,
      })),
      markKinds: row.is_news,
      madeFor: null,
      kept: null,
      oldest: row.oldest,
    }
    memory.set(id, snapshot)
    return snapshot
  }

  return {
    find: (viewerId, id) => memory.get(id) ?? load(viewerId, id),
    peek: (id) => memory.get(id),
    forgetMemory: () => memory.clear(),
    async keep(viewerId, snapshot) {
      const { id, shownIds, rows, markKinds, oldest } = snapshot
      const own = place(viewerId, id)
      const values = {
        ...own,
        shownIds,
        postIds: rows.map((row) => row.post_id),
        authorIds: rows.map((row) => row.author_id),
        feedIds: rows.map((row) => row.feed_id),
        isNews: Buffer.from(markKinds),
        oldest,
      }
      const [written] = await insertSnapshot(database.main, values)
      if (!written) return load(viewerId, id)
      memory.set(id, snapshot)
      await dropOldest(database.main, own)
      return snapshot
    },
    async purge() {
      const before = minIdAt(clock.now() - 2 * cursorLifeMs)
      for (let total = 0; ; ) {
        const { rows } = await sql`
          with old as materialized (
            select bucket, user_id, id from feed_snapshots where id < ${before} limit ${purgeBatch}
          )
          delete from feed_snapshots s using old
          where s.bucket = old.bucket and s.user_id = old.user_id and s.id = old.id
          returning s.id
        `.execute(database.main)
        total += rows.length
        if (rows.length < purgeBatch) return total
      }
    },
  }
}

interface Place {
  bucket: number
  userId: Id
  id: Id
}

interface Row {
  shown_ids: Id[]
  post_ids: Id[]
  author_ids: Id[]
  feed_ids: Id[]
  is_news: Buffer
  oldest: Id | null
}

const snapshotById = prepared('feed_snapshot', (db, { bucket, userId, id }: Place) => ({
  compile: () =>
    sql<Row>`
      select shown_ids, post_ids, author_ids, feed_ids, is_news, oldest from feed_snapshots
      where bucket = ${bucket} and user_id = ${userId} and id = ${id}
    `.compile(db),
}))

interface Values extends Place {
  shownIds: readonly Id[]
  postIds: readonly Id[]
  authorIds: readonly Id[]
  feedIds: readonly Id[]
  isNews: Buffer
  oldest: Id | null
}

const insertSnapshot = prepared('feed_snapshot_insert', (db, v: Values) => ({
  compile: () =>
    sql<{ id: Id }>`
      insert into feed_snapshots (bucket, user_id, id, shown_ids, post_ids, author_ids, feed_ids,
        is_news, oldest)
      values (${v.bucket}, ${v.userId}, ${v.id}, ${v.shownIds}, ${v.postIds}, ${v.authorIds}, ${v.feedIds},
        ${v.isNews}, ${v.oldest})
      on conflict (bucket, user_id, id) do nothing
      returning id
    `.compile(db),
}))

const dropOldest = prepared('feed_snapshots_drop', (db, { bucket, userId }: Place) => ({
  compile: () =>
    sql`
      with old as materialized (
        select id from feed_snapshots where bucket = ${bucket} and user_id = ${userId}
        order by id desc offset ${sql.lit(perViewerMax)}
      )
      delete from feed_snapshots s using old
      where s.bucket = ${bucket} and s.user_id = ${userId} and s.id = old.id
    `.compile(db),
}))
