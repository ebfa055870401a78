import { halvesOf, idOf, keyOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import {
  type AuthorColumns,
  bytesOfColumns,
  bytesOfId,
  bytesPerAuthor,
  bytesPerPost,
  createAuthorColumns,
  growAuthorColumns,
  none,
  PostRecords,
} from './post-columns.ts'

/** So many of an author's posts are kept, the newest: as many as there are candidates, so that none of those is missing. */
export const keptPerAuthor = 500

export interface OutboxRow {
  feed_id: Id
  post_id: Id
}

/**
 * What authors published lately, in numbers: each author's posts are a chain from the newest to older ones. It knows
 * nothing of where they come from, and of nobody who may see them.
 */
export interface OutboxIndex {
  /** Both are others when they have grown: to be asked for anew in each piece of work that does not wait. */
  readonly posts: PostRecords
  readonly authors: AuthorColumns
  /** Changes when all is dropped: numbers of authors from before mean nothing then. */
  readonly generation: object
  /** How often anything was changed: what was made of it is as it was while this stays the same. */
  readonly changes: number
  /** The number of an author, known from now on. */
  numberOf(authorId: Id): number
  /** None while the author is not known. */
  findNumber(authorId: Id): number | undefined
  authorIdOf(author: number): Id
  postIdOf(slot: number): Id
  /** Takes an author's newest posts, newest first; `isCut`: there are older ones. */
  load(author: number, rows: readonly OutboxRow[], isCut: boolean): void
  /** Of an author who is not loaded, or older than what is kept: nothing to do. */
  publish(author: number, row: OutboxRow): void
  withdraw(author: number, postId: Id): void
  /** To be loaded again when needed. */
  forget(author: number): void
  clear(): void
  stats(): { posts: number; authors: number; loaded: number; bytes: number }
}

const firstPosts = 1024
const firstAuthors = 256

export function createOutboxIndex({ maxBytes }: { maxBytes: number }): OutboxIndex {
  // Columns are copied when they double: both stand beside each other for a moment, and authors take their part.
  const maxPosts = Math.max(firstPosts, Math.floor((maxBytes * 0.6) / bytesPerPost))
  const maxAuthors = Math.max(firstAuthors, Math.floor((maxBytes * 0.4) / bytesPerAuthor))
  let posts = new PostRecords(firstPosts)
  let authors = createAuthorColumns(firstAuthors)
  let numbers = new Map<Id, number>()
  let ids: Id[] = []
  let generation = {}
  /** Slots below were given out at least once. */
  let reached = 0
  let free = none
  let used = 0
  let loaded = 0
  let hand = 0
  let changes = 0
  /** `keyOf` of the newest feed id that ever came in. */
  let newest = 0

  function clear(): void {
    posts = new PostRecords(firstPosts)
    authors = createAuthorColumns(firstAuthors)
    numbers = new Map()
    ids = []
    generation = {}
    reached = used = loaded = hand = 0
    free = none
  }

  function numberOf(authorId: Id): number {
    const known = numbers.get(authorId)
    if (known !== undefined) return known
    if (ids.length >= maxAuthors) clear()
    const author = ids.length
    if (author === authors.length)
      authors = growAuthorColumns(authors, Math.min(author * 2, Math.max(maxAuthors, author + 1)))
    const { hi, lo } = halvesOf(authorId)
    authors.idHi[author] = hi
    authors.idLo[author] = lo
    ids.push(authorId)
    numbers.set(authorId, author)
    return author
  }

  function release(slot: number): void {
    posts.setPrevious(slot, free)
    free = slot
    used--
  }

  function noteNewer(author: number): void {
    authors.changedAt[author] = ++changes
  }

  function noteRewritten(author: number): void {
    noteNewer(author)
    authors.rewrittenAt[author] = changes
  }

  function forget(author: number): void {
    if (authors.isLoaded[author] === 0) return
    noteRewritten(author)
    let slot = authors.head[author]!
    while (slot !== none) {
      const next = posts.previous(slot)
      release(slot)
      slot = next
    }
    authors.head[author] = none
    authors.headKey[author] = 0
    authors.count[author] = 0
    authors.isCut[author] = 0
    authors.cutHi[author] = 0
    authors.cutLo[author] = 0
    authors.isLoaded[author] = 0
    loaded--
  }

  /** Goes round like the hand of a clock: who was read since its last visit stays until the next. */
  function evictOne(except: number): boolean {
    for (let steps = 0; steps < ids.length * 2; steps++) {
      hand = (hand + 1) % ids.length
      if (hand === except || authors.count[hand] === 0) continue
      if (authors.isUsed[hand] === 0) {
        forget(hand)
        return true
      }
      authors.isUsed[hand] = 0
    }
    return false
  }

  /** A free slot; none when all the room is taken by this one author. */
  function take(author: number): number {
    while (free === none && reached === posts.length) {
      if (posts.length < maxPosts) posts = new PostRecords(Math.min(posts.length * 2, maxPosts), posts)
      else if (!evictOne(author)) return none
    }
    used++
    if (free === none) return reached++
    const slot = free
    free = posts.previous(slot)
    return slot
  }

  function write(author: number, { feed_id, post_id }: OutboxRow): number {
    const slot = take(author)
    if (slot === none) return none
    posts.write(slot, author, halvesOf(feed_id), halvesOf(post_id))
    return slot
  }

  function setHead(author: number, slot: number): void {
    const key = slot === none ? 0 : keyOf(posts.feedHi(slot), posts.feedLo(slot))
    authors.head[author] = slot
    authors.headKey[author] = key
    if (key > newest) newest = key
  }

  /** Behind this slot are older posts that are not kept. */
  function cutAt(author: number, slot: number): void {
    authors.isCut[author] = 1
    authors.cutHi[author] = posts.feedHi(slot)
    authors.cutLo[author] = posts.feedLo(slot)
  }

  /** The posts behind the last one that is kept go; the author is known to have more. */
  function trim(author: number): void {
    noteRewritten(author)
    let last = authors.head[author]!
    for (let i = 1; i < keptPerAuthor; i++) last = posts.previous(last)
    cutAt(author, last)
    let slot = posts.previous(last)
    posts.setPrevious(last, none)
    while (slot !== none) {
      const next = posts.previous(slot)
      release(slot)
      slot = next
    }
    authors.count[author] = keptPerAuthor
  }

  return {
    get posts() {
      return posts
    },
    get authors() {
      return authors
    },
    get generation() {
      return generation
    },
    get changes() {
      return changes
    },
    numberOf,
    findNumber: (authorId) => numbers.get(authorId),
    authorIdOf: (author) => ids[author]!,
    postIdOf: (slot) => idOf(posts.postHi(slot), posts.postLo(slot)),
    forget,
    clear,

    load(author, rows, isCut) {
      forget(author)
      noteRewritten(author)
      authors.isLoaded[author] = 1
      loaded++
      let last = none
      for (const row of rows) {
        const slot = write(author, row)
        if (slot === none) {
          forget(author)
          return
        }
        posts.setPrevious(slot, none)
        if (last === none) setHead(author, slot)
        else posts.setPrevious(last, slot)
        authors.count[author]!++
        last = slot
      }
      authors.isUsed[author] = 1
      if (!isCut || last === none) return
      cutAt(author, last)
    },

    publish(author, row) {
      if (authors.isLoaded[author] === 0) return
      const { hi, lo } = halvesOf(row.feed_id)
      const isOlder = (slot: number) =>
        posts.feedHi(slot) < hi || (posts.feedHi(slot) === hi && posts.feedLo(slot) < lo)
      const cutHi = authors.cutHi[author]!
      if (hi < cutHi || (hi === cutHi && lo < authors.cutLo[author]!)) return
      let newer = none
      let older = authors.head[author]!
      while (older !== none && !isOlder(older)) {
        if (posts.feedHi(older) === hi && posts.feedLo(older) === lo) return
        newer = older
        older = posts.previous(older)
      }
      if (newer === none && keyOf(hi, lo) > newest) noteNewer(author)
      else noteRewritten(author)
      const slot = write(author, row)
      if (slot === none) {
        forget(author)
        return
      }
      posts.setPrevious(slot, older)
      if (newer === none) setHead(author, slot)
      else posts.setPrevious(newer, slot)
      authors.count[author]!++
      if (authors.count[author]! >= keptPerAuthor * 2) trim(author)
    },

    withdraw(author, postId) {
      if (authors.isLoaded[author] === 0) return
      const { hi, lo } = halvesOf(postId)
      let newer = none
      let slot = authors.head[author]!
      while (slot !== none && !(posts.postHi(slot) === hi && posts.postLo(slot) === lo)) {
        newer = slot
        slot = posts.previous(slot)
      }
      if (slot === none) return
      noteRewritten(author)
      const older = posts.previous(slot)
      if (newer === none) setHead(author, older)
      else posts.setPrevious(newer, older)
      release(slot)
      authors.count[author]!--
    },

    stats: () => ({
      posts: used,
      authors: ids.length,
      loaded,
      bytes: posts.length * bytesPerPost + authors.length * bytesOfColumns + ids.length * bytesOfId,
    }),
  }
}

export function feedIdAt(posts: PostRecords, slot: number): Id {
  return idOf(posts.feedHi(slot), posts.feedLo(slot))
}

export function feedKeyAt(posts: PostRecords, slot: number): number {
  return keyOf(posts.feedHi(slot), posts.feedLo(slot))
}
