import type { PostsApi } from '#modules/posts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import type { RawJson } from '#platform/http/raw-json.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import { type FeedRow, halvesOf } from '../feed-row.ts'
import type { FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedAuthors, FeedViewer } from '../feed-viewers.ts'
import type { SeenPosts } from '../ranking/taste.ts'
import { isRecent, type MarkKind, markIn, markKindOf, readPassed, writePassed } from './caught-up.ts'

export interface FeedPageRequest {
  position: readonly string[] | null
  limit: number
}

export interface FeedPage {
  items: RawJson[]
  postIds: Id[]
  nextPosition: readonly string[] | null
  caughtUpAfter: Id | null
}

export type FeedPages = (viewer: FeedViewer, request: FeedPageRequest) => Soon<FeedPage>

interface Deps {
  skeleton: FeedSkeleton
  posts: Pick<PostsApi, 'presentCards'>
  clock: Clock
  seenOf(viewerId: Id): Soon<SeenPosts>
}

/** Newest first. Cursors are feed ids: what is published later never enters behind one. */
export function createChronologicalPages(
  { skeleton, posts, clock, seenOf }: Deps,
  authorsOf: (viewer: FeedViewer) => FeedAuthors,
): FeedPages {
  return async (viewer, { position, limit }) => {
    const authors = authorsOf(viewer)
    const seen = await seenOf(viewer.id)
    const read = (before: Id | null, count: number) =>
      skeleton.page(viewer, { authors, before, limit: count })
    const { cards, rows, nextPosition, following } = await posts.presentCards<FeedRow>(
      viewer,
      {
        read: (at, count) => skipHidden(seen, read, at?.[0] ?? null, count),
        positionOf: (row) => [row.feed_id],
      },
      { position, limit },
      { leaveOutMuted: true },
    )
    const now = clock.now()
    const kindOf = (row: FeedRow) => markKindOf({ viewerId: viewer.id, seen, now }, row)

    /** Looks no further than these days reach. */
    async function follows(wanted: MarkKind): Promise<boolean> {
      if (nextPosition === null) return false
      if (following && kindOf(following) === wanted) return true
      const later = laterRows(nextPosition[0]!, {
        read,
        isWanted: (row) => kindOf(row) === wanted && !seen.hides(halvesOf(row)),
        isLast: (row) => !isRecent(timeOf(row.feed_id), now),
      })
      const first = { position: null, limit: 1 }
      const page = await posts.presentCards(viewer, later, first, { leaveOutMuted: true })
      return page.cards.length > 0
    }

    const { caughtUpAfter, passed } = await markIn(
      rows.map((row) => ({ post_id: row.post_id, markKind: kindOf(row) })),
      readPassed(position?.[1]),
      follows,
    )
    return {
      items: cards.map((card) => card.json()),
      postIds: rows.map((row) => row.post_id),
      nextPosition: nextPosition && [nextPosition[0]!, writePassed(passed)],
      caughtUpAfter,
    }
  }
}

const lookAheadMax = 200

interface Later {
  read(before: Id, count: number): Soon<FeedRow[]>
  isWanted(row: FeedRow): boolean
  isLast(row: FeedRow): boolean
}

/** A list of those behind a feed id that are wanted; to be read once from its beginning. */
function laterRows(from: Id, { read, isWanted, isLast }: Later): Skeleton<FeedRow> {
  let before: Id | null = from
  let ahead = 10
  let found: FeedRow[] = []
  return {
    async read(_, count) {
      while (before !== null && found.length < count) {
        const rows = await read(before, ahead)
        found.push(...rows.filter(isWanted))
        const last = rows.at(-1)
        before = last === undefined || rows.length < ahead || isLast(last) ? null : last.feed_id
        ahead = lookAheadMax
      }
      const given = found.slice(0, count)
      found = found.slice(count)
      return given
    },
    positionOf: (row) => [row.feed_id],
  }
}

/** Reads on for those that the viewer hid, so that fewer rows mean the end. */
async function skipHidden(
  seen: SeenPosts,
  read: (before: Id | null, count: number) => Soon<FeedRow[]>,
  from: Id | null,
  count: number,
): Promise<FeedRow[]> {
  const kept: FeedRow[] = []
  for (let before = from; kept.length < count; ) {
    const wanted = count - kept.length
    const rows = await read(before, wanted)
    kept.push(...rows.filter((row) => !seen.hides(halvesOf(row))))
    if (rows.length < wanted) break
    before = rows.at(-1)!.feed_id
  }
  return kept
}
