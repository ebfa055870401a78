const hourMs = 60 * 60 * 1000
/** All offsets in use are multiples of this. */
const stepMs = 15 * 60 * 1000
const rememberedMax = 5000

interface Zone {
  format: Intl.DateTimeFormat
  /** Quarter of an hour since 1970 → offset. */
  offsets: Map<number, number>
}

const zones = new Map<string, Zone>()

/** Milliseconds that clocks in an IANA zone are ahead of UTC at a moment; an unknown zone is UTC. */
export function offsetAt(timeZone: string, ms: number): number {
  const zone = zoneOf(timeZone)
  const quarter = Math.floor(ms / stepMs)
  const known = zone.offsets.get(quarter)
  if (known !== undefined) return known
  if (zone.offsets.size >= rememberedMax) zone.offsets.clear()
  const offset = readOffset(zone.format, quarter * stepMs)
  zone.offsets.set(quarter, offset)
  return offset
}

/** 0 to 23. */
export function localHourAt(timeZone: string, ms: number): number {
  return hourOf(ms + offsetAt(timeZone, ms))
}

export function hourOf(localMs: number): number {
  return ((Math.floor(localMs / hourMs) % 24) + 24) % 24
}

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone)
  if (!zone) {
    // There are some 600 names; whatever else is sent here must not fill the memory.
    if (zones.size >= 1000) zones.clear()
    zone = { format: formatOf(timeZone), offsets: new Map() }
    zones.set(timeZone, zone)
  }
  return zone
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const options = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  } as const
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone })
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' })
  }
}

function readOffset(format: Intl.DateTimeFormat, ms: number): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of format.formatToParts(ms)) part[type] = Number(value)
  const local = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!)
  return local - ms
}
