/**
 * The moment at which a clock on the wall showed this. Cameras that write no offset mean the time zone they were
 * set to: the person's own is the best that is known. An hour that a change of clocks leaves out or repeats is
 * taken as the first one that is possible.
 */
export function momentOf(capturedAt: string, timeZone: string): Date | undefined {
  const local = capturedAt.slice(0, 19)
  const offset = capturedAt.slice(19)
  const wall = Date.parse(`${local}Z`)
  if (Number.isNaN(wall)) return undefined
  if (offset !== '') {
    const moment = Date.parse(local + offset)
    return Number.isNaN(moment) ? undefined : new Date(moment)
  }
  // Two guesses meet every offset but at a change of clocks, where the earlier one is taken.
  const around = [-day, day].map((away) => wall - offsetAt(wall + away, timeZone))
  const exact = around.filter((moment) => moment + offsetAt(moment, timeZone) === wall)
  return new Date(Math.min(...(exact.length > 0 ? exact : around)))
}

const day = 86_400_000

/** Milliseconds by which the zone's clocks are ahead of UTC at a moment. */
function offsetAt(moment: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: knownZone(timeZone),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(moment)
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((each) => each.type === type)?.value ?? 0)
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return shown - Math.floor(moment / 1000) * 1000
}

function knownZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}
