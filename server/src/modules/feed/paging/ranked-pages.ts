import type { FoundFragment, PostsApi } from '#modules/posts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { type Candidates, candidatesMax, candidatesOf, feedIdAt } from '../candidates.ts'
import { type FeedRow, halvesOf } from '../feed-row.ts'
import type { FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import type { SharedFeeds } from '../precompute/shared-feeds.ts'
import type { HiddenPosts } from '../ranking/taste.ts'
import type { Arranged, PlacedRow } from './arranged.ts'
import { caughtUpIn } from './caught-up.ts'
import type { FeedPage, FeedPages } from './chronological-pages.ts'
import { readPosition, type ShownPosition, writePosition } from './feed-position.ts'
import type { Drawn, FeedRanker } from './feed-ranker.ts'
import { type KeptScores, keepScores } from './kept-scores.ts'
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
  positionAfter(place: number): readonly string[]
  /** Of the rows that `next` has yet to give, how many the mark of being caught up comes after. */
  markCount: number
  /** Behind the order the older posts follow; null: there are none. */
  oldest: Id | null
  /** What must not come again among those. */
  shownIds: readonly Id[]
  snapshotId: Id | null
  /** Everybody in it is followed. */
  isFollowed: boolean
  /** What was put in order for this page alone; for one that was written down, its scores while they are in memory. */
  arranged: Arranged | null
  kept: KeptScores | null
}

interface StreamRow {
  readonly post_id: Id
  readonly found: FoundFragment | undefined
  readonly row: FeedRow
  readonly beforeMark: boolean
  readonly place: number
  readonly isOlder: boolean
}

const streamRow = ({ row, beforeMark, place }: PlacedRow, isOlder: boolean): StreamRow => ({
  post_id: row.post_id,
  found: row.found,
  row,
  beforeMark,
  place,
  isOlder,
})

/**
 * The newest posts by their scores, then the older ones as they were published. A first page writes nothing down: its
 * cursor carries what it showed. The second writes the order of the rest, and every later page reads it from there: it
 * survives the loss of any memory, and nothing that is published meanwhile enters it.
 */
export function createRankedPages(deps: Deps): FeedPages {
  const { skeleton, beginnings, isReady, posts, ranker, snapshots, ids } = deps

  function read(viewer: FeedViewer, order: Order, limit: number): Soon<FeedPage> {
    return whenThere(ranker.hiddenOf(viewer.id), (hidden) => {
      const stream = streamOf(viewer, order, hidden)
      const page = posts.presentCards(viewer, stream, { position: null, limit }, { leaveOutMuted: true })
      return whenThere(page, ({ cards, rows, nextPosition }) => {
        const shown = rows.map(({ row }, at) => ({ row, authorName: cards[at]!.authorName }))
        return whenThere(ranker.explain(viewer, shown, drawnFor(order, rows)), (members) => ({
          items: cards.map((card, at) => card.json(members[at])),
          postIds: rows.map((row) => row.post_id),
          nextPosition,
          caughtUpAfter: caughtUpIn(rows, order.markCount),
        }))
      })
    })
  }

  /** Whoever is no longer followed, is muted or was hidden since is left out while reading on. */
  function streamOf(viewer: FeedViewer, order: Order, hidden: HiddenPosts): Skeleton<StreamRow> {
    let before = order.oldest
    const isFollowed = (row: FeedRow) => order.isFollowed || viewer.following.has(row.author_id)

    async function readOlder(rows: StreamRow[], count: number): Promise<StreamRow[]> {
      const shown = new Set(order.shownIds)
      while (before !== null && rows.length < count) {
        const wanted = count - rows.length
        const older = await skeleton.page(viewer, { authors: viewer.following, before, limit: wanted })
        for (const row of older)
          if (!hidden.hides(halvesOf(row)) && isFollowed(row) && !shown.has(row.post_id))
            rows.push(streamRow({ row, beforeMark: false, place: 0 }, true))
        before = older.length < wanted ? null : older.at(-1)!.feed_id
      }
      return rows
    }

    return {
      read(_, count) {
        const rows: StreamRow[] = []
        for (let placed = order.next(); placed !== null; placed = order.next()) {
          // What was put in order just now had to be wanted to come there.
          if (order.arranged === null && (hidden.hides(halvesOf(placed.row)) || !isFollowed(placed.row)))
            continue
          if (rows.push(streamRow(placed, false)) === count) return rows
        }
        return before === null ? rows : readOlder(rows, count)
      },
      positionOf: ({ isOlder, row, place }) =>
        isOlder
          ? writePosition({ stage: 'older', before: row.feed_id, snapshotId: order.snapshotId })
          : order.positionAfter(place),
    }
  }

  function firstPage(viewer: FeedViewer, limit: number): Soon<FeedPage> {
    return isReady(viewer)
      ? mergedPage(viewer, limit)
      : keptPage(viewer, limit).then((page) => page ?? mergedPage(viewer, limit))
  }

  function mergedPage(viewer: FeedViewer, limit: number): Soon<FeedPage> {
    const candidates = skeleton.candidates(viewer, { authors: viewer.following, before: null })
    return whenThere(candidates, (found) => firstPageOf(viewer, found, { limit, isPart: false }))
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
    Promise.resolve(skeleton.candidates(viewer, { authors: viewer.following, before: null })).catch(
      () => undefined,
    )
    return page
  }

  /** `isPart`: the order holds some of the newest posts, and says nothing of what follows. */
  function firstPageOf(
    viewer: FeedViewer,
    candidates: Candidates,
    { limit, isPart }: { limit: number; isPart: boolean },
  ): Soon<FeedPage> {
    const count = candidates.count
    return whenThere(ranker.arrange(viewer, candidates), (arranged) => {
      const order: Order = {
        arranged,
        next: arranged.next,
        markCount: isPart ? Number.POSITIVE_INFINITY : arranged.markCount,
        positionAfter: () => [],
        oldest: candidates.isEnd || isPart ? null : feedIdAt(candidates, count - 1),
        shownIds: [],
        snapshotId: null,
        isFollowed: true,
        kept: null,
      }
      return whenThere(read(viewer, order, limit), (page) => {
        arranged.release()
        if (page.nextPosition?.length !== 0) return page
        const until = String(BigInt(feedIdAt(candidates, 0)) + 1n)
        const snapshotId = ids.next(bucketOf(viewer.id))
        const isMarked = page.caughtUpAfter !== null
        const shown = page.postIds
        const nextPosition = writePosition({ stage: 'shown', snapshotId, until, shown, isMarked })
        return { ...page, nextPosition }
      })
    })
  }

  /** The order of everything behind a first page. */
  async function writeSnapshot(
    viewer: FeedViewer,
    { snapshotId, until, shown, isMarked }: ShownPosition,
  ): Promise<FeedSnapshot> {
    const known = snapshots.peek(snapshotId)
    if (known) return known
    const candidates = await skeleton.candidates(viewer, { authors: viewer.following, before: until })
    const arranged = await ranker.arrange(viewer, candidates, shown)
    const rows = allOf(arranged)
    const kept = keepScores(arranged, rows)
    arranged.release()
    const count = candidates.count
    return snapshots.keep(viewer.id, {
      id: snapshotId,
      shownIds: shown,
      rows: rows.map(({ row }) => row),
      madeFor: viewer,
      kept,
      beforeMark: Uint8Array.from(rows, (row) => (row.beforeMark && !isMarked ? 1 : 0)),
      oldest: candidates.isEnd || count === 0 ? null : feedIdAt(candidates, count - 1),
    })
  }

  return (viewer, { position, limit }) => {
    if (position === null) return firstPage(viewer, limit)
    const at = readPosition(position)
    if (at.stage === 'shown')
      return writeSnapshot(viewer, at).then((snapshot) => read(viewer, orderOf(viewer, snapshot, 0), limit))
    if (at.stage === 'snapshot')
      return whenThere(snapshots.find(viewer.id, at.snapshotId), (snapshot) =>
        read(viewer, orderOf(viewer, snapshot, at.place), limit),
      )
    const snapshot = at.snapshotId === null ? null : snapshots.find(viewer.id, at.snapshotId)
    return whenThere(snapshot, (found) => {
      const shownIds = found?.shownIds ?? []
      const order = { ...nothing, oldest: at.before, shownIds, snapshotId: at.snapshotId }
      return read(viewer, order, limit)
    })
  }
}

/** Undefined where a page shows what was not drawn for it. */
function drawnFor({ arranged, kept }: Order, rows: readonly StreamRow[]): Drawn | null {
  if (rows.some((row) => row.isOlder)) return null
  const places = rows.map((row) => row.place)
  if (arranged) return { arranged, places }
  return kept && { kept, places }
}

const nothing: Omit<Order, 'oldest' | 'shownIds' | 'snapshotId'> = {
  next: () => null,
  positionAfter: () => [],
  markCount: 0,
  isFollowed: false,
  arranged: null,
  kept: null,
}

function allOf(arranged: Arranged): PlacedRow[] {
  const rows: PlacedRow[] = []
  for (let row = arranged.next(); row !== null; row = arranged.next()) rows.push(row)
  return rows
}

function orderOf(viewer: FeedViewer, snapshot: FeedSnapshot, from: number): Order {
  const { id, rows, beforeMark, shownIds, oldest } = snapshot
  let at = from
  let markCount = 0
  for (let place = from; place < rows.length; place++) markCount += beforeMark[place]!
  return {
    markCount,
    shownIds,
    oldest,
    snapshotId: id,
    isFollowed: snapshot.madeFor === viewer,
    arranged: null,
    kept: snapshot.kept,
    next() {
      if (at >= rows.length) return null
      const place = at++
      return { row: rows[place]!, beforeMark: beforeMark[place] === 1, place }
    },
    positionAfter: (place) => writePosition({ stage: 'snapshot', snapshotId: id, place: place + 1 }),
  }
}
