import { mean } from './figures.ts'

export interface Interval {
  mean: number
  /** Half of the interval's width: the mean ± this. */
  margin: number
}

/** The 95 % interval of a mean by Student's t: for runs that are independent of each other. */
export function interval95(values: readonly number[]): Interval {
  const average = mean(values)
  if (values.length < 2) return { mean: average, margin: Number.POSITIVE_INFINITY }
  const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1)
  return { mean: average, margin: t95(values.length - 1) * Math.sqrt(variance / values.length) }
}

/** Of the differences between two arms over the same runs: what the runs have in common falls out. */
export function pairedInterval95(a: readonly number[], b: readonly number[]): Interval {
  if (a.length !== b.length) throw new RangeError('Only runs that both had can be compared')
  return interval95(a.map((value, run) => value - b[run]!))
}

/** Beyond chance: the whole interval lies above zero. */
export function isAbove({ mean: average, margin }: Interval): boolean {
  return average - margin > 0
}

/** Two-sided 95 % quantiles of Student's t, from the usual table. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

function t95(degrees: number): number {
  // Between the table's end and the normal distribution by the first term of the expansion in 1/degrees.
  return quantiles[degrees - 1] ?? 1.96 + 2.372 / degrees
}
