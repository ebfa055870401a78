// What cameras, phones, editors and messengers really write, and what only attackers do: drawn, dressed and bent by program.
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { gifSaying, jpegSaying, pngBomb, scanBomb, svgWithScript, textFile } from './bombs.ts'
import { dressJpeg, dressPng, dressWebp, pngChunk } from './camera-files.ts'
import { cameraTiff, jpegSegment, uint16, uint32 } from './camera-metadata.ts'
import { noise, quadrants } from './drawn-pictures.ts'

export interface OddPhotograph {
  name: string
  bytes: Buffer
  /** `ready`, or the code that it has to fail with. */
  ends: string
}

const ready = (name: string, bytes: Buffer): OddPhotograph => ({ name, bytes, ends: 'ready' })
const fails = (name: string, bytes: Buffer, ends: string): OddPhotograph => ({ name, bytes, ends })

/** Four colours and some grain: quick to decode, and no two parts are alike. */
const drawn = () => quadrants(120, 96)

export async function oddPhotographs(): Promise<OddPhotograph[]> {
  const groups = [oddJpegs(), oddPngs(), oddOthers(), animations(), polyglots(), bombs()]
  return (await Promise.all(groups)).flat()
}

async function oddJpegs(): Promise<OddPhotograph[]> {
  const jpeg = await drawn().jpeg().toBuffer()
  const body = jpeg.subarray(2)
  const start = jpeg.subarray(0, 2)
  const withSegment = (marker: number, payload: Buffer) =>
    Buffer.concat([start, jpegSegment(marker, payload), body])
  const profiled = (profile: Buffer) => Buffer.concat([start, ...profileSegments(profile), body])
  const p3 = (await sharp(await drawn().withIccProfile('p3').jpeg().toBuffer()).metadata()).icc!
  const cmyk = await drawn().toColourspace('cmyk').jpeg().toBuffer()
  const cmykProfile = (await sharp(cmyk).metadata()).icc
  const grey = await drawn().toColourspace('b-w').jpeg().toBuffer()
  const exifOf = (tiff: Buffer) => withSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff]))
  return [
    ...[0, 9, 255, 65_535].map((orientation) =>
      ready(`JPEG of orientation ${orientation}`, dressJpeg(jpeg, { orientation })),
    ),
    ready('progressive JPEG', await drawn().jpeg({ progressive: true }).toBuffer()),
    ready('JPEG of 4:4:4', await drawn().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()),
    ready('JPEG of quality 1', await drawn().jpeg({ quality: 1 }).toBuffer()),
    ready('grey JPEG', grey),
    ready('CMYK JPEG', cmyk),
    ready('YCCK JPEG', withAdobeTransform(cmyk, 2)),
    ready('RGB JPEG', withAdobeTransform(jpeg, 0)),
    ready(
      'grey JPEG with a colour profile',
      Buffer.concat([start, ...profileSegments(p3), grey.subarray(2)]),
    ),
    ...(cmykProfile ? [ready('JPEG with a profile for print', profiled(cmykProfile))] : []),
    ready('JPEG with Display P3', profiled(p3)),
    ready('JPEG with a profile of 3 MB', profiled(Buffer.concat([p3, Buffer.alloc(3_000_000)]))),
    ready('JPEG with a profile of nonsense', profiled(Buffer.from('this is no profile'.repeat(20)))),
    ready('JPEG with half a profile', profiled(p3.subarray(0, p3.length / 2))),
    ready('JPEG that lacks a part of its profile', Buffer.concat([start, profileSegments(p3, 3)[0]!, body])),
    ready('JPEG with EXIF of nonsense', exifOf(Buffer.from('II*\0\xff\xff\xff\xff rubbish', 'latin1'))),
    ready('JPEG with EXIF in a circle', exifOf(circularTiff())),
    ready('JPEG with empty EXIF', exifOf(Buffer.alloc(0))),
    ready('JPEG with EXIF twice', dressJpeg(dressJpeg(jpeg, { orientation: 6 }), { orientation: 3 })),
    ready('JPEG with a comment of 64 KB', withSegment(0xfe, Buffer.alloc(65_000, 'x'))),
    ready(
      'JPEG of another JFIF',
      withSegment(0xe0, Buffer.from('JFIF\0\x09\x09\0\0\x01\0\x01\0\0', 'latin1')),
    ),
    ready('JPEG with fill bytes', Buffer.concat([start, Buffer.alloc(9, 0xff), body])),
    ready(
      'JPEG with junk between segments',
      Buffer.concat([start, jpegSegment(0xfe, Buffer.from('a')), Buffer.alloc(5), body]),
    ),
    ready(
      'JPEG with junk before its end',
      Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(40, 7), jpeg.subarray(-2)]),
    ),
    ready('JPEG with zeros behind', Buffer.concat([jpeg, Buffer.alloc(4096)])),
    ready('JPEG with two ends', Buffer.concat([jpeg, jpeg.subarray(-2)])),
    ready(
      'two JPEGs in one file (MPO)',
      Buffer.concat([dressJpeg(jpeg), dressJpeg(jpeg, { orientation: 8 })]),
    ),
    ready('JPEG with gain map and film', dressJpeg(jpeg, { trailers: ['gainMap', 'film'] })),
    ready('JPEG of one pixel', await quadrants(1, 1).jpeg().toBuffer()),
    ready('JPEG of odd size', await quadrants(17, 3).jpeg().toBuffer()),
    ready('JPEG of 1 × 5000', await quadrants(1, 5000).jpeg().toBuffer()),
    ready('JPEG of 5000 × 1', await quadrants(5000, 1).jpeg().toBuffer()),
    fails('JPEG without pixels', jpeg.subarray(0, jpeg.indexOf(Buffer.from([0xff, 0xda]))), 'media.corrupt'),
    fails('JPEG of nothing but a start', jpeg.subarray(0, 4), 'media.corrupt'),
    fails('JPEG of no width', jpegSaying(jpeg, 0, 96), 'media.corrupt'),
  ]
}

async function oddPngs(): Promise<OddPhotograph[]> {
  const deep = () => drawn().toColourspace('rgb16')
  const png = await drawn().png().toBuffer()
  const headerEnd = 8 + 25
  const withChunk = (chunk: Buffer) =>
    Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)])
  const iccp = (profile: Buffer) =>
    withChunk(pngChunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), deflateSync(profile)])))
  return [
    ready('PNG of 16 bits', await deep().png().toBuffer()),
    ready('PNG of 16 bits with Display P3', await deep().withIccProfile('p3').png().toBuffer()),
    ready(
      'PNG of 16 bits with a profile of nonsense',
      await bentProfile(await deep().withIccProfile('p3').png().toBuffer()),
    ),
    ready('PNG of 16 bits, grey', await drawn().toColourspace('grey16').png().toBuffer()),
    ready('PNG of 16 bits with alpha', await deep().ensureAlpha(0.5).png().toBuffer()),
    ready('grey PNG with alpha', await drawn().toColourspace('b-w').ensureAlpha(0.5).png().toBuffer()),
    ready('interlaced PNG', await drawn().png({ progressive: true }).toBuffer()),
    ready('palette PNG', await drawn().png({ palette: true, colours: 4 }).toBuffer()),
    ready('palette PNG with transparency', await drawn().ensureAlpha(0.5).png({ palette: true }).toBuffer()),
    ready(
      'PNG of one bit',
      await drawn().threshold().toColourspace('b-w').png({ palette: true, colours: 2 }).toBuffer(),
    ),
    ready('PNG with nonsense for a profile', iccp(Buffer.from('no profile'))),
    ready('PNG with a profile that does not unpack', withChunk(pngChunk('iCCP', Buffer.from('x\0\0junk')))),
    ready('PNG with an absurd gamma', withChunk(pngChunk('gAMA', uint32(0)))),
    ready('PNG with text, place and a film behind', dressPng(png, { orientation: 6 })),
    ready('PNG of orientation 0', dressPng(png, { orientation: 0 })),
    ready('PNG with bytes behind', Buffer.concat([png, Buffer.alloc(999, 1)])),
    fails('PNG of two headers alone', png.subarray(0, headerEnd), 'media.corrupt'),
  ]
}

async function oddOthers(): Promise<OddPhotograph[]> {
  const extended = await drawn().withIccProfile('p3').webp().toBuffer()
  return [
    ready('WebP', await drawn().webp().toBuffer()),
    ready('lossless WebP', await drawn().webp({ lossless: true }).toBuffer()),
    ready('WebP with alpha', await drawn().ensureAlpha(0.4).webp().toBuffer()),
    ready('WebP with everything', dressWebp(extended, { orientation: 8 })),
    ready('WebP of orientation 12', dressWebp(extended, { orientation: 12 })),
    ready('WebP with bytes behind', Buffer.concat([extended, Buffer.alloc(77)])),
    ready('AVIF', await drawn().avif({ effort: 0 }).toBuffer()),
    ready('AVIF of 10 bits', await drawn().avif({ effort: 0, bitdepth: 10 }).toBuffer()),
    ready('AVIF with alpha', await drawn().ensureAlpha(0.4).avif({ effort: 0 }).toBuffer()),
    ready('grey AVIF', await drawn().toColourspace('b-w').avif({ effort: 0 }).toBuffer()),
    ready('GIF', await drawn().gif().toBuffer()),
    ready('GIF with bytes behind', Buffer.concat([await drawn().gif().toBuffer(), Buffer.from('behind')])),
  ]
}

async function animations(): Promise<OddPhotograph[]> {
  const frames = await Promise.all([1, 2, 3].map((seed) => noise(40, 30, seed).png().toBuffer()))
  const film = () => sharp(frames, { join: { animated: true } })
  return [
    ready(
      'animated GIF',
      await film()
        .gif({ delay: [100, 100, 100] })
        .toBuffer(),
    ),
    ready(
      'animated WebP',
      await film()
        .webp({ delay: [100, 100, 100] })
        .toBuffer(),
    ),
    ready('animated PNG', animatedPng(frames)),
  ]
}

/** Files that are two things; only the picture may come out. */
async function polyglots(): Promise<OddPhotograph[]> {
  const zip = Buffer.concat([
    Buffer.from('PK\x03\x04'),
    Buffer.alloc(26),
    Buffer.from('PK\x05\x06'),
    Buffer.alloc(18),
  ])
  const html = Buffer.from('<html><script>alert(1)</script></html>')
  const jpeg = await drawn().jpeg().toBuffer()
  return [
    ready('GIF that is a ZIP', Buffer.concat([await drawn().gif().toBuffer(), zip])),
    ready('PNG that is a ZIP', Buffer.concat([await drawn().png().toBuffer(), zip])),
    ready(
      'JPEG with a page in a comment',
      Buffer.concat([jpeg.subarray(0, 2), jpegSegment(0xfe, html), jpeg.subarray(2)]),
    ),
    ready('JPEG with a page behind', Buffer.concat([jpeg, html])),
    fails('a page that contains a JPEG', Buffer.concat([html, jpeg]), 'media.unsupported_format'),
    fails('a ZIP', zip, 'media.unsupported_format'),
    fails('a text', textFile, 'media.unsupported_format'),
    fails('an SVG', svgWithScript, 'media.unsupported_format'),
    fails('nothing', Buffer.alloc(0), 'media.empty'),
  ]
}

async function bombs(): Promise<OddPhotograph[]> {
  // Width and height are 14 bits each behind the signature of a lossless picture.
  const webp = await quadrants(64, 64).webp({ lossless: true }).toBuffer()
  webp.writeUInt32LE((webp.readUInt32LE(21) >>> 28) * 2 ** 28 + 16_382 * (1 + 2 ** 14), 21)
  const progressive = await noise(64, 64).jpeg({ progressive: true }).toBuffer()
  return [
    fails('a PNG of 900 megapixels', pngBomb(30_000, 30_000), 'media.too_many_pixels'),
    fails(
      'a GIF that says 4,295 megapixels',
      gifSaying(await drawn().gif().toBuffer(), 65_535, 65_535),
      'media.too_many_pixels',
    ),
    fails('a WebP that says 268 megapixels', webp, 'media.too_many_pixels'),
    fails(
      'a JPEG that says 4,290 megapixels',
      jpegSaying(await drawn().jpeg().toBuffer(), 65_500, 65_500),
      'media.too_many_pixels',
    ),
    fails('a JPEG of 2,000 scans', scanBomb(progressive, 2000), 'media.corrupt'),
  ]
}

/** In parts of 64 KB, or in as many as are wanted. */
function profileSegments(profile: Buffer, parts = Math.ceil(profile.length / 65_000)): Buffer[] {
  const size = Math.ceil(profile.length / parts)
  return Array.from({ length: parts }, (_, index) => {
    const part = profile.subarray(index * size, (index + 1) * size)
    return jpegSegment(
      0xe2,
      Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([index + 1, parts]), part]),
    )
  })
}

/** What Photoshop says of the components: 0 as they are, 1 YCbCr, 2 YCCK. */
function withAdobeTransform(jpeg: Buffer, transform: 0 | 1 | 2): Buffer {
  const segment = jpegSegment(
    0xee,
    Buffer.concat([Buffer.from('Adobe'), uint16(100), Buffer.alloc(4), Buffer.from([transform])]),
  )
  const at = jpeg.indexOf(Buffer.from([0xff, 0xee]))
  const rest =
    at === -1
      ? jpeg.subarray(2)
      : Buffer.concat([jpeg.subarray(2, at), jpeg.subarray(at + 2 + jpeg.readUInt16BE(at + 2))])
  return Buffer.concat([jpeg.subarray(0, 2), segment, rest])
}

/** A directory whose next is itself. */
function circularTiff(): Buffer {
  const tiff = Buffer.from(cameraTiff(6))
  const entries = tiff.readUInt16BE(8)
  tiff.writeUInt32BE(8, 10 + entries * 12)
  return tiff
}

/** The profile of a PNG, replaced by bytes that are none. */
async function bentProfile(png: Buffer): Promise<Buffer> {
  const at = png.indexOf('iCCP') - 4
  const end = at + 12 + png.readUInt32BE(at)
  const nonsense = pngChunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), deflateSync(Buffer.alloc(500, 5))]))
  return Buffer.concat([png.subarray(0, at), nonsense, png.subarray(end)])
}

/** Frames of one size; the first is the picture of those who know no animation. */
function animatedPng(frames: readonly Buffer[]): Buffer {
  const [first] = frames
  const header = first!.subarray(0, 8 + 25)
  const [width, height] = [header.readUInt32BE(16), header.readUInt32BE(20)]
  let sequence = 0
  const control = () =>
    pngChunk(
      'fcTL',
      Buffer.concat([
        uint32(sequence++),
        uint32(width),
        uint32(height),
        Buffer.alloc(8),
        uint16(1),
        uint16(10),
        Buffer.alloc(2),
      ]),
    )
  const parts = frames.flatMap((frame, index) => {
    const data = idatOf(frame)
    const body = index === 0 ? pngChunk('IDAT', data) : undefined
    return [control(), body ?? pngChunk('fdAT', Buffer.concat([uint32(sequence++), data]))]
  })
  const animation = pngChunk('acTL', Buffer.concat([uint32(frames.length), uint32(0)]))
  return Buffer.concat([header, animation, ...parts, pngChunk('IEND', Buffer.alloc(0))])
}

function idatOf(png: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  return Buffer.concat(parts)
}
