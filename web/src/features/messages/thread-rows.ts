/** What stands in a conversation, from top to bottom. */
export type ThreadRow<T> =
  | { readonly kind: 'day'; readonly key: string; readonly at: string }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly item: T
      readonly first: boolean
      readonly last: boolean
    }

interface Placed {
  readonly key: string
  /** Whose it is; null: of nobody, as when somebody joined. */
  readonly senderId: string | null
  readonly at: string
}

/** Of one sender, one after the other within this time, they are one group. */
const togetherMs = 10 * 60_000

/** A line for each day, and which messages begin and end a group of one sender. */
export function rowsOf<T>(
  items: readonly T[],
  placedOf: (item: T) => Placed,
  dayOf = localDay,
): ThreadRow<T>[] {
  const rows: ThreadRow<T>[] = []
  const placed = items.map(placedOf)
  for (const [at, item] of items.entries()) {
    const here = placed[at]
    if (!here) continue
    const before = placed[at - 1]
    const after = placed[at + 1]
    const newDay = !before || dayOf(before.at) !== dayOf(here.at)
    if (newDay) rows.push({ kind: 'day', key: `day:${dayOf(here.at)}:${here.key}`, at: here.at })
    rows.push({
      kind: 'message',
      key: here.key,
      item,
      first: newDay || !isTogether(before, here),
      last: !after || dayOf(after.at) !== dayOf(here.at) || !isTogether(here, after),
    })
  }
  return rows
}

function isTogether(one: Placed, next: Placed): boolean {
  return (
    one.senderId !== null &&
    one.senderId === next.senderId &&
    Date.parse(next.at) - Date.parse(one.at) < togetherMs
  )
}

function localDay(iso: string): string {
  return new Date(iso).toDateString()
}

/** "Today", "Yesterday", a weekday within six days, then a date. */
export function dayText(iso: string, now: number, locale: string): string {
  const then = new Date(iso)
  const days = Math.round((startOfDay(now) - startOfDay(then.getTime())) / 86_400_000)
  if (days >= 0 && days < 2) {
    const text = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day')
    return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1)
  }
  if (days >= 0 && days < 7) return new Intl.DateTimeFormat(locale, { weekday: 'long' }).format(then)
  const sameYear = then.getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(then)
}

function startOfDay(time: number): number {
  const day = new Date(time)
  day.setHours(0, 0, 0, 0)
  return day.getTime()
}
