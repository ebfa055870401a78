/** Those that could not be reached are tried again after this, and four times as long each time. */
const againMs = 15_000
const triesMax = 5

export interface Again {
  only: string[]
  tries: number
  runAt: Date
}

/**
 * Each device by itself: what one lacks takes the place of nothing that another waits for. It is told then what is new
 * altogether, so a later one of these may take the place of an earlier.
 */
export function triesAgain({
  late,
  tries,
  now,
}: {
  late: readonly string[]
  tries: number
  now: number
}): Again[] {
  if (tries >= triesMax) return []
  const runAt = new Date(now + againMs * 4 ** tries)
  return late.map((device) => ({ only: [device], tries: tries + 1, runAt }))
}

/** The end of the key of such a job. */
export function againTo(only: readonly string[]): string {
  return `:again:${only.join(' ')}`
}
