import { rgbaToThumbHash } from 'thumbhash'
import type { RawPicture } from './decode-picture.ts'

// Perceptual hash: the DCT hash described by Neal Krawetz, "Looks Like It" (hackerfactor.com, 2011), after
// Zauner's pHash. 32×32 grey, the 8×8 lowest frequencies without the constant row and column, each bit:
// above the median. Pictures that look alike differ in few of the 64 bits.
const side = 32
const frequencies = 8

const cosines = Array.from({ length: frequencies }, (_, u) =>
  Float64Array.from({ length: side }, (_, x) => Math.cos(((2 * x + 1) * (u + 1) * Math.PI) / (2 * side))),
)

export function thumbhashOf(small: RawPicture): string {
  return Buffer.from(rgbaToThumbHash(small.width, small.height, toRgba(small))).toString('base64')
}

/**
 * Half of the frequencies weaker than a 25th of a grey level: their signs are chance, and two plain walls would
 * look alike by it, or not. Of 60 photographs and drawings the faintest had 104.
 */
const faintest = 40

/** All zeros when there is nothing to recognise: no picture with structure has that hash. */
export function perceptualHashOf(small: RawPicture): string {
  const values = lowFrequencies(greySquare(small))
  const strengths = values.map(Math.abs).sort()
  if (strengths[32]! < faintest) return '0'.repeat(16)
  const sorted = values.toSorted()
  const median = (sorted[31]! + sorted[32]!) / 2
  let hash = 0n
  for (const value of values) hash = (hash << 1n) | (value > median ? 1n : 0n)
  return hash.toString(16).padStart(16, '0')
}

function lowFrequencies(grey: Float64Array): Float64Array {
  const rows = new Float64Array(side * frequencies)
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0
      for (let x = 0; x < side; x++) sum += grey[y * side + x]! * cosines[u]![x]!
      rows[y * frequencies + u] = sum
    }
  }
  const values = new Float64Array(frequencies * frequencies)
  for (let v = 0; v < frequencies; v++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0
      for (let y = 0; y < side; y++) sum += rows[y * frequencies + u]! * cosines[v]![y]!
      values[v * frequencies + u] = sum
    }
  }
  return values
}

/** Bilinear samples: the small picture is already smooth, and may be smaller than the square. */
function greySquare(small: RawPicture): Float64Array {
  const grey = greyOf(small)
  const at = (x: number, y: number) =>
    grey[Math.min(y, small.height - 1) * small.width + Math.min(x, small.width - 1)]!
  return Float64Array.from({ length: side * side }, (_, index) => {
    const x = ((index % side) / (side - 1)) * (small.width - 1)
    const y = (Math.floor(index / side) / (side - 1)) * (small.height - 1)
    const [left, top] = [Math.floor(x), Math.floor(y)]
    const [dx, dy] = [x - left, y - top]
    const upper = at(left, top) * (1 - dx) + at(left + 1, top) * dx
    const lower = at(left, top + 1) * (1 - dx) + at(left + 1, top + 1) * dx
    return upper * (1 - dy) + lower * dy
  })
}

/** Transparency counts as white, as in the fallback JPEG. */
function greyOf(small: RawPicture): Float64Array {
  const rgba = toRgba(small)
  return Float64Array.from({ length: small.width * small.height }, (_, pixel) => {
    const at = pixel * 4
    const grey = 0.299 * rgba[at]! + 0.587 * rgba[at + 1]! + 0.114 * rgba[at + 2]!
    const alpha = rgba[at + 3]! / 255
    return grey * alpha + 255 * (1 - alpha)
  })
}

function toRgba({ data, width, height, channels }: RawPicture): Uint8Array {
  const rgba = new Uint8Array(width * height * 4)
  const hasColour = channels >= 3
  const hasAlpha = channels === 2 || channels === 4
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels
    rgba[pixel * 4] = data[from]!
    rgba[pixel * 4 + 1] = data[hasColour ? from + 1 : from]!
    rgba[pixel * 4 + 2] = data[hasColour ? from + 2 : from]!
    rgba[pixel * 4 + 3] = hasAlpha ? data[from + channels - 1]! : 255
  }
  return rgba
}
