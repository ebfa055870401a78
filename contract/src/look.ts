import { colorLookOf } from './color-look.ts'
import { bakeColorTable, tableSide, tableUnit } from './color-table.ts'
import { type Edits, editOf } from './edits.ts'
import { findFilter } from './filters.ts'

/**
 * Filter and edits, ready to be laid on a picture that is already cropped and straightened. On the server this
 * file does it, in the browser a shader of the same three steps: sharpen, colours by table, vignette.
 */
export interface Look {
  /** Of `bakeColorTable`; absent: colours stay. */
  table?: Uint16Array
  /** 0–1 */
  sharpen: number
  vignette: number
}

/** Undefined when the picture stays as it is. */
export function lookOf(filterId: string | null, edits: Edits | null): Look | undefined {
  const colors = colorLookOf(filterId, edits)
  const sharpen = editOf(edits, 'sharpen') / 100
  const vignette = vignetteOf(filterId, edits)
  if (!colors && sharpen === 0 && vignette === 0) return undefined
  return { ...(colors ? { table: bakeColorTable(colors) } : {}), sharpen, vignette }
}

function vignetteOf(filterId: string | null, edits: Edits | null): number {
  const filter = filterId === null ? undefined : findFilter(filterId)
  const own = (filter?.vignette ?? 0) * (editOf(edits, 'strength') / 100)
  return Math.min(1, own + editOf(edits, 'vignette') / 100)
}

/**
 * Sharpening adds what a 3×3 binomial blur takes away. The gain goes with the square of the width, so that a
 * small preview shows what is left of it when the large picture is looked at as small.
 */
export function sharpenGain(sharpen: number, width: number): number {
  return 2.4 * sharpen * (width / 1080) ** 2
}

/** Where it begins and how dark it ends; of the distance from the middle, 1 in the corners, any shape. */
export const vignetteShape = { from: 0.35, to: 1.1, depth: 0.85 } as const

function vignetteAt(vignette: number, distance: number): number {
  const { from, to, depth } = vignetteShape
  const t = Math.min(1, Math.max(0, (distance - from) / (to - from)))
  return 1 - depth * vignette * t * t * (3 - 2 * t)
}

export interface Pixels {
  data: Uint8Array
  width: number
  height: number
  /** Bytes of a pixel: three colours, and whatever follows them is left alone. */
  channels: 3 | 4
}

/** Changes the pixels in place. At 1080×1350 a filter takes 20 ms, sharpening 20, a vignette 4. */
export function applyLook(pixels: Pixels, look: Look): void {
  if (look.sharpen > 0) sharpen(pixels, sharpenGain(look.sharpen, pixels.width))
  if (look.table) mapColors(pixels, look.table)
  if (look.vignette > 0) darkenEdges(pixels, look.vignette)
}

const luma = (data: Pixels['data'], at: number) =>
  0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!

/** On lightness alone: edges get no colours of their own. Rows beyond the edge repeat the last one. */
function sharpen({ data, width, height, channels }: Pixels, gain: number): void {
  const lumaRow = (y: number, row: Float32Array) => {
    const start = Math.min(height - 1, Math.max(0, y)) * width * channels
    for (let x = 0; x < width; x++) row[x] = luma(data, start + x * channels)
    return row
  }
  // Rows are read ahead of where they are written.
  let above = lumaRow(0, new Float32Array(width))
  let here = lumaRow(0, new Float32Array(width))
  let below = lumaRow(1, new Float32Array(width))
  const sums = new Float32Array(width)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) sums[x] = above[x]! + 2 * here[x]! + below[x]!
    let at = y * width * channels
    for (let x = 0; x < width; x++, at += channels) {
      const left = sums[x > 0 ? x - 1 : 0]!
      const right = sums[x < width - 1 ? x + 1 : x]!
      const added = gain * (here[x]! - (left + 2 * sums[x]! + right) / 16)
      data[at] = toByte(data[at]! + added)
      data[at + 1] = toByte(data[at + 1]! + added)
      data[at + 2] = toByte(data[at + 2]! + added)
    }
    const free = above
    above = here
    here = below
    below = lumaRow(y + 2, free)
  }
}

function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0
}

// Steps in the table, and for each order of the three channels the nodes between the dark corner of a cube and
// its bright one. The order is the number (red ≥ green, green ≥ blue, red ≥ blue) in binary; 1 and 6 cannot be.
const [stepRed, stepGreen, stepBlue] = [3, 3 * tableSide, 3 * tableSide * tableSide] as const
const stepWhite = stepRed + stepGreen + stepBlue
const firstStep = Int32Array.of(stepBlue, 0, stepGreen, stepGreen, stepBlue, stepRed, 0, stepRed)
const lastStep = Int32Array.of(stepRed, 0, stepRed, stepBlue, stepGreen, stepGreen, 0, stepBlue)

const bytes = Int32Array.from({ length: 256 }, (_, byte) => byte)
/** Of each byte the node below it, and how many 255ths of the way it is on to the next. */
const nodeBelow = bytes.map((byte) => Math.min(tableSide - 2, Math.floor((byte * (tableSide - 1)) / 255)))
const wayOn = bytes.map((byte) => byte * (tableSide - 1) - nodeBelow[byte]! * 255)
const redStart = nodeBelow.map((node) => node * stepRed)
const greenStart = nodeBelow.map((node) => node * stepGreen)
const blueStart = nodeBelow.map((node) => node * stepBlue)

/**
 * Tetrahedral interpolation: of the eight nodes around a colour the four on the way from the darkest to the
 * brightest, so that greys mix with greys only (Kasson, Nin, Plouffe, Hafner, J. Electronic Imaging 4, 1995).
 * Whole numbers throughout: 14 ns a pixel.
 */
function mapColors({ data, channels }: Pixels, table: Uint16Array): void {
  const unit = 255 * tableUnit
  const half = unit >> 1
  for (let at = 0; at < data.length; at += channels) {
    const red = data[at]!
    const green = data[at + 1]!
    const blue = data[at + 2]!
    const r = wayOn[red]!
    const g = wayOn[green]!
    const b = wayOn[blue]!
    const most = Math.max(r, g, b)
    const least = Math.min(r, g, b)
    const middle = r + g + b - most - least
    const order = (r >= g ? 4 : 0) | (g >= b ? 2 : 0) | (r >= b ? 1 : 0)
    const dark = redStart[red]! + greenStart[green]! + blueStart[blue]!
    const bright = dark + stepWhite
    const first = dark + firstStep[order]!
    const second = bright - lastStep[order]!
    for (let channel = 0; channel < 3; channel++) {
      const sum =
        Math.imul(255 - most, table[dark + channel]!) +
        Math.imul(most - middle, table[first + channel]!) +
        Math.imul(middle - least, table[second + channel]!) +
        Math.imul(least, table[bright + channel]!)
      data[at + channel] = ((sum + half) / unit) | 0
    }
  }
}

const shadeSteps = 1024

/** Looked up by the square of the distance: no root and no curve for each pixel. */
function darkenEdges({ data, width, height, channels }: Pixels, vignette: number): void {
  const shades = Float32Array.from({ length: shadeSteps + 1 }, (_, step) =>
    vignetteAt(vignette, Math.sqrt(step / shadeSteps)),
  )
  const squares = (count: number) =>
    Float32Array.from({ length: count }, (_, at) => ((at + 0.5) / count - 0.5) ** 2 * 2 * shadeSteps)
  const columns = squares(width)
  const rows = squares(height)
  let at = 0
  for (let y = 0; y < height; y++) {
    const row = rows[y]! + 0.5
    for (let x = 0; x < width; x++, at += channels) {
      const shade = shades[(row + columns[x]!) | 0]!
      data[at] = (data[at]! * shade + 0.5) | 0
      data[at + 1] = (data[at + 1]! * shade + 0.5) | 0
      data[at + 2] = (data[at + 2]! * shade + 0.5) | 0
    }
  }
}
