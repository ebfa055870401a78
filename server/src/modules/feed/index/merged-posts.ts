import { keyOf } from '#platform/ids/id-halves.ts'
import { type Candidates, candidatesMax, createFeedColumns, type FeedColumns } from '../candidates.ts'
import type { OutboxIndex } from './outbox-index.ts'
import { none, type PostRecords } from './post-records.ts'
import type { SharedRows } from './shared-rows.ts'

/** The newest posts of a feed's authors, and of which state of the index. */
export interface MergedPosts {
  readonly candidates: Candidates
  /** Row → slot in the index. */
  readonly slots: Int32Array
  /** The candidates' authors by their numbers in the index. */
  readonly authors: MergedAuthors
  readonly generation: object
  changes: number
  /** It cannot be brought up to date any more; where features lie is still known by it. */
  isOutdated: boolean
}

interface MergedAuthors extends Pick<Candidates, 'authorHi' | 'authorLo'> {
  readonly numbers: Int32Array
}

interface Sources {
  outboxes: OutboxIndex
  shared: SharedRows
}

/** Number of an author → its index among a feed's authors plus one; all zeros between two uses. */
let indexes = new Uint16Array(1024)

/** `slots`: newest first. `before`: what was merged for the same feed before; where features lay is taken over from it. */
export function mergedFrom(
  sources: Sources,
  slots: Int32Array,
  isEnd: boolean,
  before: MergedPosts | null = null,
): MergedPosts {
  const { outboxes } = sources
  const { posts, authors } = outboxes
  const count = slots.length
  if (indexes.length < authors.length) indexes = new Uint16Array(authors.length)
  const columns = createFeedColumns(count)
  const numbers: number[] = []
  for (let row = 0; row < count; row++) {
    const slot = slots[row]!
    const number = posts.author(slot)
    if (indexes[number] === 0) indexes[number] = numbers.push(number)
    columns.author[row] = indexes[number]! - 1
    writeIds(columns, row, posts, slot)
  }
  for (const number of numbers) indexes[number] = 0
  if (before) takeOverPlaces(columns, before.candidates)
  return mergedOf(sources, { columns, slots, authors: mergedAuthors(outboxes, numbers), isEnd })
}

/** Both are newest first, and mostly the same. */
function takeOverPlaces(columns: FeedColumns, before: Candidates): void {
  let old = 0
  for (let row = 0; row < columns.count; row++) {
    const [hi, lo] = [columns.feedHi[row]!, columns.feedLo[row]!]
    while (old < before.count && isNewer(before, old, hi, lo)) old++
    if (old === before.count) return
    if (before.feedLo[old] === lo && before.feedHi[old] === hi) columns.places[row] = before.places[old]!
  }
}

function isNewer({ feedHi, feedLo }: Candidates, row: number, hi: number, lo: number): boolean {
  return feedHi[row]! > hi || (feedHi[row] === hi && feedLo[row]! > lo)
}

function mergedAuthors(outboxes: OutboxIndex, numbers: readonly number[]): MergedAuthors {
  const { idHi, idLo } = outboxes.authors
  const { length } = numbers
  const authors = {
    numbers: new Int32Array(length),
    authorHi: new Uint32Array(length),
    authorLo: new Uint32Array(length),
  }
  // `from` goes through an iterator, for ten times as long.
  for (let at = 0; at < length; at++) {
    const number = numbers[at]!
    authors.numbers[at] = number
    authors.authorHi[at] = idHi[number]!
    authors.authorLo[at] = idLo[number]!
  }
  return authors
}

function writeIds(columns: FeedColumns, row: number, posts: PostRecords, slot: number): void {
  columns.postHi[row] = posts.postHi(slot)
  columns.postLo[row] = posts.postLo(slot)
  columns.feedHi[row] = posts.feedHi(slot)
  columns.feedLo[row] = posts.feedLo(slot)
}

interface Filled {
  columns: FeedColumns
  slots: Int32Array
  authors: MergedAuthors
  isEnd: boolean
}

/** As of now. */
function mergedOf(
  { outboxes: { generation, changes }, shared }: Sources,
  { columns, slots, authors, isEnd }: Filled,
): MergedPosts {
  const { authorHi, authorLo } = authors
  const rowAt = (row: number) => shared.rowAs(slots[row]!, candidates, row)
  const candidates = { ...columns, authorHi, authorLo, isEnd, rowAt }
  return { candidates, slots, authors, generation, changes, isOutdated: false }
}

/** When more were published than this, merging anew costs no more than putting each in its place. */
const newerMax = 32
/** Slots; used within one call, which never waits. */
const newer = new Int32Array(newerMax)

/**
 * The same as of now: what its authors published since stands in front of it. Null: something else became of one of them,
 * or too much. Notes that they were read.
 */
export function broughtUpToDate(
  sources: Sources,
  merged: MergedPosts,
  authors: Int32Array,
): MergedPosts | null {
  const { outboxes } = sources
  if (merged.generation !== outboxes.generation) return null
  if (merged.changes === outboxes.changes) return merged
  const { changedAt, rewrittenAt, isUsed } = outboxes.authors
  let count = 0
  for (let i = 0; i < authors.length; i++) {
    const author = authors[i]!
    isUsed[author] = 1
    if (changedAt[author]! <= merged.changes) continue
    if (rewrittenAt[author]! > merged.changes) return null
    count = gatherNewer(outboxes, merged.candidates, author, count)
    if (count > newerMax) return null
  }
  if (count > 0) return withNewer(sources, merged, newer.subarray(0, count))
  merged.changes = outboxes.changes
  return merged
}

/** What came since is newer than all that was there: the rest of its author's posts is in it, or too old for it. */
function gatherNewer(
  { posts, authors }: OutboxIndex,
  { count, feedHi, feedLo }: Candidates,
  author: number,
  before: number,
): number {
  const top = count === 0 ? 0 : keyOf(feedHi[0]!, feedLo[0]!)
  const keyAt = (slot: number) => keyOf(posts.feedHi(slot), posts.feedLo(slot))
  let found = before
  for (let slot = authors.head[author]!; slot !== none && keyAt(slot) > top; slot = posts.previous(slot)) {
    if (found === newerMax) return newerMax + 1
    let at = found++
    for (; at > 0 && keyAt(newer[at - 1]!) < keyAt(slot); at--) newer[at] = newer[at - 1]!
    newer[at] = slot
  }
  return found
}

function withNewer(sources: Sources, merged: MergedPosts, front: Int32Array): MergedPosts | null {
  const { candidates: old, slots: oldSlots, authors: oldAuthors } = merged
  const { outboxes } = sources
  const { posts } = outboxes
  const kept = Math.min(old.count, candidatesMax - front.length)
  const columns = createFeedColumns(front.length + kept)
  const slots = new Int32Array(columns.count)
  for (const name of ['postHi', 'postLo', 'feedHi', 'feedLo', 'places', 'author'] as const)
    columns[name].set(old[name].subarray(0, kept), front.length)
  slots.set(oldSlots.subarray(0, kept), front.length)
  const added: number[] = []
  for (const [row, slot] of front.entries()) {
    const number = posts.author(slot)
    slots[row] = slot
    columns.author[row] = indexAmong(oldAuthors.numbers, added, number)
    writeIds(columns, row, posts, slot)
  }
  // Those of whom nothing is left in it stay among its authors until it is merged anew.
  if (oldAuthors.numbers.length + added.length > candidatesMax) return null
  const isEnd = old.isEnd && kept === old.count
  const authors = added.length === 0 ? oldAuthors : mergedAuthors(outboxes, [...oldAuthors.numbers, ...added])
  return mergedOf(sources, { columns, slots, authors, isEnd })
}

/** Whoever is in neither is added. */
function indexAmong(known: Int32Array, added: number[], number: number): number {
  const at = known.indexOf(number)
  if (at >= 0) return at
  const later = added.indexOf(number)
  return known.length + (later >= 0 ? later : added.push(number) - 1)
}
