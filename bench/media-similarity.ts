// Structural similarity: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From Error Visibility to Structural
// Similarity" (2004), over luminance, in windows of 8 × 8 pixels at every fourth.

const side = 8
const step = 4
const c1 = (0.01 * 255) ** 2
const c2 = (0.03 * 255) ** 2

export interface Grey {
  data: Uint8Array
  width: number
  height: number
}

/** 1 for the same picture. Both of one size. */
export function similarity(a: Grey, b: Grey): number {
  if (a.width !== b.width || a.height !== b.height) throw new RangeError('two sizes')
  let sum = 0
  let windows = 0
  for (let top = 0; top + side <= a.height; top += step) {
    for (let left = 0; left + side <= a.width; left += step) {
      sum += ofWindow(a, b, left, top)
      windows += 1
    }
  }
  return windows === 0 ? 1 : sum / windows
}

function ofWindow(a: Grey, b: Grey, left: number, top: number): number {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0]
  for (let y = top; y < top + side; y++) {
    for (let at = y * a.width + left, end = at + side; at < end; at++) {
      const [one, other] = [a.data[at]!, b.data[at]!]
      sumA += one
      sumB += other
      squaresA += one * one
      squaresB += other * other
      products += one * other
    }
  }
  const count = side * side
  const [meanA, meanB] = [sumA / count, sumB / count]
  const varianceA = squaresA / count - meanA * meanA
  const varianceB = squaresB / count - meanB * meanB
  const covariance = products / count - meanA * meanB
  return (
    ((2 * meanA * meanB + c1) * (2 * covariance + c2)) /
    ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2))
  )
}
