import { sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { cursorLifeMs } from '#platform/http/cursors.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id, minIdAt } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
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
  get(viewerId: Id, id: Id): Soon<FeedSnapshot>
  /** In memory alone. */
  peek(id: Id): FeedSnapshot | undefined
  forgetMemory(): void
  /** Those of the day before yesterday that nobody has read on in for a day: so long a cursor is taken. Gives how many. */
  purge(): Promise<number>
}

/** Some 60 kB each. */
const inMemoryMax = 500
/** Of one viewer: whoever opens the feed again and again keeps those that were read on in last. */
const perViewerMax = 16
/** So often it is written down that somebody reads on. */
const noteUseMs = 5 * 60_000
const purgeBatch = 1000

interface Held {
  readonly snapshot: FeedSnapshot
  /** As its row says. */
  usedAt: number
}

export function createFeedSnapshots({
  database,
  clock,
}: {
  database: Database
  clock: Clock
}): FeedSnapshots {
  const memory = new LRUCache<Id, Held>({ max: inMemoryMax })
  const place = (viewerId: Id, id: Id) => ({ bucket: bucketOf(viewerId), userId: viewerId, id })

  function hold(snapshot: FeedSnapshot, usedAt: number): Held {
    const held = { snapshot, usedAt }
    memory.set(snapshot.id, held)
    return held
  }

  async function load(viewerId: Id, id: Id): Promise<Held> {
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
    return hold(snapshot, row.used_at?.getTime() ?? 0)
  }

  function inUse(viewerId: Id, held: Held): FeedSnapshot {
    const now = clock.now()
    if (now - held.usedAt >= noteUseMs) {
      held.usedAt = now
      // No page waits for it, nor fails because of it.
      noteUse(database.main, { ...place(viewerId, held.snapshot.id), usedAt: new Date(now) }).catch(
        () => undefined,
      )
    }
    return held.snapshot
  }

  return {
    get: (viewerId, id) => whenThere(memory.get(id) ?? load(viewerId, id), (held) => inUse(viewerId, held)),
    peek: (id) => memory.get(id)?.snapshot,
    forgetMemory: () => memory.clear(),
    async keep(viewerId, snapshot) {
      const { id, shownIds, rows, markKinds, oldest } = snapshot
      const own = place(viewerId, id)
      const now = clock.now()
      const values = {
        ...own,
        shownIds,
        postIds: rows.map((row) => row.post_id),
        authorIds: rows.map((row) => row.author_id),
        feedIds: rows.map((row) => row.feed_id),
        isNews: Buffer.from(markKinds),
        oldest,
        usedAt: new Date(now),
      }
      const [written] = await insertSnapshot(database.main, values)
      if (!written) return inUse(viewerId, await load(viewerId, id))
      hold(snapshot, now)
      await dropOthers(database.main, own)
      return snapshot
    },
    async purge() {
      const now = clock.now()
      const before = minIdAt(now - 2 * cursorLifeMs)
      const usedBefore = new Date(now - cursorLifeMs - noteUseMs)
      for (let total = 0; ; ) {
        const { rows } = await sql`
          with old as materialized (
            select bucket, user_id, id from feed_snapshots
            where id < ${before} and (used_at is null or used_at < ${usedBefore}) limit ${purgeBatch}
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
  used_at: Date | null
}

const snapshotById = prepared('feed_snapshot', (db, { bucket, userId, id }: Place) => ({
  compile: () =>
    sql<Row>`
      select shown_ids, post_ids, author_ids, feed_ids, is_news, oldest, used_at from feed_snapshots
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
  usedAt: Date
}

const insertSnapshot = prepared('feed_snapshot_insert', (db, v: Values) => ({
  compile: () =>
    sql<{ id: Id }>`
      insert into feed_snapshots (bucket, user_id, id, shown_ids, post_ids, author_ids, feed_ids,
        is_news, oldest, used_at)
      values (${v.bucket}, ${v.userId}, ${v.id}, ${v.shownIds}, ${v.postIds}, ${v.authorIds}, ${v.feedIds},
        ${v.isNews}, ${v.oldest}, ${v.usedAt})
      on conflict (bucket, user_id, id) do nothing
      returning id
    `.compile(db),
}))

const noteUse = prepared(
  'feed_snapshot_used',
  (db, { bucket, userId, id, usedAt }: Place & { usedAt: Date }) => ({
    compile: () =>
      sql`
      update feed_snapshots set used_at = ${usedAt}
      where bucket = ${bucket} and user_id = ${userId} and id = ${id}
    `.compile(db),
  }),
)

/** Of a viewer's others, which may have been drawn long after it, those that nobody has read on in for longest. */
const dropOthers = prepared('feed_snapshots_drop', (db, { bucket, userId, id }: Place) => ({
  compile: () =>
    sql`
      with old as materialized (
        select id from feed_snapshots where bucket = ${bucket} and user_id = ${userId} and id <> ${id}
        order by used_at desc nulls last, id desc offset ${sql.lit(perViewerMax - 1)}
      )
      delete from feed_snapshots s using old
      where s.bucket = ${bucket} and s.user_id = ${userId} and s.id = old.id
    `.compile(db),
}))
