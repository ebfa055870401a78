/**
 * What a camera wrote beside a picture or a video, cleaned. Private to the owner: nobody else is told more of
 * it than `photo-metadata.ts` lets through. Everything optional: cameras leave out or garble any of it.
 */
export interface PhotoExif {
  /** Local time of the camera, `YYYY-MM-DDTHH:MM:SS`, with offset when the camera wrote one; `Z`: it wrote UTC. */
  capturedAt?: string
  cameraMake?: string
  cameraModel?: string
  lens?: string
  software?: string
  exposureSeconds?: number
  aperture?: number
  iso?: number
  focalLengthMm?: number
  focalLength35Mm?: number
  flashFired?: boolean
  gps?: { latitude: number; longitude: number; altitudeMetres?: number }
}

type Tags = Record<string, unknown>

/** Options of exifr, here and in the browser: the few tags that are read, as they stand in the file. */
export const exifrOptions = {
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
}

export interface RawTags {
  ifd0?: Tags
  exif?: Tags
  gps?: Tags
}

/** Raw tags to facts; what makes no sense is left out. */
export function photoExifOf({ ifd0 = {}, exif = {}, gps = {} }: RawTags): PhotoExif {
  const flash = finite(exif.Flash)
  return withoutGaps<PhotoExif>({
    capturedAt: capturedAt(ifd0, exif),
    cameraMake: cleanText(ifd0.Make),
    cameraModel: cleanText(ifd0.Model),
    lens: cleanText(exif.LensModel),
    software: cleanText(ifd0.Software),
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
  const written = cleanText(exif.DateTimeOriginal) ?? cleanText(exif.CreateDate) ?? cleanText(ifd0.ModifyDate)
  const time = localTime(written?.replace(/^(\d{4}):(\d\d):(\d\d) /, '$1-$2-$3T'))
  if (!time) return undefined
  const offset = cleanText(exif.OffsetTimeOriginal) ?? cleanText(exif.OffsetTime) ?? ''
  return offsetPattern.test(offset) ? time.local + offset : time.local
}

const offsetPattern = /^[+-](0\d|1[0-4]):[0-5]\d$/

/** Cameras without a clock write 0000:00:00; months of 13 exist too. */
export function localTime(written: unknown): { local: string; offset: string } | undefined {
  if (typeof written !== 'string') return undefined
  const parts = written.match(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?/)
  if (!parts) return undefined
  const local = `${parts[1]}T${parts[2]}`
  const time = new Date(`${local}Z`)
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(local)) return undefined
  const offset = parts[3] ?? ''
  return { local, offset: offset === 'Z' || offsetPattern.test(offset) ? offset : '' }
}

function position(gps: Tags): PhotoExif['gps'] {
  const latitude = degrees(gps.GPSLatitude, gps.GPSLatitudeRef, 'S')
  const longitude = degrees(gps.GPSLongitude, gps.GPSLongitudeRef, 'W')
  if (latitude === undefined || longitude === undefined) return undefined
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined
  const height = finite(gps.GPSAltitude)
  const isBelowSea = Number(asByte(gps.GPSAltitudeRef)) === 1
  return withoutGaps<NonNullable<PhotoExif['gps']>>({
    latitude,
    longitude,
    altitudeMetres: height === undefined ? undefined : isBelowSea ? -height : height,
  })
}

function degrees(value: unknown, reference: unknown, negative: string): number | undefined {
  if (!Array.isArray(value) || value.length < 1) return undefined
  const [degree, minute = 0, second = 0] = value.map(finite)
  if (degree === undefined || minute === undefined || second === undefined) return undefined
  const size = degree + minute / 60 + second / 3600
  return cleanText(reference)?.toUpperCase() === negative ? -size : size
}

function asByte(value: unknown): unknown {
  return value instanceof Uint8Array ? value[0] : value
}

const keptLength = 200

/** One line of visible letters: no control characters, none that turn the direction of what follows. */
export function cleanText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const clean = value
    .slice(0, keptLength * 4)
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, keptLength)
    .replaceAll(/\p{Cs}/gu, '')
  return clean === '' ? undefined : clean
}

export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function positive(value: unknown): number | undefined {
  const found = finite(value)
  return found !== undefined && found > 0 ? found : undefined
}

type Gappy<T> = { [K in keyof T]: T[K] | undefined }

export function withoutGaps<T extends object>(value: Gappy<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}
