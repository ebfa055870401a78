import type { PostsApi } from '#modules/posts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { type Candidates, candidatesMax, candidatesOf, feedIdAt } from '../candidates.ts'
import type { FeedRow, FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import type { SharedFeeds } from '../precompute/shared-feeds.ts'
import type { SeenPosts } from '../ranking/taste.ts'
import { caughtUpAfter } from './caught-up.ts'
import type { FeedPage, FeedPages } from './chronological-pages.ts'
import { readPosition, writePosition } from './feed-position.ts'
import type { Arranged, FeedRanker, PlacedRow } from './feed-ranker.ts'
import type { FeedSnapshot, FeedSnapshots } from './snapshots.ts'

interface Deps {
  skeleton: FeedSkeleton
  /** What feeds begin with, from before: for viewers whose authors are not in memory. */
  beginnings: Pick<SharedFeeds, 'find'>
  isReady(viewer: FeedViewer): boolean
  posts: Pick<PostsApi, 'presentCards'>
  ranker: FeedRanker
  snapshots: FeedSnapshots
  ids: IdSource
}

/** An order that a page reads on in. */
interface Order {
  /** Each once, in its turn. */
  next(): PlacedRow | null
  /** Where the page after a row of this order begins. */
  positionAfter(row: PlacedRow): readonly string[]
  /** News among the rows that `next` has yet to give when the page begins. */
  newsCount: number
  /** Behind the order the older posts follow; null: there are none. */
  oldest: Id | null
  /** What must not come again among those. */
  shownIds: readonly Id[]
  snapshotId: Id | null
  /** What was put in order for this page alone. */
  arranged: Arranged | null
}

interface StreamRow extends PlacedRow {
  isOlder: boolean
}

/**
 * The newest posts by their scores, then the older ones as they were published. A first page writes nothing down: its
 * cursor carries what it showed. The second writes the order of the rest, and every later page reads it from there: it
 * survives the loss of any memory, and nothing that is published meanwhile enters it.
 */
export function createRankedPages(deps: Deps): FeedPages {
  const { skeleton, beginnings, isReady, posts, ranker, snapshots, ids } = deps

  async function read(viewer: FeedViewer, order: Order, limit: number, isFirst: boolean): Promise<FeedPage> {
    const list = streamOf(viewer, order, await ranker.seenOf(viewer.id))
    const page = await posts.presentCards<StreamRow>(
      viewer,
      list,
      { position: null, limit },
      { leaveOutMuted: true },
    )
    const members = await ranker.explain(viewer, page.rows, order.arranged)
    const news = page.rows.filter((row) => row.isNews).length
    return {
      items: page.cards.map((card, at) => card.json(members[at] || undefined)),
      postIds: page.rows.map((row) => row.post_id),
      nextPosition: page.nextPosition,
      caughtUpAfter: caughtUpAfter({
        items: page.rows.map(({ post_id: id, isNews, isSeen }) => ({ id, isNews, isSeen })),
        isFirst,
        goesOn: news < order.newsCount,
      }),
    }
  }

  /** Whoever is no longer followed, is muted or was hidden since is left out while reading on. */
  function streamOf(viewer: FeedViewer, order: Order, seen: SeenPosts): Skeleton<StreamRow> {
    const shown = new Set(order.shownIds)
    let before = order.oldest
    const isWanted = ({ author_id, post_id }: FeedRow) =>
      viewer.following.has(author_id) && !seen.isHidden(post_id) && !shown.has(post_id)

    return {
      async read(_, count) {
        const rows: StreamRow[] = []
        for (let row = order.next(); row !== null; row = order.next()) {
          // What was put in order just now had to be wanted to come there.
          if ((order.arranged !== null || isWanted(row)) && rows.push({ ...row, isOlder: false }) === count)
            return rows
        }
        while (before !== null && rows.length < count) {
          const wanted = count - rows.length
          const older = await skeleton.page(viewer, { authors: viewer.following, before, limit: wanted })
          for (const row of older)
            if (isWanted(row)) rows.push({ ...row, isNews: false, isSeen: false, isOlder: true })
          before = older.length < wanted ? null : older.at(-1)!.feed_id
        }
        return rows
      },
      positionOf: (row) =>
        row.isOlder
          ? writePosition({ stage: 'older', before: row.feed_id, snapshotId: order.snapshotId })
          : order.positionAfter(row),
    }
  }

  async function firstPage(viewer: FeedViewer, limit: number): Promise<FeedPage> {
    const page = isReady(viewer) ? null : await keptPage(viewer, limit)
    if (page) return page
    const candidates = await skeleton.candidates(viewer, { authors: viewer.following, before: null })
    return firstPageOf(viewer, candidates, { limit, isPart: false })
  }

  /**
   * From what was made before somebody came, and what is newer. Everything behind it comes from the truth, whatever was not
   * kept; null when it does not fill the page. Their authors are brought into memory meanwhile.
   */
  async function keptPage(viewer: FeedViewer, limit: number): Promise<FeedPage | null> {
    const rows = await beginnings.find(viewer.id, viewer.following)
    if (!rows) return null
    const kept = candidatesOf(rows.slice(0, candidatesMax), false)
    const page = await firstPageOf(viewer, kept, { limit, isPart: true })
    if (page.nextPosition === null) return null
    // Whoever comes next may fail for the same reason, and is told.
    skeleton.candidates(viewer, { authors: viewer.following, before: null }).catch(() => undefined)
    return page
  }

  /** `isPart`: the order holds some of the newest posts, and says nothing of what follows. */
  async function firstPageOf(
    viewer: FeedViewer,
    candidates: Candidates,
    { limit, isPart }: { limit: number; isPart: boolean },
  ): Promise<FeedPage> {
    const count = candidates.count
    const arranged = await ranker.arrange(viewer, candidates)
    const order: Order = {
      arranged,
      next: arranged.next,
      newsCount: isPart ? Number.POSITIVE_INFINITY : arranged.newsCount,
      positionAfter: () => [],
      oldest: candidates.isEnd || isPart ? null : feedIdAt(candidates, count - 1),
      shownIds: [],
      snapshotId: null,
    }
    const page = await read(viewer, order, limit, true)
    arranged.release()
    if (page.nextPosition?.length !== 0) return page
    const until = String(BigInt(feedIdAt(candidates, 0)) + 1n)
    const snapshotId = ids.next(bucketOf(viewer.id))
    return {
      ...page,
      nextPosition: writePosition({ stage: 'shown', snapshotId, until, shown: page.postIds }),
    }
  }

  /** The order of everything behind a first page. */
  async function writeSnapshot(
    viewer: FeedViewer,
    { snapshotId, until, shown }: { snapshotId: Id; until: Id; shown: readonly Id[] },
  ): Promise<FeedSnapshot> {
    const known = snapshots.peek(snapshotId)
    if (known) return known
    const candidates = await skeleton.candidates(viewer, { authors: viewer.following, before: until })
    const arranged = await ranker.arrange(viewer, candidates, shown)
    const rows = allOf(arranged)
    arranged.release()
    const count = candidates.count
    return snapshots.keep(viewer.id, {
      id: snapshotId,
      shownIds: shown,
      rows: rows.map(({ post_id, author_id, feed_id }) => ({ post_id, author_id, feed_id })),
      isNews: Uint8Array.from(rows, (row) => (row.isNews ? 1 : 0)),
      oldest: candidates.isEnd || count === 0 ? null : feedIdAt(candidates, count - 1),
    })
  }

  return async (viewer, { position, limit }) => {
    if (position === null) return firstPage(viewer, limit)
    const at = readPosition(position)
    if (at.stage === 'shown') {
      const snapshot = await writeSnapshot(viewer, at)
      return read(viewer, orderOf(snapshot, 0), limit, false)
    }
    if (at.stage === 'snapshot')
      return read(viewer, orderOf(await snapshots.find(viewer.id, at.snapshotId), at.place), limit, false)
    const shownIds = at.snapshotId === null ? [] : (await snapshots.find(viewer.id, at.snapshotId)).shownIds
    const order = { ...nothing, oldest: at.before, shownIds, snapshotId: at.snapshotId }
    return read(viewer, order, limit, false)
  }
}

const nothing: Omit<Order, 'oldest' | 'shownIds' | 'snapshotId'> = {
  next: () => null,
  positionAfter: () => [],
  newsCount: 0,
  arranged: null,
}

function allOf(arranged: Arranged): PlacedRow[] {
  const rows: PlacedRow[] = []
  for (let row = arranged.next(); row !== null; row = arranged.next()) rows.push(row)
  return rows
}

function orderOf(snapshot: FeedSnapshot, from: number): Order {
  const { id, rows, isNews, shownIds, oldest } = snapshot
  const places = new Map<Id, number>()
  let place = from
  let newsCount = 0
  for (let at = from; at < rows.length; at++) newsCount += isNews[at]!
  return {
    newsCount,
    shownIds,
    oldest,
    snapshotId: id,
    arranged: null,
    next() {
      const row = rows[place]
      if (!row) return null
      places.set(row.post_id, place)
      return { ...row, isNews: isNews[place++] === 1, isSeen: false }
    },
    positionAfter: (row) =>
      writePosition({ stage: 'snapshot', snapshotId: id, place: places.get(row.post_id)! + 1 }),
  }
}
