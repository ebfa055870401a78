import type { PhotoExif } from '../protocol.ts'

const textLength = 100

/** What phones write about a video's making, in the form that photographs have it. */
export function readVideoMetadata(tags: Readonly<Record<string, string>>): PhotoExif {
  const text = (...names: string[]) => {
    const found = names.map((name) => tags[name]?.trim()).find((value) => value)
    return found?.slice(0, textLength)
  }
  const found: PhotoExif = {
    capturedAt: timeOf(text('com.apple.quicktime.creationdate', 'creation_time')),
    cameraMake: text('com.apple.quicktime.make', 'com.android.manufacturer', 'make'),
    cameraModel: text('com.apple.quicktime.model', 'com.android.model', 'model'),
    software: text('com.apple.quicktime.software', 'com.android.version'),
    gps: placeOf(text('com.apple.quicktime.location.iso6709', 'location', 'location-eng')),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** `2026-11-23T10:20:30+0100`, `2026-11-23T09:20:30.000000Z`. A clock that was never set says 1904 or 1970. */
function timeOf(text: string | undefined): string | undefined {
  const parts = /^(\d{4})-(\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(text ?? '')
  if (!parts || Number(parts[1]) <= 1970) return undefined
  const zone =
    parts[4] === undefined || parts[4] === 'Z' ? (parts[4] ?? '') : parts[4].replace(/^(...):?/, '$1:')
  const time = `${parts[1]}-${parts[2]}T${parts[3]}${zone}`
  return Number.isNaN(Date.parse(time)) ? undefined : time
}

/** ISO 6709 in degrees: `+48.1374+011.5755+520.000/`. */
function placeOf(text: string | undefined): PhotoExif['gps'] {
  const parts = /^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?/.exec(text ?? '')
  if (!parts) return undefined
  const [latitude, longitude] = [Number(parts[1]), Number(parts[2])]
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180 || (latitude === 0 && longitude === 0)) {
    return undefined
  }
  return { latitude, longitude, ...(parts[3] === undefined ? {} : { altitudeMetres: Number(parts[3]) }) }
}
