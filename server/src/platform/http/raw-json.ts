/** One JSON value that is ready to be sent: in pieces (UTF-8, or text), or as what writes itself. */
export type RawJson = readonly (Buffer | string)[] | WrittenJson

export interface WrittenJson {
  /** It takes no more. */
  readonly maxBytes: number
  /** Gives where it ends. */
  write(into: Buffer, at: number): number
}

/** `{"items":[…],"nextCursor":…}` and the other fields, copied once into one piece of memory of at least that size. */
export function joinPage(
  items: readonly RawJson[],
  nextCursor: string | null,
  fields: object,
  memoryOf: (size: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const rest = JSON.stringify({ nextCursor, ...fields }).slice(1)
  let size = start.length + 2 + maxBytesOf(rest)
  for (const item of items) size += 1 + maxBytesOfRaw(item)
  const bytes = memoryOf(size)
  let at = bytes.write(start, 'latin1')
  for (let index = 0; index < items.length; index++) {
    if (index > 0) bytes[at++] = comma
    at = writeRaw(items[index]!, bytes, at)
  }
  at += bytes.write('],', at, 'latin1')
  at += bytes.write(rest, at)
  return bytes.subarray(0, at)
}

export function textOfRaw(raw: RawJson): string {
  const bytes = Buffer.allocUnsafe(maxBytesOfRaw(raw))
  return bytes.toString('utf8', 0, writeRaw(raw, bytes, 0))
}

const start = '{"items":['
const comma = 0x2c

export function maxBytesOfRaw(raw: RawJson): number {
  if ('maxBytes' in raw) return raw.maxBytes
  let size = 0
  for (const piece of raw) size += typeof piece === 'string' ? maxBytesOf(piece) : piece.length
  return size
}

/** Gives where it ends. */
export function writeRaw(raw: RawJson, bytes: Buffer, from: number): number {
  if ('maxBytes' in raw) return raw.write(bytes, from)
  let at = from
  for (const piece of raw) at += typeof piece === 'string' ? bytes.write(piece, at) : piece.copy(bytes, at)
  return at
}

/** A UTF-16 unit takes at most three bytes. */
export function maxBytesOf(text: string): number {
  return text.length * 3
}
