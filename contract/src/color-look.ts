import { type Edits, editOf } from './edits.ts'
import { type Filter, findFilter, type Tint, type Triple } from './filters.ts'
import { type Curve, curveThrough } from './tone-curve.ts'

/** Three values from 0 to 1, encoded as in sRGB; changed in place. */
export type Color = [red: number, green: number, blue: number]
export type ColorLook = (color: Color) => void

type Step = (color: Color) => void

/**
 * What filter and edits do to one colour, in this order: warmth, brightness, contrast and saturation put the
 * photograph right; the filter then gives it its mood, mixed in by its strength. Undefined: nothing.
 */
export function colorLookOf(filterId: string | null, edits: Edits | null): ColorLook | undefined {
  const corrections = correctionsOf(edits)
  const filter = filterId === null ? undefined : findFilter(filterId)
  const strength = editOf(edits, 'strength') / 100
  if (filter && strength > 0) corrections.push(mixed(filterSteps(filter), strength))
  return corrections.length === 0 ? undefined : inTurn([...corrections, clampColor])
}

function correctionsOf(edits: Edits | null): Step[] {
  const share = (name: 'warmth' | 'brightness' | 'contrast' | 'saturation') => editOf(edits, name) / 100
  const steps: Step[] = []
  if (share('warmth') !== 0) steps.push(warmed(share('warmth')))
  if (share('brightness') !== 0) steps.push(curved(brightnessCurve(share('brightness'))))
  if (share('contrast') !== 0) steps.push(curved(contrastCurve(share('contrast'))))
  if (share('saturation') !== 0) steps.push(saturated(share('saturation')))
  return steps
}

function filterSteps(filter: Filter): Step {
  const steps: Step[] = []
  if (filter.matrix) steps.push(matrixed(filter.matrix))
  if (filter.curve) steps.push(curved(curveThrough(filter.curve)))
  if (filter.red || filter.green || filter.blue) steps.push(channelCurves(filter))
  if (filter.saturation) steps.push(saturated(filter.saturation))
  if (filter.shadows) steps.push(tinted(filter.shadows, (light) => (1 - light) * (1 - light)))
  if (filter.highlights) steps.push(tinted(filter.highlights, (light) => light * light))
  if (filter.fade) steps.push(curved(fadeCurve(filter.fade)))
  return inTurn([clampColor, ...steps])
}

function inTurn(steps: readonly Step[]): Step {
  return (color) => {
    for (const step of steps) step(color)
  }
}

function mixed(step: Step, share: number): Step {
  const after: Color = [0, 0, 0]
  return (color) => {
    after[0] = color[0]
    after[1] = color[1]
    after[2] = color[2]
    step(after)
    for (let at = 0; at < 3; at++) color[at]! += share * (after[at]! - color[at]!)
  }
}

/** Rec. 709 weights on encoded values: lightness as tone curves know it. */
export function lumaOf(color: Readonly<Color>): number {
  return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
}

function clampColor(color: Color): void {
  for (let at = 0; at < 3; at++) color[at] = clamp(color[at]!)
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function curved(curve: Curve): Step {
  const sampled = sampledCurve(curve)
  return (color) => {
    for (let at = 0; at < 3; at++) color[at] = sampled(color[at]!)
  }
}

const samples = 1024

/** Looked up instead of worked out: a table has 36,000 colours. */
function sampledCurve(curve: Curve): Curve {
  const table = Float64Array.from({ length: samples + 2 }, (_, at) => curve(Math.min(1, at / samples)))
  return (value) => {
    const place = clamp(value) * samples
    const at = Math.floor(place)
    return table[at]! + (place - at) * (table[at + 1]! - table[at]!)
  }
}

function channelCurves({ red, green, blue }: Filter): Step {
  const curves = [red, green, blue].map((points) => points && sampledCurve(curveThrough(points)))
  return (color) => {
    for (let at = 0; at < 3; at++) color[at] = curves[at]?.(color[at]!) ?? color[at]!
  }
}

/**
 * As if the light had been warmer: a gain for red, one against blue, and the lightness of before. A gain on
 * encoded values is one on linear light to the power of 2.4.
 */
function warmed(share: number): Step {
  const [red, blue] = [1 + 0.13 * share, 1 - 0.2 * share]
  return (color) => {
    const before = lumaOf(color)
    color[0] *= red
    color[2] *= blue
    const gain = before / Math.max(1e-6, lumaOf(color))
    for (let at = 0; at < 3; at++) color[at]! *= gain
  }
}

/** Bends the middle and leaves black and white where they are. */
function brightnessCurve(share: number): Curve {
  return (value) => value + 0.85 * share * value * (1 - value)
}

/** More: an S that keeps black and white. Less: everything nearer to the middle. */
function contrastCurve(share: number): Curve {
  if (share < 0) return (value) => 0.5 + (value - 0.5) * (1 + 0.4 * share)
  const steep = (value: number) => value * value * value * (value * (6 * value - 15) + 10)
  return (value) => value + 0.8 * share * (steep(value) - value)
}

/** Away from grey or towards it. What is vivid already moves less away, so that it does not clip. */
function saturated(share: number): Step {
  return (color) => {
    const light = lumaOf(color)
    const vividness = Math.max(color[0], color[1], color[2]) - Math.min(color[0], color[1], color[2])
    const gain = share < 0 ? 1 + share : 1 + share * (1 - 0.9 * clamp(vividness))
    for (let at = 0; at < 3; at++) color[at] = clamp(light + (color[at]! - light) * gain)
  }
}

function matrixed(matrix: readonly [Triple, Triple, Triple]): Step {
  const [toRed, toGreen, toBlue] = matrix
  const share = (row: Triple, red: number, green: number, blue: number) =>
    clamp(row[0] * red + row[1] * green + row[2] * blue)
  return (color) => {
    const red = color[0]
    const green = color[1]
    const blue = color[2]
    color[0] = share(toRed, red, green, blue)
    color[1] = share(toGreen, red, green, blue)
    color[2] = share(toBlue, red, green, blue)
  }
}

function tinted({ color: tint, amount }: Tint, weightOf: (light: number) => number): Step {
  const grey = lumaOf([...tint])
  const shift = tint.map((value) => (value - grey) * amount)
  return (color) => {
    const weight = weightOf(lumaOf(color))
    for (let at = 0; at < 3; at++) color[at] = clamp(color[at]! + shift[at]! * weight)
  }
}

function fadeCurve(amount: number): Curve {
  return (value) => 0.6 * amount + value * (1 - 0.8 * amount)
}
