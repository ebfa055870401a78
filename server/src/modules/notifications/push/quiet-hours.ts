import type { QuietHours } from '@heliograph/contract/preferences'

const minuteMs = 60_000
const dayMinutes = 24 * 60

/** Minutes of the day by the clock on the wall. */
export function localMinutes(timeZone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(at)
  const partOf = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0)
  return partOf('hour') * 60 + partOf('minute')
}

/**
 * When it is no longer quiet, in milliseconds; null: it is not quiet now. Looked for minute by minute from the hour that is
 * likely, so that a night in which clocks are changed ends when the wall says so.
 */
export function quietUntil(hours: QuietHours | null, timeZone: string, now: number): number | null {
  if (hours === null) return null
  const [from, to] = [minutesOf(hours.from), minutesOf(hours.to)]
  const isQuiet = (minutes: number) =>
    from < to ? minutes >= from && minutes < to : minutes >= from || minutes < to
  const present = localMinutes(timeZone, now)
  if (!isQuiet(present)) return null
  const start = Math.floor(now / minuteMs) * minuteMs
  const guess = start + ((to - present + dayMinutes) % dayMinutes) * minuteMs
  // A change of clocks moves the end by two hours at most.
  for (
    let at = Math.max(start + minuteMs, guess - 120 * minuteMs);
    at <= guess + 120 * minuteMs;
    at += minuteMs
  )
    if (!isQuiet(localMinutes(timeZone, at))) return at
  return guess
}

function minutesOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}
