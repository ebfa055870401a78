// Dresses coded pictures in all the metadata that their formats can carry.
import { crc32 } from 'node:zlib'
import { cameraTiff, jpegSegment, marks, uint32, xmpPacket } from './camera-metadata.ts'

export interface Dress {
  orientation?: number
  /** Appended after the end of the image, as phones do. */
  trailers?: ('gainMap' | 'film')[]
}

export function dressJpeg(jpeg: Buffer, { orientation = 1, trailers = [] }: Dress = {}): Buffer {
  return Buffer.concat([
    jpeg.subarray(0, 2),
    jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), cameraTiff(orientation)])),
    jpegSegment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), xmpPacket])),
    jpegSegment(0xe2, Buffer.from(`MPF\0${marks.mpf}`)),
    jpegSegment(0xed, Buffer.from(`Photoshop 3.0\x008BIM${marks.iptc}`, 'latin1')),
    jpegSegment(0xeb, Buffer.from(`JP${marks.unknown}`)),
    jpegSegment(0xfe, Buffer.from(marks.comment)),
    jpeg.subarray(2),
    ...trailers.map((trailer) => (trailer === 'film' ? film() : gainMap(jpeg))),
  ])
}

export function dressPng(png: Buffer, { orientation = 1 }: Dress = {}): Buffer {
  const headerEnd = 8 + 25
  return Buffer.concat([
    png.subarray(0, headerEnd),
    pngChunk('tEXt', Buffer.from(`Comment\0${marks.text}`)),
    pngChunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), xmpPacket])),
    pngChunk('eXIf', cameraTiff(orientation)),
    pngChunk('prVt', Buffer.from(marks.unknown)),
    png.subarray(headerEnd),
    film(),
  ])
}

/** `webp` is in the extended layout (it has a colour profile, say). */
export function dressWebp(webp: Buffer, { orientation = 1 }: Dress = {}): Buffer {
  const body = Buffer.concat([
    webp.subarray(8),
    webpChunk('EXIF', cameraTiff(orientation)),
    webpChunk('XMP ', xmpPacket),
    webpChunk('UNKN', Buffer.from(marks.unknown)),
  ])
  const flagsAt = 4 + 8
  body[flagsAt] = body[flagsAt]! | 0x0c
  return Buffer.concat([Buffer.from('RIFF'), uint32(body.length).reverse(), body, film()])
}

export function pngChunk(type: string, payload: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), payload])
  return Buffer.concat([uint32(payload.length), body, uint32(crc32(body))])
}

function webpChunk(type: string, payload: Buffer): Buffer {
  const padding = Buffer.alloc(payload.length % 2)
  return Buffer.concat([Buffer.from(type), uint32(payload.length).reverse(), payload, padding])
}

/** The second picture of an HDR photograph. */
function gainMap(jpeg: Buffer): Buffer {
  return Buffer.concat([
    jpeg.subarray(0, 2),
    jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), cameraTiff(1)])),
    jpegSegment(0xfe, Buffer.from(marks.gainMap)),
    jpeg.subarray(2),
  ])
}

/** A motion photo's film; only its beginning and a mark. */
function film(): Buffer {
  const box = Buffer.concat([Buffer.from('ftypmp42\0\0\0\0mp42isom'), Buffer.from(marks.film)])
  return Buffer.concat([uint32(box.length + 4), box])
}
