import exifr from 'exifr'
import type { PhotoExif } from './protocol.ts'

const options = {
  tiff: true,
  ifd0: { pick: ['Make', 'Model', 'Software', 'ModifyDate'] },
  exif: {
    pick: [
      'DateTimeOriginal',
      'CreateDate',
      'OffsetTimeOriginal',
      'OffsetTime',
      'LensModel',
      'ExposureTime',
      'FNumber',
      'ISO',
      'FocalLength',
      'FocalLengthIn35mmFormat',
      'Flash',
    ],
  },
  gps: {
    pick: [
      'GPSLatitudeRef',
      'GPSLatitude',
      'GPSLongitudeRef',
      'GPSLongitude',
      'GPSAltitudeRef',
      'GPSAltitude',
    ],
  },
  ifd1: false,
  interop: false,
  makerNote: false,
  userComment: false,
  reviveValues: false,
  translateValues: false,
  sanitize: true,
  mergeOutput: false,
} as const

type Tags = Record<string, unknown>

/** EXIF is a favour, never a condition: what cannot be read is left out. */
export async function readExif(tiff: Buffer | undefined): Promise<PhotoExif> {
  if (!tiff || tiff.length < 8) return {}
  try {
    const parsed: { ifd0?: Tags; exif?: Tags; gps?: Tags } | undefined = await exifr.parse(
      tiff,
      options as unknown as Parameters<typeof exifr.parse>[1],
    )
    return parsed ? photoExifOf(parsed.ifd0 ?? {}, parsed.exif ?? {}, parsed.gps ?? {}) : {}
  } catch {
    return {}
  }
}

function photoExifOf(ifd0: Tags, exif: Tags, gps: Tags): PhotoExif {
  const flash = number(exif.Flash)
  return withoutGaps({
    capturedAt: capturedAt(ifd0, exif),
    cameraMake: text(ifd0.Make),
    cameraModel: text(ifd0.Model),
    lens: text(exif.LensModel),
    software: text(ifd0.Software),
    exposureSeconds: positive(exif.ExposureTime),
    aperture: positive(exif.FNumber),
    iso: positive(Array.isArray(exif.ISO) ? exif.ISO[0] : exif.ISO),
    focalLengthMm: positive(exif.FocalLength),
    focalLength35Mm: positive(exif.FocalLengthIn35mmFormat),
    flashFired: flash === undefined ? undefined : (flash & 1) === 1,
    gps: position(gps),
  })
}

function capturedAt(ifd0: Tags, exif: Tags): string | undefined {
  const written = text(exif.DateTimeOriginal) ?? text(exif.CreateDate) ?? text(ifd0.ModifyDate)
  const parts = written?.match(/^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)/)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  // Cameras without a clock write 0000:00:00; months of 13 exist too.
  const time = new Date(`${local}Z`)
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(local)) return undefined
  const offset = text(exif.OffsetTimeOriginal) ?? text(exif.OffsetTime) ?? ''
  return /^[+-]\d\d:\d\d$/.test(offset) ? local + offset : local
}

function position(gps: Tags): PhotoExif['gps'] {
  const latitude = degrees(gps.GPSLatitude, gps.GPSLatitudeRef, 'S')
  const longitude = degrees(gps.GPSLongitude, gps.GPSLongitudeRef, 'W')
  if (latitude === undefined || longitude === undefined) return undefined
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined
  const height = number(gps.GPSAltitude)
  const isBelowSea = Number(asByte(gps.GPSAltitudeRef)) === 1
  return withoutGaps({
    latitude,
    longitude,
    altitudeMetres: height === undefined ? undefined : isBelowSea ? -height : height,
  })
}

function degrees(value: unknown, reference: unknown, negative: string): number | undefined {
  if (!Array.isArray(value) || value.length < 1) return undefined
  const [degree, minute = 0, second = 0] = value.map(number)
  if (degree === undefined || minute === undefined || second === undefined) return undefined
  const size = degree + minute / 60 + second / 3600
  return text(reference)?.toUpperCase() === negative ? -size : size
}

function asByte(value: unknown): unknown {
  return value instanceof Uint8Array ? value[0] : value
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const clean = value
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 200)
  return clean === '' ? undefined : clean
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function positive(value: unknown): number | undefined {
  const found = number(value)
  return found !== undefined && found > 0 ? found : undefined
}

function withoutGaps<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}
