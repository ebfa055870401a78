// Small files that ask for much.
import { deflateSync } from 'node:zlib'
import { pngChunk } from './camera-files.ts'
import { uint16, uint32 } from './camera-metadata.ts'

/** A PNG of one grey: `width × height` pixels in a few kilobytes per hundred million. */
export function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([1, 0, 0, 0, 0])])
  const rowBytes = 1 + Math.ceil(width / 8)
  const rows = deflateSync(Buffer.alloc(Math.min(rowBytes * height, 2 ** 28)), { level: 9 })
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** A true JPEG whose header says another size. */
export function jpegSaying(jpeg: Buffer, width: number, height: number): Buffer {
  const lying = Buffer.from(jpeg)
  for (const marker of [0xc0, 0xc2]) {
    const at = lying.indexOf(Buffer.from([0xff, marker, 0x00]))
    if (at === -1) continue
    uint16(height).copy(lying, at + 5)
    uint16(width).copy(lying, at + 7)
  }
  return lying
}

/** A progressive JPEG of empty scans: decoding holds every coefficient in memory. */
export function scanBomb(progressive: Buffer, scans: number): Buffer {
  const lastScan = progressive.lastIndexOf(Buffer.from([0xff, 0xda]))
  const scan = progressive.subarray(lastScan, -2)
  return Buffer.concat([progressive.subarray(0, -2), ...Array(scans).fill(scan), progressive.subarray(-2)])
}

/** Canvas and first frame say another size; the coded pixels end long before it. */
export function gifSaying(gif: Buffer, width: number, height: number): Buffer {
  const lying = Buffer.from(gif)
  const size = gif.subarray(6, 10)
  const frameAt = gif.indexOf(Buffer.concat([Buffer.from([0x2c, 0, 0, 0, 0]), size])) + 5
  for (const at of [6, frameAt]) {
    lying.writeUInt16LE(width, at)
    lying.writeUInt16LE(height, at + 2)
  }
  return lying
}

export const svgWithScript = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
)

export const textFile = Buffer.from('Dear diary, today I renamed a text file to photo.jpg.\n')
