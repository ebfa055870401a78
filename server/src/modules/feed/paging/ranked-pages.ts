import type { CardsPage, PostsApi } from '#modules/posts'
import type { Clock } from '#platform/clock/clock.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type Candidates, candidatesMax, candidatesOf, feedIdAt } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
import type { FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import type { SharedFeeds } from '../precompute/shared-feeds.ts'
import type { Arranged, PlacedRow } from './arranged.ts'
import { type Mark, type MarkKind, markIn, type Passed } from './caught-up.ts'
import type { FeedPage, FeedPages } from './chronological-pages.ts'
import type { Drawn } from './explaining.ts'
import {
  isUnwritten,
  readPosition,
  type ShownPosition,
  unwritten,
  withPassed,
  writePosition,
} from './feed-position.ts'
import type { FeedRanker } from './feed-ranker.ts'
import { keepScores } from './kept-scores.ts'
import type { RowsAhead } from './later-rows.ts'
import { type Order, type Stream, type StreamRow, streamOf } from './order-stream.ts'
import type { FeedSnapshot, FeedSnapshots } from './snapshots.ts'

interface Deps {
  skeleton: FeedSkeleton
  /** What feeds begin with, from before: for viewers whose authors are not in memory. */
  beginnings: Pick<SharedFeeds, 'find'>
  isReady(viewer: FeedViewer): boolean
  posts: Pick<PostsApi, 'presentCards' | 'showsAny'>
  ranker: FeedRanker
  snapshots: FeedSnapshots
  ids: IdSource
  clock: Clock
  metrics: Pick<Metrics, 'coldFeeds'>
}

interface RankedPage extends FeedPage {
  rows: readonly StreamRow[]
  passed: Passed
}

/**
 * The newest posts by their scores, then the older ones as they were published.
 *
 *     FeedSkeleton       which posts there are for these authors     as long as the process
 *       ↓ candidates
 *     Candidates         the newest 500 in columns                   kept beside the viewer's relations, till these change
 *       ↓ fill-desk
 *     Desk               what `rank` reads and writes                borrowed for one page, then given back
 *       ↓ rank
 *     Arranged           draws the best first, authors mixed         one page; a second page writes it down as a
 *       ↓                                                            `FeedSnapshot`, which later pages find there
 *     Order              either of the two, to be read on in         one page
 *       ↓ order-stream
 *     Stream             the order, then the older posts by time;    one page
 *       ↓                what was hidden or unfollowed is left out
 *     presentCards       `canSee`, cards; reads on till it is full   cards are kept by posts
 *       ↓ explaining, caught-up
 *     FeedPage           cards with reasons, the mark, a position    sent
 *
 * A first page writes nothing down: its cursor carries what it showed (the stages of a cursor: `feed-position.ts`). The second
 * writes the order of the rest, and every later page reads it from there: it survives the loss of any memory, and nothing that
 * is published meanwhile enters it.
 */
export function createRankedPages(deps: Deps): FeedPages {
  const { skeleton, beginnings, isReady, posts, ranker, snapshots, ids, clock, metrics } = deps
  const streamDeps = { skeleton, clock, seenOf: ranker.seenOf }
  const showsAny = (viewer: FeedViewer, rows: RowsAhead<Pick<FeedRow, 'post_id' | 'found'>>) =>
    posts.showsAny(viewer, rows, { leaveOutMuted: true })

  function read(viewer: FeedViewer, order: Order, limit: number): Soon<RankedPage> {
    return whenThere(ranker.hiddenOf(viewer.id), (hidden) => {
      const stream = streamOf(streamDeps, viewer, order, hidden)
      const page = posts.presentCards(viewer, stream, { position: null, limit }, { leaveOutMuted: true })
      return whenThere(page, (found) => {
        const { cards, rows } = found
        const shown = rows.map(({ row }, at) => ({ row, card: cards[at]! }))
        return whenThere(ranker.explain(viewer, shown, drawnFor(order, rows)), (members) =>
          whenThere(markFor(viewer, order, stream, found), ({ caughtUpAfter, passed }) => ({
            items: cards.map((card, at) => card.json(members[at])),
            rows,
            nextPosition: found.nextPosition && withPassed(found.nextPosition, passed),
            caughtUpAfter,
            passed,
          })),
        )
      })
    })
  }

  function markFor(
    viewer: FeedViewer,
    { isPart, passed }: Order,
    stream: Stream,
    { rows, following, nextPosition }: CardsPage<StreamRow>,
  ): Soon<Mark> {
    return markIn(rows, passed, (markKind) => {
      if (isPart || following?.markKind === markKind) return true
      if (nextPosition === null) return false
      return whenThere(showsAny(viewer, stream.behind(rows, markKind)), (isInOrder) => {
        if (isInOrder) return true
        return whenThere(stream.olderBehind(rows, markKind), (older) =>
          older === null ? false : showsAny(viewer, older),
        )
      })
    })
  }

  function firstPage(viewer: FeedViewer, limit: number): Soon<FeedPage> {
    return isReady(viewer) ? mergedPage(viewer, limit) : coldPage(viewer, limit)
  }

  async function coldPage(viewer: FeedViewer, limit: number): Promise<FeedPage> {
    const page = await keptPage(viewer, limit)
    metrics.coldFeeds.inc({ from: page ? 'kept' : 'tables' })
    return page ?? (await mergedPage(viewer, limit))
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

  /** `isPart`: the order holds some of the newest posts, and says nothing of what follows: the mark is for the next page. */
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
        find: arranged.find,
        isPart,
        passed: 'nothing',
        positionAfter: () => unwritten,
        oldest: candidates.isEnd || isPart ? null : feedIdAt(candidates, count - 1),
        shownIds: [],
        snapshotId: null,
        isFollowed: true,
        kept: null,
      }
      return whenThere(read(viewer, order, limit), (page) => {
        arranged.release()
        if (page.nextPosition === null || !isUnwritten(page.nextPosition)) return page
        const until = String(BigInt(feedIdAt(candidates, 0)) + 1n)
        const snapshotId = ids.next(bucketOf(viewer.id))
        const { rows, passed } = page
        const shown = rows.map((row) => row.post_id)
        const nextPosition = writePosition({ stage: 'shown', snapshotId, until, shown, passed })
        return { ...page, nextPosition }
      })
    })
  }

  /** The order of everything behind a first page. */
  async function writeSnapshot(
    viewer: FeedViewer,
    { snapshotId, until, shown }: ShownPosition,
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
      markKinds: Uint8Array.from(rows, ({ markKind }) => markKind),
      oldest: candidates.isEnd || count === 0 ? null : feedIdAt(candidates, count - 1),
    })
  }

  return (viewer, { position, limit }) => {
    if (position === null) return firstPage(viewer, limit)
    const at = readPosition(position)
    if (at.stage === 'shown')
      return writeSnapshot(viewer, at).then((snapshot) => read(viewer, orderOf(viewer, snapshot, at), limit))
    if (at.stage === 'snapshot')
      return whenThere(snapshots.get(viewer.id, at.snapshotId), (snapshot) =>
        read(viewer, orderOf(viewer, snapshot, at), limit),
      )
    const snapshot = at.snapshotId === null ? null : snapshots.get(viewer.id, at.snapshotId)
    return whenThere(snapshot, (found) => {
      const shownIds = found?.shownIds ?? []
      const { passed, snapshotId } = at
      const order = { ...nothing, passed, oldest: at.before, shownIds, snapshotId }
      return read(viewer, order, limit)
    })
  }
}

/** Undefined where a page shows what was not drawn for it. */
function drawnFor({ arranged, kept }: Order, rows: readonly StreamRow[]): Drawn | null {
  const places: number[] = []
  for (const { isOlder, place } of rows) {
    if (isOlder) return null
    places.push(place)
  }
  if (arranged) return { arranged, places }
  return kept && { kept, places }
}

/** Behind an order there are older posts alone. */
const nothing: Omit<Order, 'passed' | 'oldest' | 'shownIds' | 'snapshotId'> = {
  next: () => null,
  positionAfter: () => unwritten,
  find: () => null,
  isPart: false,
  isFollowed: false,
  arranged: null,
  kept: null,
}

function allOf(arranged: Arranged): PlacedRow[] {
  const rows: PlacedRow[] = []
  for (let row = arranged.next(); row !== null; row = arranged.next()) rows.push(row)
  return rows
}

function orderOf(
  viewer: FeedViewer,
  snapshot: FeedSnapshot,
  { place: from = 0, passed }: { place?: number; passed: Passed },
): Order {
  const { id, rows, markKinds, shownIds, oldest } = snapshot
  let at = from
  return {
    passed,
    shownIds,
    oldest,
    snapshotId: id,
    isPart: false,
    isFollowed: snapshot.madeFor === viewer,
    arranged: null,
    kept: snapshot.kept,
    next() {
      if (at >= rows.length) return null
      const place = at++
      return { row: rows[place]!, markKind: markKinds[place] as MarkKind, place }
    },
    find(markKind, first, shown) {
      let place = markKinds.indexOf(markKind, Math.max(from, first))
      while (shown.has(place)) place = markKinds.indexOf(markKind, place + 1)
      return place < 0 ? null : { row: rows[place]!, markKind, place }
    },
    positionAfter: (place) => writePosition({ stage: 'snapshot', snapshotId: id, place: place + 1, passed }),
  }
}
