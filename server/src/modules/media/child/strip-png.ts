import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { cleanProfile } from './clean-profile.ts'
import { MediaError } from './media-error.ts'
import { orientationExif } from './orientation-exif.ts'

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** Pixels, colour, transparency, density and the frames of an animation. Text, time and EXIF are not here. */
const keptChunks = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT'.split(' '),
)

/** Real ones have some KB, those of printers a few MB. */
const profileBytesMax = 16 * 1024 * 1024

export function stripPng(bytes: Buffer, orientation: number): Buffer {
  if (!bytes.subarray(0, 8).equals(signature)) throw corrupt('no signature')
  const kept: Buffer[] = [signature]
  let at = 8
  for (;;) {
    if (at + 12 > bytes.length) throw corrupt('no end')
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const end = at + 12 + length
    if (end > bytes.length) throw corrupt('chunk past the end')
    if ((type === 'IHDR') !== (at === 8) || (at === 8 && length !== 13)) throw corrupt('no header')
    if (type === 'IEND') {
      kept.push(chunk('IEND', Buffer.alloc(0)))
      return Buffer.concat(kept)
    }
    if (keptChunks.has(type) && isWhole(bytes.subarray(at + 4, end))) {
      if (type === 'iCCP') kept.push(...keptProfile(bytes.subarray(at + 8, end - 4)))
      else kept.push(bytes.subarray(at, end))
    }
    if (type === 'IHDR' && orientation !== 1) kept.push(chunk('eXIf', orientationExif(orientation)))
    at = end
  }
}

/** Decoders refuse a damaged critical chunk and skip a damaged other one. */
function isWhole(checked: Buffer): boolean {
  const body = checked.subarray(0, -4)
  if (crc32(body) === checked.readUInt32BE(body.length)) return true
  const isCritical = (body[0]! & 0x20) === 0
  if (isCritical) throw corrupt('checksum')
  return false
}

/** The profile's name is free text, up to 79 characters of it. */
function keptProfile(payload: Buffer): Buffer[] {
  const nameEnd = payload.indexOf(0)
  if (nameEnd === -1 || nameEnd > 79) throw corrupt('profile without a name')
  const packed = payload.subarray(nameEnd + 2)
  const profile = inflated(packed)
  const cleaned = profile && cleanProfile(profile)
  // What cannot be read colours nothing.
  if (!cleaned) return []
  const body = cleaned === profile ? packed : deflateSync(cleaned, { level: 9 })
  return [chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), body]))]
}

function inflated(packed: Buffer): Buffer | undefined {
  try {
    return inflateSync(packed, { maxOutputLength: profileBytesMax })
  } catch {
    return undefined
  }
}

function chunk(type: string, payload: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), payload])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(payload.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

function corrupt(detail: string): MediaError {
  return new MediaError('media.corrupt', `png: ${detail}`)
}
