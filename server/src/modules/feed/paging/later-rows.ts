import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import type { FeedRow } from '../feed-row.ts'
import { isRecent } from './caught-up.ts'

/** Rows of a list that nobody reads on in, some more with each call; none when it has ended. */
export interface RowsAhead<Row> {
  read(position: null, count: number): Soon<Row[]>
}

const lookAheadMax = 200

interface Later {
  now: number
  /** As they were published, newest first. */
  read(before: Id, count: number): Soon<FeedRow[]>
  isWanted(row: FeedRow): boolean
}

/**
 * A list of those behind a feed id that are wanted, looked for no further than the days reach that the mark speaks of; to be
 * read once from its beginning.
 */
export function laterRows(from: Id, { now, read, isWanted }: Later): RowsAhead<FeedRow> {
  let before: Id | null = from
  let ahead = 10
  let found: FeedRow[] = []
  return {
    async read(_, count) {
      while (before !== null && found.length < count) {
        const rows = await read(before, ahead)
        found.push(...rows.filter(isWanted))
        const last = rows.at(-1)
        const isEnd = last === undefined || rows.length < ahead || !isRecent(timeOf(last.feed_id), now)
        before = isEnd ? null : last.feed_id
        ahead = lookAheadMax
      }
      const given = found.slice(0, count)
      found = found.slice(count)
      return given
    },
  }
}
