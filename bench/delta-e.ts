/** CIE L*a*b* under D65. */
export type Lab = readonly [lightness: number, a: number, b: number]

/** Of 8-bit sRGB (IEC 61966-2-1), 2° observer. */
export function labOf(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [linear[red]!, linear[green]!, linear[blue]!]
  const x = bent((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  const y = bent(0.2126729 * r + 0.7151522 * g + 0.072175 * b)
  const z = bent((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const linear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
})

function bent(value: number): number {
  return value > 216 / 24389 ? Math.cbrt(value) : (value * (24389 / 27) + 16) / 116
}

const degree = Math.PI / 180
const pow7 = (value: number) => value ** 7
const far = pow7(25)

/** CIEDE2000 as Sharma, Wu and Dalal write it, Color Research and Application 30 (2005); all weights 1. */
export function deltaE2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const meanC = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2
  const g = 0.5 * (1 - Math.sqrt(pow7(meanC) / (pow7(meanC) + far)))
  const [x1, x2] = [(1 + g) * a1, (1 + g) * a2]
  const [c1, c2] = [Math.hypot(x1, b1), Math.hypot(x2, b2)]
  const [h1, h2] = [hueOf(x1, b1), hueOf(x2, b2)]

  let turn = c1 * c2 === 0 ? 0 : h2 - h1
  if (turn > 180) turn -= 360
  else if (turn < -180) turn += 360
  const dL = l2 - l1
  const dC = c2 - c1
  const dH = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * degree)

  const meanL = (l1 + l2) / 2
  const meanChroma = (c1 + c2) / 2
  let meanH = h1 + h2
  if (c1 * c2 !== 0) {
    if (Math.abs(h1 - h2) > 180) meanH += meanH < 360 ? 360 : -360
    meanH /= 2
  }
  const t =
    1 -
    0.17 * Math.cos((meanH - 30) * degree) +
    0.24 * Math.cos(2 * meanH * degree) +
    0.32 * Math.cos((3 * meanH + 6) * degree) -
    0.2 * Math.cos((4 * meanH - 63) * degree)
  const sL = 1 + (0.015 * (meanL - 50) ** 2) / Math.sqrt(20 + (meanL - 50) ** 2)
  const sC = 1 + 0.045 * meanChroma
  const sH = 1 + 0.015 * meanChroma * t
  const rotation = 30 * Math.exp(-(((meanH - 275) / 25) ** 2))
  const rC = 2 * Math.sqrt(pow7(meanChroma) / (pow7(meanChroma) + far))
  const rT = -Math.sin(2 * rotation * degree) * rC
  const [byL, byC, byH] = [dL / sL, dC / sC, dH / sH]
  return Math.sqrt(byL * byL + byC * byC + byH * byH + rT * byC * byH)
}

function hueOf(a: number, b: number): number {
  if (a === 0 && b === 0) return 0
  const angle = Math.atan2(b, a) / degree
  return angle < 0 ? angle + 360 : angle
}

/** Over all pixels of two pictures of three bytes each. */
export function meanDeltaE(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) throw new Error(`${one.length} and ${other.length} bytes`)
  let sum = 0
  for (let at = 0; at < one.length; at += 3) {
    const [r, g, b] = [one[at]!, one[at + 1]!, one[at + 2]!]
    const [R, G, B] = [other[at]!, other[at + 1]!, other[at + 2]!]
    if (r !== R || g !== G || b !== B) sum += deltaE2000(labOf(r, g, b), labOf(R, G, B))
  }
  return sum / (one.length / 3)
}
