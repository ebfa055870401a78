import type { Id } from './ids.ts'

/** Ids as numbers: two halves of 32 bits in typed arrays, which neither BigInts nor strings fit into. */
export interface IdHalves {
  hi: number
  lo: number
}

const word = 2 ** 32
const billion = 1e9

/** In steps that a double holds exactly: a BigInt takes four times as long. */
export function halvesOf(id: Id): IdHalves {
  const cut = Math.max(0, id.length - 9)
  const front = Number(id.slice(0, cut))
  const lower = (front % 65536) * billion + Number(id.slice(cut))
  const upper = Math.floor(front / 65536) * billion + Math.floor(lower / 65536)
  return { hi: Math.floor(upper / 65536), lo: (upper % 65536) * 65536 + (lower % 65536) }
}

/** The way back, a long division by 10⁹. */
export function idOf(hi: number, lo: number): Id {
  const first = Math.floor(hi / billion)
  const upper = (hi % billion) * 65536 + (lo >>> 16)
  const second = Math.floor(upper / billion)
  const lower = (upper % billion) * 65536 + (lo & 0xffff)
  const third = Math.floor(lower / billion)
  const front = first * word + second * 65536 + third
  const back = lower % billion
  return front === 0 ? String(back) : `${front}${String(billion + back).slice(1)}`
}

/**
 * The upper 53 of 63 bits, which a double holds exactly: by them alone two ids are told apart unless one process drew
 * both for one bucket in one millisecond, or nearly so; then the lower half decides.
 */
export function keyOf(hi: number, lo: number): number {
  return hi * 4194304 + (lo >>> 10)
}

/** For tables of ids: spread so that the lower bits of it are enough, for tables whose length is a power of two up to 2²⁴. */
export function hashOfHalves(hi: number, lo: number): number {
  return Math.imul(lo ^ Math.imul(hi, 0x85ebca6b), 0x9e3779b1) >>> 8
}

/** Milliseconds since the epoch of ids: all of them lie in the upper 41 bits. */
export function sinceEpochOf(hi: number, lo: number): number {
  return hi * 1024 + (lo >>> 22)
}
