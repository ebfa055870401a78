import { hash } from 'node:crypto'

/** A message in parts, one after the other. */
export type Mac = (...parts: readonly Buffer[]) => Buffer

const blockBytes = 64
const hashBytes = 32
const innerPad = 0x36
const outerPad = 0x5c
/** Messages of usual length are put together in one place. */
const usualBytes = 8192

/**
 * HMAC-SHA-256 (RFC 2104) for what is signed many thousand times a second. Two hashes in one call each take 2 µs, where
 * `createHmac` makes native objects for 12 (measured, Node 24, 150 bytes). The key has at most 64 bytes.
 */
export function createQuickMac(key: Buffer): Mac {
  if (key.length > blockBytes) throw new RangeError('a key of a quick MAC has at most 64 bytes')
  const usual = Buffer.alloc(blockBytes + usualBytes)
  const outer = Buffer.alloc(blockBytes + hashBytes)
  fillPad(usual, key, innerPad)
  fillPad(outer, key, outerPad)

  function roomFor(length: number): Buffer {
    if (length <= usual.length) return usual
    const room = Buffer.alloc(length)
    fillPad(room, key, innerPad)
    return room
  }

  return (...parts) => {
    let end = blockBytes
    for (const { length } of parts) end += length
    const inner = roomFor(end)
    let at = blockBytes
    for (const part of parts) {
      inner.set(part, at)
      at += part.length
    }
    outer.set(hash('sha256', inner.subarray(0, end), 'buffer'), blockBytes)
    return hash('sha256', outer, 'buffer')
  }
}

function fillPad(block: Buffer, key: Buffer, pad: number): void {
  for (let at = 0; at < blockBytes; at++) block[at] = (key[at] ?? 0) ^ pad
}
