import { MediaError } from './media-error.ts'
import type { PhotoFormat } from './protocol.ts'

const avifBrands = new Set(['avif', 'avis'])
const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'])

/** The format by content; names and declared types are not looked at. */
export function sniffFormat(bytes: Buffer): PhotoFormat {
  if (bytes.length === 0) throw new MediaError('media.empty')
  const format = pictureFormatOf(bytes)
  if (!format) throw new MediaError('media.unsupported_format', `starts with ${bytes.toString('hex', 0, 16)}`)
  return format
}

export function pictureFormatOf(bytes: Buffer): PhotoFormat | undefined {
  if (bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xffd8ff) return 'jpeg'
  const head = bytes.toString('latin1', 0, 12)
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif'
  if (head.startsWith('RIFF') && head.slice(8) === 'WEBP') return 'webp'
  if (head.slice(4, 8) === 'ftyp') return formatOfBrands(brandsOf(bytes))
  return undefined
}

/** Major brand first, then the compatible ones: `mif1` alone says only "some HEIF". */
function brandsOf(bytes: Buffer): string[] {
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 1024)
  const brands: string[] = []
  for (let at = 8; at + 4 <= end; at += 4) {
    if (at !== 12) brands.push(bytes.toString('latin1', at, at + 4))
  }
  return brands
}

function formatOfBrands(brands: string[]): PhotoFormat | undefined {
  for (const brand of brands) {
    if (avifBrands.has(brand)) return 'avif'
    if (heicBrands.has(brand)) return 'heic'
  }
  return undefined
}
