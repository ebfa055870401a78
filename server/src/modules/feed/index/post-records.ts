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
