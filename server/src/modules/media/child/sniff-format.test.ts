import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MediaError } from './media-error.ts'
import { sniffFormat } from './sniff-format.ts'

function codeOf(bytes: Buffer): string {
  try {
    return sniffFormat(bytes)
  } catch (error) {
    assert.ok(error instanceof MediaError)
    return error.code
  }
}

const ftyp = (major: string, ...compatible: string[]) => {
  const brands = Buffer.from(`ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1')
  return Buffer.concat([Buffer.from([0, 0, 0, brands.length + 4]), brands])
}

describe('sniffFormat', () => {
  const cases: [what: string, bytes: Buffer, expected: string][] = [
    ['JPEG', Buffer.from('ffd8ffe0', 'hex'), 'jpeg'],
    ['PNG', Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1'), 'png'],
    ['GIF', Buffer.from('GIF89a...........'), 'gif'],
    ['WebP', Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1'), 'webp'],
    ['AVIF', ftyp('avif', 'mif1'), 'avif'],
    ['AVIF behind a general brand', ftyp('mif1', 'miaf', 'avif'), 'avif'],
    ['HEIC of a phone', ftyp('heic', 'mif1', 'heic'), 'heic'],
    ['HEIC behind a general brand', ftyp('mif1', 'heic'), 'heic'],
    ['nothing', Buffer.alloc(0), 'media.empty'],
    ['one byte', Buffer.from([0xff]), 'media.unsupported_format'],
    ['text', Buffer.from('Dear diary, this is not a picture.'), 'media.unsupported_format'],
    [
      'SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
      'media.unsupported_format',
    ],
    ['TIFF', Buffer.from('II*\0\x08\0\0\0', 'latin1'), 'media.unsupported_format'],
    ['PDF', Buffer.from('%PDF-1.7'), 'media.unsupported_format'],
    ['a film', ftyp('mp42', 'isom'), 'media.unsupported_format'],
    ['a WAV', Buffer.from('RIFF\x10\0\0\0WAVEfmt ', 'latin1'), 'media.unsupported_format'],
    ['a truncated box', Buffer.from('\0\0\0\x18ftyp', 'latin1'), 'media.unsupported_format'],
  ]
  for (const [what, bytes, expected] of cases) {
    it(`says ${expected} to ${what}`, () => assert.equal(codeOf(bytes), expected))
  }
})
