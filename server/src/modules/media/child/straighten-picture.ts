import type { RawPicture } from './decode-picture.ts'
import type { TurnPlan } from './picture-geometry.ts'

/**
 * The frame of a picture whose content turns clockwise: each pixel is looked up where it came from, bicubically
 * (Catmull and Rom). Beyond its edge a picture repeats its last pixels.
 */
export function straighten(raw: RawPicture, { large, middle, step }: TurnPlan, degrees: number): RawPicture {
  const { channels } = raw
  const angle = (degrees * Math.PI) / 180
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  const data = Buffer.alloc(large.width * large.height * channels)
  let at = 0
  for (let y = 0; y < large.height; y++) {
    const byY = (y + 0.5 - large.height / 2) * step.y
    for (let x = 0; x < large.width; x++, at += channels) {
      const byX = (x + 0.5 - large.width / 2) * step.x
      writeBicubic(
        raw,
        middle.x + byX * cos + byY * sin - 0.5,
        middle.y - byX * sin + byY * cos - 0.5,
        data,
        at,
      )
    }
  }
  return { data, ...large, channels }
}

const positions = 256
/** Four weights for each of so many places between two pixels. */
const weights = Float32Array.from({ length: (positions + 1) * 4 }, (_, at) => {
  const t = Math.floor(at / 4) / positions
  return [
    ((-t + 2) * t - 1) * t * 0.5,
    ((3 * t - 5) * t * t + 2) * 0.5,
    ((-3 * t + 4) * t + 1) * t * 0.5,
    (t - 1) * t * t * 0.5,
  ][at % 4]!
})

function writeBicubic(from: RawPicture, x: number, y: number, to: Buffer, at: number): void {
  const { data, width, height, channels } = from
  const left = Math.floor(x)
  const top = Math.floor(y)
  const across = Math.round((x - left) * positions) * 4
  const down = Math.round((y - top) * positions) * 4
  const x0 = within(left - 1, width) * channels
  const x1 = within(left, width) * channels
  const x2 = within(left + 1, width) * channels
  const x3 = within(left + 2, width) * channels
  const w0 = weights[across]!
  const w1 = weights[across + 1]!
  const w2 = weights[across + 2]!
  const w3 = weights[across + 3]!
  const rowBytes = width * channels
  const y0 = within(top - 1, height) * rowBytes
  const y1 = within(top, height) * rowBytes
  const y2 = within(top + 1, height) * rowBytes
  const y3 = within(top + 2, height) * rowBytes
  const v0 = weights[down]!
  const v1 = weights[down + 1]!
  const v2 = weights[down + 2]!
  const v3 = weights[down + 3]!
  for (let channel = 0; channel < channels; channel++) {
    const a = channel + x0
    const b = channel + x1
    const c = channel + x2
    const d = channel + x3
    const sum =
      v0 * (w0 * data[y0 + a]! + w1 * data[y0 + b]! + w2 * data[y0 + c]! + w3 * data[y0 + d]!) +
      v1 * (w0 * data[y1 + a]! + w1 * data[y1 + b]! + w2 * data[y1 + c]! + w3 * data[y1 + d]!) +
      v2 * (w0 * data[y2 + a]! + w1 * data[y2 + b]! + w2 * data[y2 + c]! + w3 * data[y2 + d]!) +
      v3 * (w0 * data[y3 + a]! + w1 * data[y3 + b]! + w2 * data[y3 + c]! + w3 * data[y3 + d]!)
    to[at + channel] = sum <= 0 ? 0 : sum >= 255 ? 255 : (sum + 0.5) | 0
  }
}

function within(at: number, length: number): number {
  return at < 0 ? 0 : at >= length ? length - 1 : at
}
