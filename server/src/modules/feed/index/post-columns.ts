import type { IdHalves } from '#platform/ids/id-halves.ts'

export const none = -1

const words = 6
export const bytesPerPost = words * 4
const feedHi = 0
const feedLo = 1
const postHi = 2
const postLo = 3
const author = 4
const previous = 5

/**
 * What is known of the posts in the index: one slot each. A record lies together and not in columns, for a feed meets five
 * hundred of them anywhere in memory, which is read by the line. Slots that are free are chained by `previous`.
 */
export class PostRecords {
  /** How many slots there are room for. */
  readonly length: number
  readonly #words: Uint32Array
  /** The same memory. */
  readonly #links: Int32Array

  constructor(length: number, old?: PostRecords) {
    this.length = length
    this.#words = new Uint32Array(length * words)
    this.#links = new Int32Array(this.#words.buffer)
    if (old) this.#words.set(old.#words)
  }

  feedHi(slot: number): number {
    return this.#words[slot * words + feedHi]!
  }

  feedLo(slot: number): number {
    return this.#words[slot * words + feedLo]!
  }

  postHi(slot: number): number {
    return this.#words[slot * words + postHi]!
  }

  postLo(slot: number): number {
    return this.#words[slot * words + postLo]!
  }

  author(slot: number): number {
    return this.#words[slot * words + author]!
  }

  /** The author's next older post; `none` at the end. */
  previous(slot: number): number {
    return this.#links[slot * words + previous]!
  }

  setPrevious(slot: number, older: number): void {
    this.#links[slot * words + previous] = older
  }

  write(slot: number, by: number, feed: IdHalves, post: IdHalves): void {
    const at = slot * words
    this.#words[at + feedHi] = feed.hi
    this.#words[at + feedLo] = feed.lo
    this.#words[at + postHi] = post.hi
    this.#words[at + postLo] = post.lo
    this.#words[at + author] = by
  }
}

/** What is known of authors: small integers that are never given to somebody else while the columns live. */
export interface AuthorColumns {
  readonly length: number
  /** Their ids in halves. */
  readonly idHi: Uint32Array
  readonly idLo: Uint32Array
  /** Slot of the newest post. */
  readonly head: Int32Array
  /** `keyOf` of the newest post's feed id. */
  readonly headKey: Float64Array
  readonly count: Int32Array
  /** They have more posts than are kept. */
  readonly isCut: Uint8Array
  /** Of those: the oldest feed id from which on none is missing; else 0. */
  readonly cutHi: Uint32Array
  readonly cutLo: Uint32Array
  readonly isLoaded: Uint8Array
  /** Read since the hand of the clock came by. */
  readonly isUsed: Uint8Array
  /** The number of the change that was the last to what is known of their posts. */
  readonly changedAt: Float64Array
  /** The number of the last that was more than a post newer than all others in the index. */
  readonly rewrittenAt: Float64Array
}

export const bytesOfColumns = 55
/** With its entry in the map. */
export const bytesOfId = 110
export const bytesPerAuthor = bytesOfColumns + bytesOfId

export function createAuthorColumns(length: number): AuthorColumns {
  return {
    length,
    idHi: new Uint32Array(length),
    idLo: new Uint32Array(length),
    head: new Int32Array(length).fill(none),
    headKey: new Float64Array(length),
    count: new Int32Array(length),
    isCut: new Uint8Array(length),
    cutHi: new Uint32Array(length),
    cutLo: new Uint32Array(length),
    isLoaded: new Uint8Array(length),
    isUsed: new Uint8Array(length),
    changedAt: new Float64Array(length),
    rewrittenAt: new Float64Array(length),
  }
}

export function growAuthorColumns(old: AuthorColumns, length: number): AuthorColumns {
  const grown = createAuthorColumns(length)
  for (const name of [
    'idHi',
    'idLo',
    'head',
    'headKey',
    'count',
    'isCut',
    'cutHi',
    'cutLo',
    'isLoaded',
    'isUsed',
    'changedAt',
    'rewrittenAt',
  ] as const)
    grown[name].set(old[name])
  return grown
}
