/**
 * 63 bits: 41 bits milliseconds since 2024-01-01 | 10 bits bucket | 7 bits process slot | 5 bits sequence.
 * In TypeScript and JSON an id is its decimal string; any id alone tells when and where (docs/adr/0003).
 */
export type Id = string

export const EPOCH = Date.UTC(2024, 0, 1)
export const BUCKETS = 1024
export const SLOTS = 128
export const SEQUENCES = 32

const MAX_MS = 2 ** 41 - 1
const MAX_ID = 2n ** 63n - 1n

export function idAt(ms: number, bucket: number, slot: number, sequence: number): Id {
  const since = Math.floor(ms) - EPOCH
  if (!(since >= 0 && since <= MAX_MS)) throw new RangeError(`An id cannot hold the time ${ms}`)
  if (!isWithin(bucket, BUCKETS)) throw new RangeError(`There is no bucket ${bucket}`)
  if (!isWithin(slot, SLOTS)) throw new RangeError(`There is no slot ${slot}`)
  if (!isWithin(sequence, SEQUENCES)) throw new RangeError(`There is no sequence ${sequence}`)
  return String((BigInt(since) << 22n) | BigInt((bucket << 12) | (slot << 5) | sequence))
}

function isWithin(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end
}

export function bucketOf(id: Id): number {
  return Number((BigInt(id) >> 12n) & 1023n)
}

export function slotOf(id: Id): number {
  return Number((BigInt(id) >> 5n) & 127n)
}

export function sequenceOf(id: Id): number {
  return Number(BigInt(id) & 31n)
}

/** The same moment, in another bucket: not unique there, but in its place among what happened. */
export function inBucket(id: Id, bucket: number): Id {
  const bits = 1023n << 12n
  return String((BigInt(id) & ~bits) | (BigInt(bucket) << 12n))
}

/** Milliseconds since 1970 at which the id was drawn. */
export function timeOf(id: Id): number {
  return Number(BigInt(id) >> 22n) + EPOCH
}

/**
 * Its last nine digits, as a small integer: two ids are told apart by them nearly always, and without touching their texts,
 * which lie anywhere in memory. Where they are equal the ids are to be compared.
 */
export function tailOf(id: Id): number {
  return Number(id.slice(-9))
}

/** The smallest id that a moment can have; moments out of range meet the nearest end. */
export function minIdAt(ms: number): Id {
  return idAt(clampTime(ms), 0, 0, 0)
}

/** The largest id that a moment can have. */
export function maxIdAt(ms: number): Id {
  return idAt(clampTime(ms), BUCKETS - 1, SLOTS - 1, SEQUENCES - 1)
}

export const MIN_ID: Id = '0'
export const maxId: Id = String(MAX_ID)

function clampTime(ms: number): number {
  return Math.min(Math.max(Math.floor(ms), EPOCH), EPOCH + MAX_MS)
}

/** Order of drawing, for `sort`; decimal strings of one length compare as text. */
export function compareIds(a: Id, b: Id): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

/** What comes from outside is an id only in the one form that we write. */
export function isId(value: unknown): value is Id {
  return typeof value === 'string' && /^(0|[1-9]\d{0,18})$/.test(value) && BigInt(value) <= MAX_ID
}

/** Where a global name (username, e-mail, hashtag) is claimed. Stored with the claim: must never change. */
export function bucketOfName(name: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  return (hash >>> 0) % BUCKETS
}
