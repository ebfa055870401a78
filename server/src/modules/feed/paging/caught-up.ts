import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import { type FeedRow, halvesOf } from '../feed-row.ts'
import type { SeenPosts } from '../ranking/taste.ts'

/**
 * Whoever comes to the mark has passed all that others published in this time and they have not seen: it stands behind the
 * last that is news to them, and where nothing is, behind the last of all from these days. One's own posts are no news, and
 * a feed with nothing of others from these days has no mark: its end says enough.
 */
const newsMs = 48 * 60 * 60 * 1000

export function isRecent(publishedAt: number, now: number): boolean {
  return now - publishedAt < newsMs
}

/** Of a page: the last row that the mark comes after, when as many are on it as there are. */
export function caughtUpIn(
  rows: readonly { readonly post_id: Id; readonly beforeMark: boolean }[],
  count: number,
): Id | null {
  let found = 0
  let last: Id | null = null
  for (const { post_id, beforeMark } of rows) {
    if (!beforeMark) continue
    found++
    last = post_id
  }
  return found < count ? null : last
}

interface ReaderInTime {
  viewerId: Id
  seen: SeenPosts
  now: number
}

export type MarkRule = (reader: ReaderInTime, row: FeedRow) => boolean

/** Somebody else's of the last days. */
export const isOthers: MarkRule = ({ viewerId, now }, row) =>
  row.author_id !== viewerId && isRecent(timeOf(row.feed_id), now)

/** And not seen. */
export const isNews: MarkRule = (reader, row) =>
  isOthers(reader, row) && reader.seen.countOf(row.post_id) === 0

const lookAheadMax = 200

/** In a feed by time: whether one of these comes later than a post; looks no further than it can. */
export async function comesLater(
  rule: MarkRule,
  reader: ReaderInTime,
  last: FeedRow,
  read: (before: Id, limit: number) => Soon<FeedRow[]>,
): Promise<boolean> {
  let before = last.feed_id
  for (let limit = 10; isRecent(timeOf(before), reader.now); limit = lookAheadMax) {
    const rows = await read(before, limit)
    if (rows.some((row) => !reader.seen.hides(halvesOf(row)) && rule(reader, row))) return true
    if (rows.length < limit) return false
    before = rows.at(-1)!.feed_id
  }
  return false
}
