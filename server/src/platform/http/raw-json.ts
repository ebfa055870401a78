/** One JSON value that is ready to be sent, in pieces: UTF-8, or text. */
export type RawJson = readonly (Buffer | string)[]

/** `{"items":[…],"nextCursor":…}` and the other fields, copied once into one piece of memory of at least that size. */
export function joinPage(
  items: readonly RawJson[],
  nextCursor: string | null,
  fields: object,
  memoryOf: (size: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const rest = JSON.stringify({ nextCursor, ...fields }).slice(1)
  let size = start.length + 2 + maxBytesOf(rest)
  for (const item of items) {
    size += 1
    for (const piece of item) size += typeof piece === 'string' ? maxBytesOf(piece) : piece.length
  }
  const bytes = memoryOf(size)
  let at = bytes.write(start, 'latin1')
  for (const [index, item] of items.entries()) {
    if (index > 0) bytes[at++] = comma
    for (const piece of item) at += typeof piece === 'string' ? bytes.write(piece, at) : piece.copy(bytes, at)
  }
  at += bytes.write('],', at, 'latin1')
  at += bytes.write(rest, at)
  return bytes.subarray(0, at)
}

const start = '{"items":['
const comma = 0x2c

/** A UTF-16 unit takes at most three bytes. */
function maxBytesOf(text: string): number {
  return text.length * 3
}
