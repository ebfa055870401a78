// An UltraHDR photograph: an SDR picture, its directory (CIPA MPF), and a gain map with Adobe's hdrgm values.
import { jpegSegment, uint16, uint32 } from './camera-metadata.ts'

const xmpHead = 'http://ns.adobe.com/xap/1.0/\0'
const hdrgm = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'

/** The picture itself serves as its gain map. */
export function ultraHdr(jpeg: Buffer): Buffer {
  const map = withSegments(jpeg, [
    xmp(
      `<rdf:Description rdf:about="" ${hdrgm} hdrgm:GainMapMin="0" hdrgm:GainMapMax="2" hdrgm:Gamma="1" ` +
        'hdrgm:OffsetSDR="0.015625" hdrgm:OffsetHDR="0.015625" hdrgm:HDRCapacityMin="0" ' +
        'hdrgm:HDRCapacityMax="2" hdrgm:BaseRenditionIsHDR="False"/>',
    ),
  ])
  const container = xmp(
    `<rdf:Description rdf:about="" ${hdrgm} xmlns:Container="http://ns.google.com/photos/1.0/container/" ` +
      'xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><Container:Directory><rdf:Seq>' +
      item('Primary', '') +
      item('GainMap', ` Item:Length="${map.length}"`) +
      '</rdf:Seq></Container:Directory></rdf:Description>',
  )
  const sizeOf = (directory: Buffer) => withSegments(jpeg, [container, directory]).length
  const primaryBytes = sizeOf(mpf(0, 0, 0))
  const tiffAt = 2 + container.length + 4 + 4
  const directory = mpf(primaryBytes, map.length, primaryBytes - tiffAt)
  return Buffer.concat([withSegments(jpeg, [container, directory]), map])
}

function withSegments(jpeg: Buffer, segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

function item(semantic: string, more: string): string {
  return `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="${semantic}" Item:Mime="image/jpeg"${more}/></rdf:li>`
}

function xmp(description: string): Buffer {
  const packet =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `${description}</rdf:RDF></x:xmpmeta>`
  return jpegSegment(0xe1, Buffer.from(xmpHead + packet))
}

function mpf(primaryBytes: number, mapBytes: number, mapOffset: number): Buffer {
  const entries = Buffer.concat([
    uint32(0x00030000),
    uint32(primaryBytes),
    uint32(0),
    uint32(0),
    uint32(0),
    uint32(mapBytes),
    uint32(mapOffset),
    uint32(0),
  ])
  const row = (tag: number, type: number, count: number, value: Buffer) =>
    Buffer.concat([uint16(tag), uint16(type), uint32(count), value])
  const tiff = Buffer.concat([
    Buffer.from('MM\0*', 'latin1'),
    uint32(8),
    uint16(3),
    row(0xb000, 7, 4, Buffer.from('0100')),
    row(0xb001, 4, 1, uint32(2)),
    row(0xb002, 7, entries.length, uint32(8 + 2 + 36 + 4)),
    uint32(0),
    entries,
  ])
  return jpegSegment(0xe2, Buffer.concat([Buffer.from('MPF\0'), tiff]))
}
