import { type IdHalves, idOf } from '#platform/ids/id-halves.ts'
import type { Candidates } from '../candidates.ts'
import type { FeedRow } from '../feed-row.ts'
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
  readonly halves: IdHalves
  readonly feedHalves: IdHalves
  readonly authorHalves: IdHalves
}

export function createSharedRows(outboxes: OutboxIndex): SharedRows {
  let rows = new Map<number, KeptRow>()

  const make = (author: IdHalves, post: IdHalves, feed: IdHalves): KeptRow => ({
    author_id: idOf(author.hi, author.lo),
    feed_id: idOf(feed.hi, feed.lo),
    post_id: idOf(post.hi, post.lo),
    found: {},
    halves: post,
    feedHalves: feed,
    authorHalves: author,
    featurePlace: undefined,
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
      const { posts, authors } = outboxes
      const hi = posts.postHi(slot)
      const lo = posts.postLo(slot)
      const feedLo = posts.feedLo(slot)
      const known = rows.get(slot)
      if (known && isThis(known, hi, lo, feedLo)) return known
      const number = posts.author(slot)
      const author = { hi: authors.idHi[number]!, lo: authors.idLo[number]! }
      return keep(slot, make(author, { hi, lo }, { hi: posts.feedHi(slot), lo: feedLo }))
    },
    rowAs(slot, { postHi, postLo, feedHi, feedLo, author, authorHi, authorLo }, at) {
      const hi = postHi[at]!
      const lo = postLo[at]!
      const known = rows.get(slot)
      if (known && isThis(known, hi, lo, feedLo[at]!)) return known
      const by = author[at]!
      const halves = { hi: authorHi[by]!, lo: authorLo[by]! }
      return keep(slot, make(halves, { hi, lo }, { hi: feedHi[at]!, lo: feedLo[at]! }))
    },
  }
}
