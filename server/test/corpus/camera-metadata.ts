// What cameras and phones write beside the picture, with a mark in each place: no served byte may show one.

export const marks = {
  make: 'MARK-MAKE',
  serial: 'MARK-SERIAL-0815',
  makerNote: 'MARK-MAKERNOTE',
  thumbnail: 'MARK-THUMBNAIL',
  xmp: 'MARK-XMP',
  iptc: 'MARK-IPTC',
  comment: 'MARK-COMMENT',
  mpf: 'MARK-MPF',
  gainMap: 'MARK-GAINMAP',
  film: 'MARK-FILM',
  text: 'MARK-TEXT',
  unknown: 'MARK-UNKNOWN',
} as const

export const gps = { latitude: 52.516275, longitude: 13.377704 }

/** Numerators of the GPS seconds as they stand in the file. */
const gpsSeconds = [58_590_000, 39_734_400]

export const forbiddenBytes: Buffer[] = [
  ...Object.values(marks).map((mark) => Buffer.from(mark, 'latin1')),
  ...gpsSeconds.map(uint32),
]

export function foundMarks(bytes: Buffer): string[] {
  return forbiddenBytes.filter((mark) => bytes.includes(mark)).map((mark) => mark.toString('latin1'))
}

type Value =
  | { type: 'ascii'; value: string }
  | { type: 'short'; value: number }
  | { type: 'long'; value: number }
  | { type: 'byte'; value: number }
  | { type: 'rationals'; value: [number, number][] }
  | { type: 'bytes'; value: Buffer }

const typeCodes = { byte: 1, ascii: 2, short: 3, long: 4, rationals: 5, bytes: 7 } as const
type Entries = Record<number, Value>

/** A whole TIFF block: camera, lens, exposure, place, maker note, and a thumbnail with metadata of its own. */
export function cameraTiff(orientation: number): Buffer {
  const thumbnail = Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xfe, Buffer.from(marks.thumbnail)),
    Buffer.from([0xff, 0xd9]),
  ])
  const exif: Entries = {
    33434: { type: 'rationals', value: [[1, 125]] },
    33437: { type: 'rationals', value: [[18, 10]] },
    34855: { type: 'short', value: 64 },
    36867: { type: 'ascii', value: '2026:05:17 18:30:05' },
    36881: { type: 'ascii', value: '+02:00' },
    37385: { type: 'short', value: 16 },
    37386: { type: 'rationals', value: [[57, 10]] },
    37500: { type: 'bytes', value: Buffer.from(`${marks.makerNote}\0`.repeat(8)) },
    41989: { type: 'short', value: 26 },
    42033: { type: 'ascii', value: marks.serial },
    42036: { type: 'ascii', value: 'Lens 5.7mm f/1.8' },
  }
  const place: Entries = {
    1: { type: 'ascii', value: 'N' },
    2: {
      type: 'rationals',
      value: [
        [52, 1],
        [30, 1],
        [gpsSeconds[0]!, 1_000_000],
      ],
    },
    3: { type: 'ascii', value: 'E' },
    4: {
      type: 'rationals',
      value: [
        [13, 1],
        [22, 1],
        [gpsSeconds[1]!, 1_000_000],
      ],
    },
    5: { type: 'byte', value: 0 },
    6: { type: 'rationals', value: [[34, 1]] },
  }
  return tiff({ orientation, exif, place, thumbnail })
}

function tiff(parts: { orientation: number; exif: Entries; place: Entries; thumbnail: Buffer }): Buffer {
  const ifd0 = (exifAt: number, gpsAt: number): Entries => ({
    271: { type: 'ascii', value: marks.make },
    272: { type: 'ascii', value: 'Camera One' },
    274: { type: 'short', value: parts.orientation },
    305: { type: 'ascii', value: 'Firmware 1.2' },
    34665: { type: 'long', value: exifAt },
    34853: { type: 'long', value: gpsAt },
  })
  const ifd1 = (thumbnailAt: number): Entries => ({
    259: { type: 'short', value: 6 },
    513: { type: 'long', value: thumbnailAt },
    514: { type: 'long', value: parts.thumbnail.length },
  })
  // Offsets do not change a directory's length, so lengths are taken with zeros first.
  const exifAt = 8 + directory(ifd0(0, 0), 0, 0).length
  const gpsAt = exifAt + directory(parts.exif, 0, 0).length
  const ifd1At = gpsAt + directory(parts.place, 0, 0).length
  const thumbnailAt = ifd1At + directory(ifd1(0), 0, 0).length
  return Buffer.concat([
    Buffer.from('MM\0*', 'latin1'),
    uint32(8),
    directory(ifd0(exifAt, gpsAt), 8, ifd1At),
    directory(parts.exif, exifAt, 0),
    directory(parts.place, gpsAt, 0),
    directory(ifd1(thumbnailAt), ifd1At, 0),
    parts.thumbnail,
  ])
}

function directory(entries: Entries, at: number, next: number): Buffer {
  const tags = Object.entries(entries)
  const rows: Buffer[] = []
  const outside: Buffer[] = []
  let outsideAt = at + 2 + tags.length * 12 + 4
  for (const [tag, entry] of tags) {
    const { count, bytes } = encoded(entry)
    const row = Buffer.alloc(12)
    row.writeUInt16BE(Number(tag), 0)
    row.writeUInt16BE(typeCodes[entry.type], 2)
    row.writeUInt32BE(count, 4)
    if (bytes.length <= 4) bytes.copy(row, 8)
    else {
      row.writeUInt32BE(outsideAt, 8)
      outside.push(bytes)
      outsideAt += bytes.length
    }
    rows.push(row)
  }
  return Buffer.concat([uint16(tags.length), ...rows, uint32(next), ...outside])
}

function encoded(entry: Value): { count: number; bytes: Buffer } {
  switch (entry.type) {
    case 'ascii': {
      const bytes = Buffer.from(`${entry.value}\0`, 'latin1')
      return { count: bytes.length, bytes }
    }
    case 'rationals': {
      const bytes = Buffer.concat(entry.value.flatMap(([over, under]) => [uint32(over), uint32(under)]))
      return { count: entry.value.length, bytes }
    }
    case 'bytes':
      return { count: entry.value.length, bytes: entry.value }
    case 'byte':
      return { count: 1, bytes: Buffer.from([entry.value]) }
    case 'short':
      return { count: 1, bytes: uint16(entry.value) }
    case 'long':
      return { count: 1, bytes: uint32(entry.value) }
  }
}

export const xmpPacket = Buffer.from(
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
    `<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="${marks.xmp}"/></rdf:RDF></x:xmpmeta>`,
)

export function jpegSegment(marker: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xff, marker]), uint16(payload.length + 2), payload])
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
