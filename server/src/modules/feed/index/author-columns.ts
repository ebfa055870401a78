import { none } from './post-records.ts'

/** What is known of authors: small integers that mean nobody else within one generation of the index. */
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

const bytesOfColumns = 55
/** As the key of the map. */
const bytesOfId = 110
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
