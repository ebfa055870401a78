import type { FoundFragment } from '#modules/posts'
import type { HiddenPosts, SeenPosts } from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import { type FeedRow, postHalvesOf } from '../feed-row.ts'
import type { FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedViewer } from '../feed-viewers.ts'
import type { Arranged, PlacedRow } from './arranged.ts'
import { isRecent, type MarkKind, markKindOf, ofNoDay, type Passed } from './caught-up.ts'
import { writePosition } from './feed-position.ts'
import type { KeptScores } from './kept-scores.ts'
import { laterRows, type RowsAhead } from './later-rows.ts'

/** An order that a page reads on in. */
export interface Order {
  /** Each once, in its turn. */
  next(): PlacedRow | null
  /**
   * Of what does not stand among `shown`, which came last, some row of this kind at a place or behind it; takes nothing from
   * `next`.
   */
  find(markKind: MarkKind, from: number, shown: ReadonlySet<number>): PlacedRow | null
  /** It holds some of the newest posts alone: what else follows is not known. */
  readonly isPart: boolean
  /** Where the page after a row of this order begins; `unwritten` while the order is that of a first page. */
  positionAfter(place: number): readonly string[]
  passed: Passed
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

export interface StreamRow {
  readonly post_id: Id
  readonly found: FoundFragment | undefined
  readonly row: FeedRow
  readonly markKind: MarkKind
  readonly place: number
  readonly isOlder: boolean
}

export interface Stream extends Skeleton<StreamRow> {
  /** Of the order what is of this kind and stands behind what was shown; some of it the rules may leave out. */
  behind(shown: readonly StreamRow[], markKind: MarkKind): RowsAhead<StreamRow>
  /** The same of the older posts behind the order; null: none of these days is among them. */
  olderBehind(shown: readonly StreamRow[], markKind: MarkKind): Soon<RowsAhead<FeedRow> | null>
}

export interface StreamDeps {
  skeleton: FeedSkeleton
  clock: Clock
  seenOf(viewerId: Id): Soon<SeenPosts>
}

const streamRow = ({ row, markKind, place }: PlacedRow, isOlder: boolean): StreamRow => ({
  post_id: row.post_id,
  found: row.found,
  row,
  markKind,
  place,
  isOlder,
})

/** Whoever is no longer followed, is muted or was hidden since is left out while reading on. */
export function streamOf(
  { skeleton, clock, seenOf }: StreamDeps,
  viewer: FeedViewer,
  order: Order,
  hidden: HiddenPosts,
): Stream {
  let before = order.oldest
  let shownIds: ReadonlySet<Id> | undefined
  const isFollowed = (row: FeedRow) => order.isFollowed || viewer.following.has(row.author_id)

  // What was put in order just now had to be wanted to come there.
  const isWanted = ({ row }: PlacedRow) =>
    order.arranged !== null || (!hidden.hides(postHalvesOf(row)) && isFollowed(row))

  function draw(): StreamRow | null {
    for (let placed = order.next(); placed !== null; placed = order.next())
      if (isWanted(placed)) return streamRow(placed, false)
    return null
  }

  const isWantedOlder = (row: FeedRow) => {
    shownIds ??= new Set(order.shownIds)
    return !hidden.hides(postHalvesOf(row)) && isFollowed(row) && !shownIds.has(row.post_id)
  }

  const pageOf = (from: Id, limit: number) =>
    skeleton.page(viewer, { authors: viewer.following, before: from, limit })

  /** Of rows from a feed id on; null: they are all of no day, or nobody asks any more. What was seen is for these days alone. */
  function kindsFrom(feedId: Id, now: number): Soon<((row: FeedRow) => MarkKind) | null> {
    if (order.passed === 'mark' || !isRecent(timeOf(feedId), now)) return null
    return whenThere(
      seenOf(viewer.id),
      (seen) => (row) => markKindOf({ viewerId: viewer.id, seen, now }, row),
    )
  }

  async function readOlder(rows: StreamRow[], count: number): Promise<StreamRow[]> {
    const now = clock.now()
    while (before !== null && rows.length < count) {
      const wanted = count - rows.length
      const older = await pageOf(before, wanted)
      const kindOf = await kindsFrom(older[0]?.feed_id ?? before, now)
      for (const row of older)
        if (isWantedOlder(row))
          rows.push(streamRow({ row, markKind: kindOf?.(row) ?? ofNoDay, place: 0 }, true))
      before = older.length < wanted ? null : older.at(-1)!.feed_id
    }
    return rows
  }

  return {
    read(_, count) {
      const rows: StreamRow[] = []
      for (let row = draw(); row !== null; row = draw()) if (rows.push(row) === count) return rows
      return before === null ? rows : readOlder(rows, count)
    },
    positionOf: ({ isOlder, row, place }) =>
      isOlder
        ? writePosition({
            stage: 'older',
            before: row.feed_id,
            snapshotId: order.snapshotId,
            passed: order.passed,
          })
        : order.positionAfter(place),
    behind(shown, markKind) {
      const places = new Set<number>()
      for (const { isOlder, place } of shown) if (!isOlder) places.add(place)
      let from = 0
      return listed(() => {
        for (let placed = find(); placed !== null; placed = find()) {
          from = placed.place + 1
          if (isWanted(placed)) return streamRow(placed, false)
        }
        return null
      })
      function find(): PlacedRow | null {
        return order.find(markKind, from, places)
      }
    },
    olderBehind(shown, markKind) {
      const from = shown.findLast(({ isOlder }) => isOlder)?.row.feed_id ?? order.oldest
      if (from === null) return null
      const now = clock.now()
      return whenThere(kindsFrom(from, now), (kindOf) => {
        if (kindOf === null) return null
        const isWanted = (row: FeedRow) => kindOf(row) === markKind && isWantedOlder(row)
        return laterRows(from, { now, read: pageOf, isWanted })
      })
    },
  }
}

function listed(next: () => StreamRow | null): RowsAhead<StreamRow> {
  return {
    read(_, count) {
      const rows: StreamRow[] = []
      for (let row = next(); row !== null; row = next()) if (rows.push(row) === count) break
      return rows
    },
  }
}
