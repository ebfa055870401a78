/** Points of a tone curve, [in, out] from 0 to 1, in rising order of `in`. */
export type CurvePoints = readonly (readonly [number, number])[]

export type Curve = (value: number) => number

/**
 * A smooth curve through the points that never swings past them: monotone where they are. Flat before the first
 * and after the last one. Cubic Hermite with the tangents of Fritsch and Carlson, SIAM J. Numer. Anal. 17 (1980).
 */
export function curveThrough(points: CurvePoints): Curve {
  const tangents = tangentsOf(points)
  const last = points.length - 1
  return (value) => {
    if (value <= points[0]![0]) return points[0]![1]
    if (value >= points[last]![0]) return points[last]![1]
    let at = 0
    while (value > points[at + 1]![0]) at++
    const [x0, y0] = points[at]!
    const [x1, y1] = points[at + 1]!
    const width = x1 - x0
    const t = (value - x0) / width
    const rest = 1 - t
    return (
      y0 * (1 + 2 * t) * rest * rest +
      tangents[at]! * width * t * rest * rest +
      y1 * t * t * (3 - 2 * t) -
      tangents[at + 1]! * width * t * t * rest
    )
  }
}

function tangentsOf(points: CurvePoints): number[] {
  const slopes = points.slice(1).map(([x, y], at) => (y - points[at]![1]) / (x - points[at]![0]))
  const tangents = points.map((_, at) => {
    const [before, after] = [slopes[at - 1], slopes[at]]
    if (before === undefined) return after ?? 0
    if (after === undefined) return before
    return before * after <= 0 ? 0 : (before + after) / 2
  })
  for (const [at, slope] of slopes.entries()) {
    if (slope === 0) {
      tangents[at] = 0
      tangents[at + 1] = 0
      continue
    }
    const [a, b] = [tangents[at]! / slope, tangents[at + 1]! / slope]
    const length = Math.hypot(a, b)
    if (length > 3) {
      tangents[at] = (3 * a * slope) / length
      tangents[at + 1] = (3 * b * slope) / length
    }
  }
  return tangents
}
