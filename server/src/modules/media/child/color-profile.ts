import { crc32, deflateSync } from 'node:zlib'

const pngSignatureAndHeader = 8 + 25
const jpegProfileMark = Buffer.from('ICC_PROFILE\0', 'latin1')
const jpegProfilePart = 65_535 - 2 - jpegProfileMark.length - 2

/** `png` has no profile of its own. */
export function insertPngProfile(png: Buffer, profile: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(profile, { level: 1 })])
  return Buffer.concat([
    png.subarray(0, pngSignatureAndHeader),
    uint32(body.length - 4),
    body,
    uint32(crc32(body)),
    png.subarray(pngSignatureAndHeader),
  ])
}

/** `jpeg` has no profile of its own. A segment holds 64 KB, so long profiles come in numbered parts. */
export function insertJpegProfile(jpeg: Buffer, profile: Buffer): Buffer {
  const count = Math.ceil(profile.length / jpegProfilePart)
  if (count > 255) return jpeg
  const segments = Array.from({ length: count }, (_, index) => {
    const part = profile.subarray(index * jpegProfilePart, (index + 1) * jpegProfilePart)
    const length = 2 + jpegProfileMark.length + 2 + part.length
    const head = Buffer.from([0xff, 0xe2, length >> 8, length & 255])
    return Buffer.concat([head, jpegProfileMark, Buffer.from([index + 1, count]), part])
  })
  const at = endOfJfif(jpeg)
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)])
}

function endOfJfif(jpeg: Buffer): number {
  return jpeg.readUInt16BE(2) === 0xffe0 ? 4 + jpeg.readUInt16BE(4) : 2
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
