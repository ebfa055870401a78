// Pictures drawn by program, so that a test knows every pixel it should find.
import sharp, { type Sharp } from 'sharp'

export type Rgb = readonly [number, number, number]

/** Left to right, top to bottom: each corner of an upright picture has its own colour. */
export const quadrantColours = {
  topLeft: [220, 40, 40],
  topRight: [40, 200, 60],
  bottomLeft: [50, 60, 220],
  bottomRight: [240, 230, 220],
} as const satisfies Record<string, Rgb>

export type Corner = keyof typeof quadrantColours

export function quadrants(width: number, height: number): Sharp {
  const row = (left: Rgb, right: Rgb) =>
    Buffer.concat([
      Buffer.alloc(Math.ceil(width / 2) * 3, Buffer.from(left)),
      Buffer.alloc(Math.floor(width / 2) * 3, Buffer.from(right)),
    ])
  const top = row(quadrantColours.topLeft, quadrantColours.topRight)
  const bottom = row(quadrantColours.bottomLeft, quadrantColours.bottomRight)
  const data = Buffer.concat([
    ...Array<Buffer>(Math.ceil(height / 2)).fill(top),
    ...Array<Buffer>(Math.floor(height / 2)).fill(bottom),
  ])
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** The colours in the middle of the four quarters of any coded picture. */
export async function cornersOf(coded: Buffer | string): Promise<Record<Corner, Rgb>> {
  const { data, info } = await sharp(coded)
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(40, 40, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number): Rgb => {
    const from = (y * 40 + x) * info.channels
    return info.channels < 3
      ? [data[from]!, data[from]!, data[from]!]
      : [data[from]!, data[from + 1]!, data[from + 2]!]
  }
  return { topLeft: at(10, 10), topRight: at(30, 10), bottomLeft: at(10, 30), bottomRight: at(30, 30) }
}

export function isNear(found: Rgb, expected: Rgb, tolerance = 24): boolean {
  return found.every((value, index) => Math.abs(value - expected[index]!) <= tolerance)
}

/** The dearest thing to compress; the same bytes at each run. */
export function noise(width: number, height: number, seed = 1): Sharp {
  const data = Buffer.alloc(width * height * 3)
  let state = seed
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[at] = state >>> 24
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
}
