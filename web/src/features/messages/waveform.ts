/** As many bars as the server measures of a voice note. */
export const bars = 64

/** Any number of levels as so many bars: of each stretch the loudest, so that a short word is not lost. */
export function resample(levels: readonly number[], count = bars): number[] {
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * levels.length) / count)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * levels.length) / count))
    return Math.max(0, ...levels.slice(from, to))
  })
}
