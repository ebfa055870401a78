import type { ExportedData } from '#modules/accounts'

/** A JSON file piece by piece: an array with one item a line, or one object. */
export async function* jsonOf(data: ExportedData): AsyncGenerator<string> {
  if ('value' in data) {
    yield `${JSON.stringify(await data.value(), null, 2)}\n`
    return
  }
  let piece = '['
  let isFirst = true
  for await (const row of data.rows()) {
    piece += `${isFirst ? '\n' : ',\n'}${JSON.stringify(row)}`
    isFirst = false
    if (piece.length > pieceLength) {
      yield piece
      piece = ''
    }
  }
  yield `${piece}${isFirst ? '' : '\n'}]\n`
}

const pieceLength = 64 * 1024
