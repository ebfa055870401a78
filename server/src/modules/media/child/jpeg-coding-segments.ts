// Sizes of the segments that decoding needs, ITU-T T.81 annex B. A segment that is longer than its own
// tables could carry anything, and decoders skip some of them unread.

const sof = (marker: number) => marker >= 0xc0 && marker <= 0xcf

const [dht, dac, sos, dqt, dnl, dri] = [0xc4, 0xcc, 0xda, 0xdb, 0xdc, 0xdd] as const

const exactSizes: Record<number, (payload: Buffer) => number> = {
  [dht]: huffmanTablesSize,
  [dac]: (payload) => (payload.length <= 64 ? payload.length & ~1 : -1),
  [sos]: (payload) => componentsWithin(payload[0], 4 + 2 * (payload[0] ?? 0)),
  [dqt]: quantisationTablesSize,
  [dnl]: () => 2,
  [dri]: () => 2,
}

/** True for a marker of coding, whatever its payload. */
export function isCodingMarker(marker: number): boolean {
  return marker in exactSizes || (sof(marker) && marker !== 0xc8)
}

export function isSoundCodingSegment(marker: number, payload: Buffer): boolean {
  const size = exactSizes[marker]?.(payload) ?? componentsWithin(payload[5], 6 + 3 * (payload[5] ?? 0))
  return size === payload.length
}

function componentsWithin(count: number | undefined, size: number): number {
  return count !== undefined && count >= 1 && count <= 4 ? size : -1
}

function huffmanTablesSize(payload: Buffer): number {
  let at = 0
  while (at < payload.length) {
    if ((payload[at]! & 0xec) !== 0) return -1
    const counts = payload.subarray(at + 1, at + 17)
    at += 17 + counts.reduce((sum, count) => sum + count, 0)
  }
  return at
}

function quantisationTablesSize(payload: Buffer): number {
  let at = 0
  while (at < payload.length) {
    if ((payload[at]! & 0xec) !== 0) return -1
    at += payload[at]! >> 4 === 1 ? 129 : 65
  }
  return at
}
