import type { Id } from '#platform/ids/ids.ts'
import type { Candidates } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
import { type IdParts, idOf } from './id-parts.ts'
import type { OutboxIndex } from './outbox-index.ts'

/** Some 300 bytes each: what the feeds of a few thousand people show. */
const keptMax = 50_000

/** Posts of the index as rows, one for all feeds: its ids are made into texts once, and its card is looked for once. */
export interface SharedRows {
  rowOf(slot: number): FeedRow
  /** The same of a candidate that lay in this slot a while ago: it may hold another post by now. */
  rowAs(slot: number, candidates: Ids, at: number): FeedRow
}

type Ids = Pick<Candidates, 'postHi' | 'postLo' | 'feedHi' | 'feedLo' | 'author' | 'authorHi' | 'authorLo'>

interface KeptRow extends FeedRow {
  readonly halves: IdParts
  readonly feedHalves: IdParts
}

export function createSharedRows(outboxes: OutboxIndex): SharedRows {
  let rows = new Map<number, KeptRow>()

  const make = (authorId: Id, hi: number, lo: number, feedHi: number, feedLo: number): KeptRow => ({
    author_id: authorId,
    feed_id: idOf(feedHi, feedLo),
    post_id: idOf(hi, lo),
    found: {},
    halves: { hi, lo },
    feedHalves: { hi: feedHi, lo: feedLo },
  })
  const keep = (slot: number, row: KeptRow): KeptRow => {
    if (rows.size >= keptMax) rows = new Map()
    rows.set(slot, row)
    return row
  }
  const isThis = ({ halves, feedHalves }: KeptRow, hi: number, lo: number, feedLo: number) =>
    halves.lo === lo && halves.hi === hi && feedHalves.lo === feedLo

  return {
    rowOf(slot) {
      const { posts } = outboxes
      const hi = posts.postHi(slot)
      const lo = posts.postLo(slot)
      const feedLo = posts.feedLo(slot)
      const known = rows.get(slot)
      if (known && isThis(known, hi, lo, feedLo)) return known
      return keep(slot, make(outboxes.authorIdOf(posts.author(slot)), hi, lo, posts.feedHi(slot), feedLo))
    },
    rowAs(slot, { postHi, postLo, feedHi, feedLo, author, authorHi, authorLo }, at) {
      const hi = postHi[at]!
      const lo = postLo[at]!
      const known = rows.get(slot)
      if (known && isThis(known, hi, lo, feedLo[at]!)) return known
      const authorId = idOf(authorHi[author[at]!]!, authorLo[author[at]!]!)
      return keep(slot, make(authorId, hi, lo, feedHi[at]!, feedLo[at]!))
    },
  }
}
