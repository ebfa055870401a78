import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import type { FeedRow } from '../feed-skeleton.ts'
import type { SeenPosts } from '../ranking/taste.ts'

/** What came in this time is news until it is seen. */
const newsMs = 48 * 60 * 60 * 1000

interface Post {
  publishedAt: number
  now: number
  isSeen: boolean
}

export function isNews({ publishedAt, now, isSeen }: Post): boolean {
  return !isSeen && isRecent(publishedAt, now)
}

/** It is news unless it was seen. */
export function isRecent(publishedAt: number, now: number): boolean {
  return now - publishedAt < newsMs
}

export interface PageOfNews {
  /** What the page shows, in its order. */
  items: readonly { id: Id; isNews: boolean; isSeen: boolean }[]
  isFirst: boolean
  /** There is news behind this page. */
  goesOn: boolean
}

/**
 * The post after which there is no news: the last news of all, on the page where it stands. Who has seen all of it is
 * told so at once, behind the first post, unless that is an old one which they have not seen.
 */
export function caughtUpAfter({ items, isFirst, goesOn }: PageOfNews): Id | null {
  if (goesOn) return null
  const last = items.findLast((item) => item.isNews)
  if (last) return last.id
  const first = isFirst ? items[0] : undefined
  return first?.isSeen ? first.id : null
}

export interface NewsReader {
  viewerId: Id
  seen: SeenPosts
  now: number
}

export function readNews({ viewerId, seen, now }: NewsReader, row: FeedRow) {
  const isSeen = row.author_id === viewerId || seen.countOf(row.post_id) > 0
  const publishedAt = timeOf(row.feed_id)
  return { id: row.post_id, isSeen, isNews: isNews({ publishedAt, now, isSeen }) }
}

const lookAheadMax = 200

/** Whether there is news behind a post of a chronological feed; looks no further than news can be. */
export async function hasNewsBehind(
  reader: NewsReader,
  last: FeedRow,
  read: (before: Id, limit: number) => Soon<FeedRow[]>,
): Promise<boolean> {
  let before = last.feed_id
  for (let limit = 10; reader.now - timeOf(before) < newsMs; limit = lookAheadMax) {
    const rows = await read(before, limit)
    if (rows.some((row) => !reader.seen.isHidden(row.post_id) && readNews(reader, row).isNews)) return true
    if (rows.length < limit) return false
    before = rows.at(-1)!.feed_id
  }
  return false
}
