import type { PostsApi } from '#modules/posts'
import type { SeenPosts } from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { RawJson } from '#platform/http/raw-json.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import { type FeedRow, postHalvesOf } from '../feed-row.ts'
import type { FeedSkeleton } from '../feed-skeleton.ts'
import type { FeedAuthors, FeedViewer } from '../feed-viewers.ts'
import { type MarkKind, markIn, markKindOf, readPassed, writePassed } from './caught-up.ts'
import { laterRows } from './later-rows.ts'

export interface FeedPageRequest {
  position: readonly string[] | null
  limit: number
}

export interface FeedPage {
  items: RawJson[]
  nextPosition: readonly string[] | null
  caughtUpAfter: Id | null
}

export type FeedPages = (viewer: FeedViewer, request: FeedPageRequest) => Soon<FeedPage>

interface Deps {
  skeleton: FeedSkeleton
  posts: Pick<PostsApi, 'presentCards' | 'showsAny'>
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

    function follows(wanted: MarkKind): Soon<boolean> {
      if (nextPosition === null) return false
      if (following && kindOf(following) === wanted) return true
      const isWanted = (row: FeedRow) => kindOf(row) === wanted && !seen.hides(postHalvesOf(row))
      const later = laterRows(nextPosition[0]!, { now, read, isWanted })
      return posts.showsAny(viewer, later, { leaveOutMuted: true })
    }

    const { caughtUpAfter, passed } = await markIn(
      rows.map((row) => ({ post_id: row.post_id, markKind: kindOf(row) })),
      readPassed(position?.[1]),
      follows,
    )
    return {
      items: cards.map((card) => card.json()),
      nextPosition: nextPosition && [nextPosition[0]!, writePassed(passed)],
      caughtUpAfter,
    }
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
    kept.push(...rows.filter((row) => !seen.hides(postHalvesOf(row))))
    if (rows.length < wanted) break
    before = rows.at(-1)!.feed_id
  }
  return kept
}
