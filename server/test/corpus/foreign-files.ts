import sharp from 'sharp'
import { svgWithScript, textFile } from './bombs.ts'
import { uint16, uint32 } from './camera-metadata.ts'

/** Whole files, or as much of them as tells what they are, that no post or avatar is made of. */
export async function foreignFiles(): Promise<Record<string, Buffer>> {
  const picture = sharp({ create: { width: 40, height: 30, channels: 3, background: '#678' } })
  return {
    'a TIFF': await picture.clone().tiff().toBuffer(),
    'a TIFF of a camera (DNG)': Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), Buffer.alloc(600)]),
    'an SVG': svgWithScript,
    'an SVG behind an XML head': Buffer.concat([Buffer.from('<?xml version="1.0"?>\n'), svgWithScript]),
    'a BMP': bmp(4, 4),
    'a JPEG XL codestream': Buffer.concat([Buffer.from('ff0a', 'hex'), Buffer.alloc(60, 7)]),
    'a JPEG XL container': Buffer.concat([Buffer.from('0000000c4a584c200d0a870a', 'hex'), Buffer.alloc(60)]),
    'a JPEG 2000': Buffer.concat([Buffer.from('0000000c6a5020200d0a870a', 'hex'), Buffer.alloc(60)]),
    'a PDF': Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
    'an icon': Buffer.concat([Buffer.from('000001000100', 'hex'), bmp(4, 4)]),
    'a PSD': Buffer.concat([Buffer.from('8BPS\0\x01', 'latin1'), Buffer.alloc(200)]),
    'an OpenEXR': Buffer.concat([Buffer.from('762f3101', 'hex'), Buffer.alloc(100)]),
    'a text': textFile,
    'a page': Buffer.from('<!doctype html><title>x</title><script>alert(1)</script>'),
    'a zip': Buffer.concat([Buffer.from('504b0304140000000000', 'hex'), Buffer.alloc(60)]),
    'a program': Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(120)]),
    'a sound': Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(60)]),
    'a song': Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.alloc(400, 0x55)]),
  }
}

function bmp(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 4, 0x88)
  const header = Buffer.alloc(54)
  header.write('BM')
  uint32(54 + pixels.length)
    .reverse()
    .copy(header, 2)
  header.writeUInt32LE(54, 10)
  header.writeUInt32LE(40, 14)
  header.writeInt32LE(width, 18)
  header.writeInt32LE(height, 22)
  uint16(1).reverse().copy(header, 26)
  header.writeUInt16LE(32, 28)
  return Buffer.concat([header, pixels])
}
