const steps: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** "3 h. ago" for four weeks, then a date; undefined for less than a minute. */
export function timeAgo(iso: string, now: number, locale: string): string | undefined {
  const then = Date.parse(iso)
  const seconds = Math.max(0, (now - then) / 1000)
  if (seconds < 60) return undefined
  if (seconds >= 4 * 604_800) return shortDate(then, now, locale)
  const [unit, size] = steps.find(([, size]) => seconds >= size) ?? ['minute', 60]
  // German's narrow minutes are an m, as metres are.
  const style = locale.startsWith('de') ? 'short' : 'narrow'
  return new Intl.RelativeTimeFormat(locale, { style, numeric: 'always' }).format(
    -Math.floor(seconds / size),
    unit,
  )
}

function shortDate(then: number, now: number, locale: string): string {
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: sameYear ? 'long' : 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(then)
}

export function fullTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(Date.parse(iso))
}

/** 9,999 in full, then 12.3K: counts that fit a phone. */
export function compactCount(count: number, locale: string): string {
  return new Intl.NumberFormat(
    locale,
    count < 10_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 },
  ).format(count)
}

/** "0:07", "12:30", "1:02:03": the length of a video, alike in all languages. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (part: number) => String(part).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
