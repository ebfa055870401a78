import { cleanProfile } from './clean-profile.ts'
import { MediaError } from './media-error.ts'
import { orientationExif } from './orientation-exif.ts'

const keptChunks = new Set(['VP8X', 'ICCP', 'ANIM', 'ANMF', 'ALPH', 'VP8 ', 'VP8L'])
const keptInFrames = new Set(['ALPH', 'VP8 ', 'VP8L'])
const frameHeaderBytes = 16
const profileFlag = 0x20
const exifFlag = 0x08
const xmpFlag = 0x04

interface Chunk {
  type: string
  payload: Buffer
}

export function stripWebp(bytes: Buffer, orientation: number): Buffer {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') {
    throw corrupt('no signature')
  }
  const end = 8 + bytes.readUInt32LE(4)
  if (end > bytes.length) throw corrupt('shorter than it says')
  const chunks = readChunks(bytes.subarray(12, end))
    .filter(({ type }) => keptChunks.has(type))
    .flatMap((chunk) => (chunk.type === 'ICCP' ? keptProfile(chunk) : chunk))
  if (!chunks.some(({ type }) => keptInFrames.has(type) || type === 'ANMF')) throw corrupt('no picture')
  // Only the extended layout has a place for EXIF, so a plain file has no orientation to lose.
  const isExtended = chunks[0]?.type === 'VP8X'
  const keepsOrientation = isExtended && orientation !== 1
  const flags =
    (chunks.some(({ type }) => type === 'ICCP') ? profileFlag : 0) | (keepsOrientation ? exifFlag : 0)
  const kept = chunks.map((chunk) => keptChunk(chunk, flags))
  if (keepsOrientation) kept.push(framed({ type: 'EXIF', payload: orientationExif(orientation) }))
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...kept])
  return Buffer.concat([Buffer.from('RIFF', 'latin1'), uint32(body.length), body])
}

/** What no colour engine would read goes. */
function keptProfile({ type, payload }: Chunk): Chunk[] {
  const cleaned = cleanProfile(payload)
  return cleaned ? [{ type, payload: cleaned }] : []
}

function keptChunk({ type, payload }: Chunk, flags: number): Buffer {
  if (type === 'VP8X') return framed({ type, payload: extendedHeader(payload, flags) })
  if (type === 'ANMF') return framed({ type, payload: frame(payload) })
  return framed({ type, payload })
}

function extendedHeader(payload: Buffer, flags: number): Buffer {
  if (payload.length < 10) throw corrupt('short header')
  const header = Buffer.from(payload.subarray(0, 10))
  header[0] = (header[0]! & ~(profileFlag | exifFlag | xmpFlag)) | flags
  return header
}

/** Frames may carry unknown chunks of their own. */
function frame(payload: Buffer): Buffer {
  if (payload.length < frameHeaderBytes) throw corrupt('short frame')
  const inner = readChunks(payload.subarray(frameHeaderBytes)).filter(({ type }) => keptInFrames.has(type))
  return Buffer.concat([payload.subarray(0, frameHeaderBytes), ...inner.map(framed)])
}

function readChunks(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const start = at + 8
    const end = start + bytes.readUInt32LE(at + 4)
    if (end > bytes.length) throw corrupt('chunk past the end')
    chunks.push({ type: bytes.toString('latin1', at, at + 4), payload: bytes.subarray(start, end) })
    at = end + (end % 2 === start % 2 ? 0 : 1)
  }
  return chunks
}

function framed({ type, payload }: Chunk): Buffer {
  const padding = Buffer.alloc(payload.length % 2)
  return Buffer.concat([Buffer.from(type, 'latin1'), uint32(payload.length), payload, padding])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function corrupt(detail: string): MediaError {
  return new MediaError('media.corrupt', `webp: ${detail}`)
}
