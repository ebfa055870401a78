/**
 * What is known of the posts in the index, one slot each: 24 bytes. Slots that are free are chained by `previous`.
 */
export interface PostColumns {
  /** How many slots there are room for. */
  readonly length: number
  readonly feedHi: Uint32Array
  readonly feedLo: Uint32Array
  readonly postHi: Uint32Array
  readonly postLo: Uint32Array
  readonly author: Int32Array
  /** The author's next older post; `none` at the end. */
  readonly previous: Int32Array
}

export const none = -1
export const bytesPerPost = 24

export function createPostColumns(length: number): PostColumns {
  return {
    length,
    feedHi: new Uint32Array(length),
    feedLo: new Uint32Array(length),
    postHi: new Uint32Array(length),
    postLo: new Uint32Array(length),
    author: new Int32Array(length),
    previous: new Int32Array(length),
  }
}

export function growPostColumns(old: PostColumns, length: number): PostColumns {
  const grown = createPostColumns(length)
  for (const name of ['feedHi', 'feedLo', 'postHi', 'postLo', 'author', 'previous'] as const)
    grown[name].set(old[name])
  return grown
}

/** What is known of authors: small integers that are never given to somebody else while the columns live. */
export interface AuthorColumns {
  readonly length: number
  /** Slot of the newest post. */
  readonly head: Int32Array
  /** `keyOf` of the newest post's feed id. */
  readonly headKey: Float64Array
  readonly count: Int32Array
  /** Of an author with more posts than are kept: the oldest feed id from which on none is missing; else 0. */
  readonly cutHi: Uint32Array
  readonly cutLo: Uint32Array
  readonly isLoaded: Uint8Array
  /** Read since the hand of the clock came by. */
  readonly isUsed: Uint8Array
}

/** With the entry of its id in the map. */
export const bytesPerAuthor = 30 + 110

export function createAuthorColumns(length: number): AuthorColumns {
  return {
    length,
    head: new Int32Array(length).fill(none),
    headKey: new Float64Array(length),
    count: new Int32Array(length),
    cutHi: new Uint32Array(length),
    cutLo: new Uint32Array(length),
    isLoaded: new Uint8Array(length),
    isUsed: new Uint8Array(length),
  }
}

export function growAuthorColumns(old: AuthorColumns, length: number): AuthorColumns {
  const grown = createAuthorColumns(length)
  for (const name of ['head', 'headKey', 'count', 'cutHi', 'cutLo', 'isLoaded', 'isUsed'] as const)
    grown[name].set(old[name])
  return grown
}
