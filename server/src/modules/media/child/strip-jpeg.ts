import { cleanProfile } from './clean-profile.ts'
import { isCodingMarker, isSoundCodingSegment } from './jpeg-coding-segments.ts'
import { MediaError } from './media-error.ts'
import { orientationExif } from './orientation-exif.ts'

const soi = 0xd8
const eoi = 0xd9
const sos = 0xda
const app0 = 0xe0
const app1 = 0xe1
const app2 = 0xe2
const app14 = 0xee
const jfifBytes = 14
const adobeBytes = 12
const profileMark = 'ICC_PROFILE\0'

/**
 * Ends at the first end-of-image: what cameras append (gain maps and previews by MPF, the film of a motion
 * photo) carries metadata of its own.
 */
export function stripJpeg(bytes: Buffer, orientation: number): Buffer {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xff00 + soi) throw corrupt('no start')
  const kept: Buffer[] = [bytes.subarray(0, 2)]
  const head = { isWritten: false }
  const profileParts: ProfilePart[] = []
  let at = 2
  for (;;) {
    const { marker, start } = nextMarker(bytes, at)
    if (marker === eoi) {
      if (!kept.some((part) => part[1] === sos)) throw corrupt('no scan')
      kept.push(Buffer.from([0xff, eoi]))
      for (const [index, part] of cleanParts(profileParts)) kept[index] = part
      return Buffer.concat(kept)
    }
    if (marker === soi) throw corrupt('a second start')
    if (isStandalone(marker)) {
      at = start
      continue
    }
    const end = segmentEnd(bytes, start)
    const payload = bytes.subarray(start + 2, end)
    if (marker !== app0) writeOrientation(kept, head, orientation)
    const part = keptSegment(marker, payload)
    if (marker === app2 && part) profileParts.push({ index: kept.length, payload })
    if (part) kept.push(part)
    at = end
    if (marker === sos) {
      at = scanEnd(bytes, end)
      kept.push(bytes.subarray(end, at))
    }
  }
}

/** After JFIF's segment, which has to come first, and before everything else. */
function writeOrientation(kept: Buffer[], head: { isWritten: boolean }, orientation: number): void {
  if (head.isWritten) return
  head.isWritten = true
  if (orientation === 1) return
  kept.push(segment(app1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), orientationExif(orientation)])))
}

function keptSegment(marker: number, payload: Buffer): Buffer | undefined {
  if (marker === app0) return jfif(payload)
  if (marker === app2) return startsWith(payload, profileMark) ? segment(marker, payload) : undefined
  if (marker === app14) {
    // Says how the colours are coded; anything after its fixed fields is not ours to serve.
    return startsWith(payload, 'Adobe') && payload.length >= adobeBytes
      ? segment(marker, payload.subarray(0, adobeBytes))
      : undefined
  }
  if (!isCodingMarker(marker)) return undefined
  if (!isSoundCodingSegment(marker, payload)) throw corrupt(`bad segment ${marker.toString(16)}`)
  return segment(marker, payload)
}

interface ProfilePart {
  /** Where it stands among what is kept. */
  index: number
  payload: Buffer
}

/** A profile comes in numbered parts. An incomplete one, or one no colour engine would read, goes. */
function cleanParts(parts: ProfilePart[]): [index: number, segment: Buffer][] {
  const headBytes = profileMark.length + 2
  const numberOf = ({ payload }: ProfilePart) => payload[profileMark.length]
  const ordered = parts.toSorted((a, b) => (numberOf(a) ?? 0) - (numberOf(b) ?? 0))
  const isComplete = ordered.every(
    (part, index) => numberOf(part) === index + 1 && part.payload[headBytes - 1] === ordered.length,
  )
  const bodies = ordered.map(({ payload }) => payload.subarray(headBytes))
  const cleaned = isComplete ? cleanProfile(Buffer.concat(bodies)) : undefined
  let at = 0
  return ordered.map(({ index, payload }) => {
    if (!cleaned) return [index, Buffer.alloc(0)]
    const body = cleaned.subarray(at, at + payload.length - headBytes)
    at += body.length
    return [index, segment(app2, Buffer.concat([payload.subarray(0, headBytes), body]))]
  })
}

/** Density stays, the thumbnail does not. */
function jfif(payload: Buffer): Buffer | undefined {
  if (!startsWith(payload, 'JFIF\0') || payload.length < jfifBytes) return undefined
  const fixed = Buffer.from(payload.subarray(0, jfifBytes))
  fixed.writeUInt16BE(0, jfifBytes - 2)
  return segment(app0, fixed)
}

function isStandalone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)
}

function nextMarker(bytes: Buffer, from: number): { marker: number; start: number } {
  // Decoders skip stray bytes between segments, and so do we: they are not copied.
  let at = bytes.indexOf(0xff, from)
  while (at !== -1 && (bytes[at + 1] === 0xff || bytes[at + 1] === 0x00)) at = bytes.indexOf(0xff, at + 1)
  const marker = at === -1 ? undefined : bytes[at + 1]
  if (marker === undefined) throw corrupt('no end')
  return { marker, start: at + 2 }
}

function segmentEnd(bytes: Buffer, start: number): number {
  const length = start + 2 <= bytes.length ? bytes.readUInt16BE(start) : 0
  if (length < 2 || start + length > bytes.length) throw corrupt('segment past the end')
  return start + length
}

/** Entropy-coded bytes end at the first marker that is neither a stuffed byte nor a restart. */
function scanEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) break
    if (next !== 0x00 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  throw corrupt('scan without an end')
}

function segment(marker: number, payload: Buffer): Buffer {
  const length = payload.length + 2
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 255]), payload])
}

function startsWith(payload: Buffer, mark: string): boolean {
  return payload.toString('latin1', 0, mark.length) === mark
}

function corrupt(detail: string): MediaError {
  return new MediaError('media.corrupt', `jpeg: ${detail}`)
}
