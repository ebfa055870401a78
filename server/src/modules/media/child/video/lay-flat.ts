import { open } from 'node:fs/promises'
import { MediaError } from '../media-error.ts'

const identity = [65_536, 0, 0, 0, 65_536, 0, 0, 0, 2 ** 30]
/** From behind the box's name, by the version of the box. */
const matrixAt = { 0: 40, 1: 52 } as const
const largestIndex = 64 * 1024 * 1024

/**
 * Takes the display matrix out of an MP4 that FFmpeg wrote: its program copies the master's to what it has
 * already turned, and players would turn it again.
 */
export async function layFlat(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const header = Buffer.alloc(16)
    let length = 0
    for (let at = 0; at + 8 <= size; at += length) {
      await file.read(header, 0, 16, at)
      const short = header.readUInt32BE(0)
      length = short === 1 ? Number(header.readBigUInt64BE(8)) : short || size - at
      if (length < 8) break
      if (header.toString('latin1', 4, 8) !== 'moov' || length > largestIndex) continue
      const index = Buffer.alloc(length)
      await file.read(index, 0, length, at)
      const name = index.indexOf('tkhd')
      const matrix = name + 4 + matrixAt[index[name + 4] === 1 ? 1 : 0]
      if (name < 0 || matrix + 36 > length) break
      for (const [place, value] of identity.entries()) index.writeInt32BE(value, matrix + place * 4)
      await file.write(index, matrix, 36, at + matrix)
      return
    }
    throw new MediaError('media.corrupt', 'nothing could be decoded')
  } finally {
    await file.close()
  }
}
