import type { SeenPosts } from '#modules/ranking'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import type { FeedRow } from '../feed-row.ts'

/**
 * Whoever comes to the mark has passed all that others published in this time and they have not seen: it stands behind the
 * last that is news to them, and where nothing is, behind the last of all from these days. One's own posts are no news, and
 * a feed with nothing of others from these days has no mark: its end says enough. What the reader may not see counts for
 * nothing here: a mark that is late, or never comes, would tell of it.
 */
const newsMs = 48 * 60 * 60 * 1000

export function isRecent(publishedAt: number, now: number): boolean {
  return now - publishedAt < newsMs
}

/** What a post is to the mark: one's own, or older; not seen by the reader; seen. As orders are written down. */
export type MarkKind = typeof ofNoDay | typeof news | typeof seenBefore
export const ofNoDay = 0
export const news = 1
export const seenBefore = 2

/** What somebody who reads on has behind them: of others’ posts of these days some, of them news, the mark. */
export type Passed = 'nothing' | 'others' | 'news' | 'mark'

const passedStages: readonly Passed[] = ['nothing', 'mark', 'others', 'news']

/** As a part of a cursor. */
export function writePassed(passed: Passed): string {
  return passed === 'nothing' ? '' : String(passedStages.indexOf(passed))
}

export function readPassed(written = ''): Passed {
  return passedStages[Number(written)] ?? 'nothing'
}

export interface ShownInPage {
  readonly post_id: Id
  readonly markKind: MarkKind
}

export interface Mark {
  caughtUpAfter: Id | null
  passed: Passed
}

/**
 * `follows`: whether one of this kind that the reader may see comes behind the page. Where the mark stands:
 *
 *     news behind?  others behind?  passed on this page   passed before   the mark
 *     yes           –               –                     –               on a later page
 *     no            –               news                  –               behind the last news of this page
 *     no            –               no news               news            behind the first post of this page
 *     no            yes             no news               no news         on a later page
 *     no            no              others                no news         behind the last of others of this page
 *     no            no              nothing               others          behind the first post of this page
 *     no            no              nothing               nothing         nowhere: nothing of others is of these days
 *
 * An empty page leaves it to the next. “Others” are those that were seen; once it has stood, it stands on no page any more.
 */
export function markIn(
  rows: readonly ShownInPage[],
  before: Passed,
  follows: (kind: MarkKind) => Soon<boolean>,
): Soon<Mark> {
  if (before === 'mark') return { caughtUpAfter: null, passed: 'mark' }
  let lastNews: ShownInPage | undefined
  let lastOfOthers: ShownInPage | undefined
  for (const row of rows) {
    if (row.markKind === news) lastNews = row
    if (row.markKind !== ofNoDay) lastOfOthers = row
  }
  const behind = (row: ShownInPage): Mark => ({ caughtUpAfter: row.post_id, passed: 'mark' })
  const furtherOn = lastNews ? 'news' : before === 'nothing' && lastOfOthers ? 'others' : before
  const notYet: Mark = { caughtUpAfter: null, passed: furtherOn }
  return whenThere(follows(news), (newsFollow) => {
    if (newsFollow) return notYet
    if (lastNews) return behind(lastNews)
    // The last of them stood on a page before, which could not know it: one that came from a kept beginning, or had more behind it.
    if (before === 'news') return rows[0] ? behind(rows[0]) : notYet
    return whenThere(follows(seenBefore), (othersFollow) => {
      if (othersFollow) return notYet
      if (lastOfOthers) return behind(lastOfOthers)
      return before === 'others' && rows[0] ? behind(rows[0]) : notYet
    })
  })
}

interface ReaderInTime {
  viewerId: Id
  seen: SeenPosts
  now: number
}

export function markKindOf({ viewerId, seen, now }: ReaderInTime, row: FeedRow): MarkKind {
  if (row.author_id === viewerId || !isRecent(timeOf(row.feed_id), now)) return ofNoDay
  return seen.countOf(row.post_id) === 0 ? news : seenBefore
}
