import { halvesOf, idOf, keyOf } from '#platform/ids/id-halves.ts'
import type { Id } from '#platform/ids/ids.ts'
import { candidatesMax } from '../candidates.ts'
import {
  type AuthorColumns,
  bytesPerAuthor,
  createAuthorColumns,
  growAuthorColumns,
} from './author-columns.ts'
import { bytesPerPost, none, PostRecords } from './post-records.ts'

/** So many of an author's posts are kept at least, the newest: none of the candidates is missing. */
export const keptPerAuthor = candidatesMax
/** Past these they are cut back to the newest, so that the end of their chain is looked for once in a while and not by each post. */
export const keptPerAuthorMax = keptPerAuthor * 2 - 1

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
  /** Changes when numbers of authors are given to others, or all is dropped: those from before are to be asked for anew. */
  readonly generation: object
  /** How often anything was changed: what was made of it is as it was while this stays the same. */
  readonly changes: number
  /**
   * Their numbers, known from now on; for want of room those whom nobody read lately have none any more. Null: there is not
   * room for so many.
   */
  numbersOf(authorIds: readonly Id[]): Int32Array | null
  /** None while the author is not known. */
  findNumber(authorId: Id): number | undefined
  authorIdOf(author: number): Id
  /** Takes an author's newest posts, newest first; `isCut`: there are older ones. */
  load(author: number, rows: readonly OutboxRow[], isCut: boolean): void
  /** Of an author who is not loaded, or older than what is kept: nothing to do. */
  publish(author: number, row: OutboxRow): void
  withdraw(author: number, postId: Id): void
  /** To be loaded again when needed. */
  forget(author: number): void
  clear(): void
}

const firstPosts = 1024
const firstAuthors = 256
/** When there is no room for another author, one in so many has to go, so that all ask anew for their numbers now and then alone. */
const dropShare = 16
/** In `isUsed`, while room is made: they stay, for they would have to be numbered again at once. */
const isAskedFor = 2

export function createOutboxIndex({ maxBytes }: { maxBytes: number }): OutboxIndex {
  // Columns are copied when they double: both stand beside each other for a moment, and authors take their part.
  const maxPosts = Math.max(firstPosts, Math.floor((maxBytes * 0.6) / bytesPerPost))
  const maxAuthors = Math.max(firstAuthors, Math.floor((maxBytes * 0.4) / bytesPerAuthor))
  const droppedAtOnce = Math.ceil(maxAuthors / dropShare)
  let posts = new PostRecords(firstPosts)
  let authors = createAuthorColumns(firstAuthors)
  let numbers = new Map<Id, number>()
  /** Numbers below were given out at least once. */
  let numbered = 0
  let unused: number[] = []
  let generation = {}
  /** Slots below were given out at least once. */
  let reached = 0
  let free = none
  let hand = 0
  let changes = 0
  /** `keyOf` of the newest feed id that ever came in. */
  let newest = 0

  function clear(): void {
    posts = new PostRecords(firstPosts)
    authors = createAuthorColumns(firstAuthors)
    numbers = new Map()
    unused = []
    generation = {}
    numbered = reached = hand = 0
    free = none
  }

  function authorIdOf(author: number): Id {
    return idOf(authors.idHi[author]!, authors.idLo[author]!)
  }

  function numbersOf(authorIds: readonly Id[]): Int32Array | null {
    if (authorIds.length > maxAuthors) return null
    let missing = 0
    for (const id of authorIds) {
      const known = numbers.get(id)
      if (known === undefined) missing++
      else authors.isUsed[known] = isAskedFor
    }
    if (missing > maxAuthors - numbers.size) makeRoom(Math.max(missing, droppedAtOnce))
    const drawn = Int32Array.from(authorIds, (id) => numbers.get(id) ?? add(id))
    for (const author of drawn) authors.isUsed[author] = 1
    return drawn
  }

  function add(authorId: Id): number {
    // Who is read from here on stays when there is no room again.
    if (numbers.size === maxAuthors - droppedAtOnce) authors.isUsed.fill(0)
    const author = unused.pop() ?? numbered++
    if (author === authors.length) authors = growAuthorColumns(authors, Math.min(author * 2, maxAuthors))
    const { hi, lo } = halvesOf(authorId)
    authors.idHi[author] = hi
    authors.idLo[author] = lo
    numbers.set(authorId, author)
    return author
  }

  /** In the turn of the hand those go who were not read lately; when all were, those whose turn it is. */
  function makeRoom(count: number): void {
    for (let steps = 0; steps < numbered * 2 && numbers.size > maxAuthors - count; steps++) {
      hand = (hand + 1) % numbered
      if (authors.isUsed[hand] === isAskedFor) continue
      if (authors.isUsed[hand] === 1) {
        authors.isUsed[hand] = 0
        continue
      }
      const id = authorIdOf(hand)
      // Nobody's number now, while the author may have come back to another.
      if (numbers.get(id) !== hand) continue
      forget(hand)
      numbers.delete(id)
      unused.push(hand)
    }
    generation = {}
  }

  function release(slot: number): void {
    posts.setPrevious(slot, free)
    free = slot
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
  }

  /** Goes round like the hand of a clock: who was read since its last visit stays until the next. */
  function evictOne(except: number): boolean {
    for (let steps = 0; steps < numbered * 2; steps++) {
      hand = (hand + 1) % numbered
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
    numbersOf,
    findNumber: (authorId) => numbers.get(authorId),
    authorIdOf,
    forget,
    clear,

    load(author, rows, isCut) {
      forget(author)
      noteRewritten(author)
      authors.isLoaded[author] = 1
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
      if (authors.count[author]! > keptPerAuthorMax) trim(author)
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
  }
}

export function feedKeyAt(posts: PostRecords, slot: number): number {
  return keyOf(posts.feedHi(slot), posts.feedLo(slot))
}
