import { cleanText, finite, localTime, type PhotoExif, withoutGaps } from './photo-exif.ts'

/** A packet has some kilobytes; editors that keep their history in it make more. */
const packetLengthMax = 512 * 1024

/**
 * The same facts from XMP, where editors leave them when they drop EXIF. Each property is looked for by its usual
 * name, as attribute or element: no XML is parsed, so nothing in it can be more than a text.
 */
export function photoExifOfXmp(packet: string): PhotoExif {
  const text = packet.slice(0, packetLengthMax)
  const read = (name: string) => cleanText(unescaped(propertyIn(text, name)))
  const number = (name: string) => positive(fraction(read(name)))
  return withoutGaps<PhotoExif>({
    capturedAt: timeOf(
      read('exif:DateTimeOriginal') ?? read('photoshop:DateCreated') ?? read('xmp:CreateDate'),
    ),
    cameraMake: read('tiff:Make'),
    cameraModel: read('tiff:Model'),
    lens: read('exifEX:LensModel') ?? read('aux:Lens'),
    software: read('xmp:CreatorTool'),
    exposureSeconds: number('exif:ExposureTime'),
    aperture: number('exif:FNumber'),
    iso: number('exifEX:PhotographicSensitivity') ?? number('exif:ISOSpeedRatings'),
    focalLengthMm: number('exif:FocalLength'),
    focalLength35Mm: number('exif:FocalLengthIn35mmFilm'),
    flashFired: undefined,
    gps: positionOf(read('exif:GPSLatitude'), read('exif:GPSLongitude')),
  })
}

/** `name="…"`, `<name>…</name>`, or the first item of a list in it. */
function propertyIn(text: string, name: string): string | undefined {
  const at = text.search(new RegExp(`[\\s<]${name}[\\s=>]`))
  if (at === -1) return undefined
  const after = text.slice(at + 1 + name.length, at + 1 + name.length + 2000)
  const found =
    /^\s*=\s*"([^"]*)"/.exec(after) ??
    /^\s*=\s*'([^']*)'/.exec(after) ??
    /^[^>]*>(?:\s*<rdf:(?:Seq|Bag|Alt)>\s*<rdf:li[^>]*>)?([^<]*)</.exec(after)
  return found?.[1]
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string | undefined): string | undefined {
  return text?.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '')
}

function timeOf(text: string | undefined): string | undefined {
  const time = localTime(text)
  return time && time.local + time.offset
}

/** `1/125`, `5.7`. */
function fraction(text: string | undefined): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/.exec(text ?? '')
  return parts ? Number(parts[1]) / Number(parts[2] ?? 1) : undefined
}

function positive(value: number | undefined): number | undefined {
  const found = finite(value)
  return found !== undefined && found > 0 ? found : undefined
}

function positionOf(latitude: string | undefined, longitude: string | undefined): PhotoExif['gps'] {
  const [lat, lng] = [degrees(latitude, 90), degrees(longitude, 180)]
  return lat === undefined || lng === undefined ? undefined : { latitude: lat, longitude: lng }
}

/** `52,30.9765N` or `52,30,58N`. */
function degrees(text: string | undefined, most: number): number | undefined {
  const parts = /^(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])$/.exec(text ?? '')
  if (!parts) return undefined
  const size = Number(parts[1]) + Number(parts[2]) / 60 + Number(parts[3] ?? 0) / 3600
  if (size > most) return undefined
  return parts[4] === 'S' || parts[4] === 'W' ? -size : size
}
