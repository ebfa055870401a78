/** A time zone as people look for it: by city, region, and how far it is from UTC. */
export interface Zone {
  name: string
  city: string
  region: string
  /** "UTC+5:45" */
  offset: string
}

/** Browsers go on calling some zones by names that their cities have given up. */
const namesToday: Readonly<Record<string, string>> = {
  Asmera: 'Asmara',
  Calcutta: 'Kolkata',
  Enderbury: 'Kanton',
  Faeroe: 'Faroe',
  Godthab: 'Nuuk',
  Katmandu: 'Kathmandu',
  Kiev: 'Kyiv',
  Ponape: 'Pohnpei',
  Rangoon: 'Yangon',
  Saigon: 'Ho Chi Minh City',
  'Ho Chi Minh': 'Ho Chi Minh City',
  Truk: 'Chuuk',
}

/** All that this browser knows; older ones cannot list them: then the present one stands alone. */
export function listZones(current: string, moment: Date): Zone[] {
  const known = Intl.supportedValuesOf?.('timeZone') ?? []
  const zones = new Map<string, Zone>()
  for (const name of ['UTC', current, ...known]) {
    const zone = describeZone(name, moment)
    const place = `${zone.region}/${zone.city}`
    if (!zones.has(place)) zones.set(place, zone)
  }
  return [...zones.values()].sort((one, other) => one.city.localeCompare(other.city))
}

export function describeZone(name: string, moment: Date): Zone {
  const parts = name.replaceAll('_', ' ').split('/')
  const city = parts.at(-1) ?? name
  return {
    name,
    city: namesToday[city] ?? city,
    region: parts.slice(0, -1).join(', '),
    offset: offsetText(name, moment),
  }
}

export function deviceZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Every word that was typed begins a word of the zone; offsets are found by their digits. */
export function matchZones(zones: readonly Zone[], wanted: string): Zone[] {
  const words = plain(wanted).split(' ').filter(Boolean)
  return zones.filter((zone) => {
    const text = ` ${plain(`${zone.city} ${zone.region} ${zone.offset}`)}`
    return words.every((word) => text.includes(` ${word}`))
  })
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s,/_-]+/g, ' ')
    .trim()
}

function offsetText(timeZone: string, moment: Date): string {
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(
      moment,
    )
    const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
    return text.replace('GMT', 'UTC')
  } catch {
    return ''
  }
}
