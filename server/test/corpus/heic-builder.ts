// Writes HEIC files around pictures that an encoder made, with what phones add: a grid of tiles, the
// container's own rotation and mirroring, a colour profile, EXIF. ISO/IEC 14496-12 and 23008-12.
import { uint16, uint32 } from './camera-metadata.ts'

/** One coded picture, taken out of a file of heif-enc. */
export interface CodedPicture {
  width: number
  height: number
  /** Decoder configuration box, whole. */
  configuration: Buffer
  data: Buffer
}

export interface HeicDress {
  /** Anticlockwise quarter turns. */
  quarterTurns?: 0 | 1 | 2 | 3
  mirror?: 'upDown' | 'leftRight'
  profile?: Buffer
  /** Colour said by number (ISO/IEC 23091-2): 1 is BT.709 and sRGB, 12 Display P3. */
  primaries?: 1 | 12
  exif?: Buffer
  /** Tiles side by side instead of one picture: the same one in each place. */
  grid?: { columns: number; rows: number }
}

interface Item {
  id: number
  type: 'hvc1' | 'grid' | 'Exif'
  data: Buffer
  properties: { index: number; isEssential: boolean }[]
  isHidden: boolean
}

export function takeCodedPicture(heic: Buffer): CodedPicture {
  const configurationAt = heic.indexOf('hvcC') - 4
  const sizeAt = heic.indexOf('ispe') + 8
  const { offset, length } = firstItem(heic)
  return {
    width: heic.readUInt32BE(sizeAt),
    height: heic.readUInt32BE(sizeAt + 4),
    configuration: heic.subarray(configurationAt, configurationAt + heic.readUInt32BE(configurationAt)),
    data: heic.subarray(offset, offset + length),
  }
}

/** heif-enc puts the picture first. */
function firstItem(heic: Buffer): { offset: number; length: number } {
  const at = heic.indexOf('iloc') + 4
  const version = heic[at]!
  const [offsetBytes, lengthBytes] = [heic[at + 4]! >> 4, heic[at + 4]! & 15]
  const baseBytes = heic[at + 5]! >> 4
  const baseAt = at + 8 + 2 + (version === 1 ? 2 : 0) + 2
  const base = baseBytes > 0 ? heic.readUIntBE(baseAt, baseBytes) : 0
  const extentAt = baseAt + baseBytes + 2
  return {
    offset: base + (offsetBytes > 0 ? heic.readUIntBE(extentAt, offsetBytes) : 0),
    length: heic.readUIntBE(extentAt + offsetBytes, lengthBytes),
  }
}

export function buildHeic(picture: CodedPicture, dress: HeicDress = {}): Buffer {
  const { columns, rows } = dress.grid ?? { columns: 1, rows: 1 }
  const whole = { width: picture.width * columns, height: picture.height * rows }
  const properties: Buffer[] = []
  const add = (property: Buffer, isEssential = false) => {
    properties.push(property)
    return { index: properties.length, isEssential }
  }
  const tileProperties = [add(picture.configuration, true), add(sizeBox(picture))]
  const shown = dress.grid ? [add(sizeBox(whole))] : tileProperties
  if (dress.profile) shown.push(add(box('colr', Buffer.from('prof'), dress.profile)))
  if (dress.primaries) {
    const numbers = [uint16(dress.primaries), uint16(13), uint16(6), Buffer.from([0x80])]
    shown.push(add(box('colr', Buffer.from('nclx'), ...numbers)))
  }
  // Order matters: the rotation is applied before the mirroring.
  if (dress.quarterTurns) shown.push(add(box('irot', Buffer.from([dress.quarterTurns])), true))
  if (dress.mirror) shown.push(add(box('imir', Buffer.from([dress.mirror === 'upDown' ? 0 : 1])), true))

  const items: Item[] = []
  const primary = dress.grid
    ? { type: 'grid' as const, data: gridItem(columns, rows, whole) }
    : { type: 'hvc1' as const, data: picture.data }
  items.push({ id: 1, ...primary, properties: shown, isHidden: false })
  const tiles = dress.grid ? Array.from({ length: columns * rows }, (_, index) => index + 10) : []
  for (const id of tiles) {
    items.push({ id, type: 'hvc1', data: picture.data, properties: tileProperties, isHidden: true })
  }
  if (dress.exif) {
    items.push({
      id: 2,
      type: 'Exif',
      data: Buffer.concat([uint32(0), dress.exif]),
      properties: [],
      isHidden: true,
    })
  }
  return assemble(items, properties, tiles, dress.exif !== undefined)
}

function assemble(items: Item[], properties: Buffer[], tiles: number[], hasExif: boolean): Buffer {
  const start = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic'))
  const metaOf = (dataAt: number) =>
    fullBox(
      'meta',
      0,
      0,
      fullBox('hdlr', 0, 0, uint32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, 0, uint16(1)),
      locations(items, dataAt),
      fullBox('iinf', 0, 0, uint16(items.length), ...items.map(itemInfo)),
      references(tiles, hasExif),
      box('iprp', box('ipco', ...properties), associations(items)),
    )
  const dataAt = start.length + metaOf(0).length + 8
  return Buffer.concat([start, metaOf(dataAt), box('mdat', ...items.map(({ data }) => data))])
}

function locations(items: Item[], dataAt: number): Buffer {
  let offset = dataAt
  const rows = items.map(({ id, data }) => {
    const row = Buffer.concat([uint16(id), uint16(0), uint16(1), uint32(offset), uint32(data.length)])
    offset += data.length
    return row
  })
  return fullBox('iloc', 0, 0, Buffer.from([0x44, 0x00]), uint16(items.length), ...rows)
}

function itemInfo({ id, type, isHidden }: Item): Buffer {
  return fullBox('infe', 2, isHidden ? 1 : 0, uint16(id), uint16(0), Buffer.from(type), Buffer.from([0]))
}

function references(tiles: number[], hasExif: boolean): Buffer {
  const parts: Buffer[] = []
  if (tiles.length > 0) parts.push(box('dimg', uint16(1), uint16(tiles.length), ...tiles.map(uint16)))
  if (hasExif) parts.push(box('cdsc', uint16(2), uint16(1), uint16(1)))
  return parts.length > 0 ? fullBox('iref', 0, 0, ...parts) : Buffer.alloc(0)
}

function associations(items: Item[]): Buffer {
  const rows = items
    .filter(({ properties }) => properties.length > 0)
    .map(({ id, properties }) =>
      Buffer.concat([
        uint16(id),
        Buffer.from([
          properties.length,
          ...properties.map(({ index, isEssential }) => index | (isEssential ? 0x80 : 0)),
        ]),
      ]),
    )
  return fullBox('ipma', 0, 0, uint32(rows.length), ...rows)
}

function gridItem(columns: number, rows: number, whole: { width: number; height: number }): Buffer {
  return Buffer.concat([
    Buffer.from([0, 0, rows - 1, columns - 1]),
    uint16(whole.width),
    uint16(whole.height),
  ])
}

function sizeBox({ width, height }: { width: number; height: number }): Buffer {
  return fullBox('ispe', 0, 0, uint32(width), uint32(height))
}

function box(type: string, ...payload: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...payload])
  return Buffer.concat([uint32(body.length + 4), body])
}

function fullBox(type: string, version: number, flags: number, ...payload: Buffer[]): Buffer {
  return box(type, Buffer.from([version, 0, 0, flags]), ...payload)
}
