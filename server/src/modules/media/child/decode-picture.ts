import type { Sharp } from 'sharp'
import { insertJpegProfile, insertPngProfile } from './color-profile.ts'
import { openHeic } from './decode-heic.ts'
import { MediaError } from './media-error.ts'
import { type Region, type Size, scaled, uprightSize } from './picture-geometry.ts'
import { type PhotoFormat, photoLimits } from './protocol.ts'
import { sharp } from './sharp-rules.ts'
import { sniffFormat } from './sniff-format.ts'

export interface RawPicture extends Size {
  data: Buffer
  channels: 1 | 2 | 3 | 4
}

export interface Decoded {
  raw: RawPicture
  /** All of the stored pixels, small: what the picture is, however it was cut. */
  whole: RawPicture
}

/** A master whose header has been read and found within the limits; no pixel is decoded yet. */
export interface Picture {
  format: PhotoFormat
  stored: Size
  upright: Size
  /** EXIF orientation 1–8; 1 where the container has already turned the pixels. */
  orientation: number
  /** TIFF block. */
  exif: Buffer | undefined
  xmp: Buffer | undefined
  /** Decodes a region of the stored pixels to a size: 8-bit sRGB. */
  decode(region: Region, size: Size): Promise<Decoded>
  /** All pixels, upright, coded anew with the picture's own colour profile and nothing else. */
  encodeFull(format: FullFormat): Promise<Buffer>
  dispose(): void
}

export type FullFormat = 'jpeg' | 'png' | 'webp'

const fullQuality = 92

export async function openPicture(bytes: Buffer): Promise<Picture> {
  if (bytes.length > photoLimits.maxBytes) throw new MediaError('media.too_large')
  const format = sniffFormat(bytes)
  return format === 'heic' ? openHeicPicture(bytes) : openSharpPicture(bytes, format)
}

async function openSharpPicture(bytes: Buffer, format: Exclude<PhotoFormat, 'heic'>): Promise<Picture> {
  const header = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata()
  const stored = { width: header.width, height: header.height }
  checkPixels(format, stored)
  const load = () => sharp(bytes, { limitInputPixels: photoLimits.maxPixels[format], failOn: 'error' })
  // sharp brings 16-bit pixels with a profile to P3, and takes them on to sRGB only when told so.
  const isDeepWithProfile = header.space === 'rgb16' && header.hasProfile === true
  const loadSrgb = () => (isDeepWithProfile ? load().withIccProfile('srgb') : load())
  // libheif turns AVIF pixels by the container's own rotation, beside which EXIF's has no say.
  const orientation = format === 'avif' ? 1 : (header.orientation ?? 1)
  return {
    format,
    stored,
    upright: uprightSize(stored, orientation),
    orientation,
    exif: header.exif && tiffBlock(header.exif),
    xmp: header.xmp,
    decode: (region, size) => shrink(loadSrgb, stored, region, size),
    encodeFull: (target) => {
      const upright = (orientation === 1 ? load() : load().autoOrient()).keepIccProfile()
      return encode(target === 'jpeg' ? upright.flatten({ background: '#fff' }) : upright, target)
    },
    dispose: () => {},
  }
}

async function openHeicPicture(bytes: Buffer): Promise<Picture> {
  const heic = await openHeic(bytes)
  const stored = { width: heic.width, height: heic.height }
  try {
    checkPixels('heic', stored)
  } catch (error) {
    heic.dispose()
    throw error
  }
  let decoded: ReturnType<typeof heic.decode> | undefined
  const load = () => {
    decoded ??= heic.decode()
    const { data, width, height } = decoded
    if (width !== stored.width || height !== stored.height) {
      throw new MediaError('media.corrupt', `heic: ${width}×${height} decoded`)
    }
    return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: photoLimits.maxPixels.heic })
  }
  const profile = async () => heic.icc ?? (heic.isDisplayP3 ? await displayP3Profile() : undefined)
  return {
    format: 'heic',
    stored,
    upright: stored,
    orientation: 1,
    exif: heic.exif,
    // Phones write EXIF beside it.
    xmp: undefined,
    decode: async (region, size) => {
      const { raw, whole } = await shrink(load, stored, region, size)
      return { raw: await toSrgb(raw, await profile()), whole: await toSrgb(whole, await profile()) }
    },
    encodeFull: async () => encodeJpegWithProfile(load(), await profile()),
    dispose: heic.dispose,
  }
}

function checkPixels(format: PhotoFormat, { width, height }: Size): void {
  if (width * height > photoLimits.maxPixels[format]) {
    throw new MediaError('media.too_many_pixels', `${format} ${width}×${height}`)
  }
}

/** Longest side of the small whole. */
const wholeSide = 64
/** Wholes of up to this are kept beside what is cut from them; of larger ones the small one is decoded by itself. */
const keptPixels = 4e6

/**
 * The whole picture is resized first and the region cut from the result, in stored orientation: an extract or
 * a rotation in front of the resize would cost JPEG its shrink-on-load (three times the CPU at 12 megapixels).
 */
async function shrink(load: () => Sharp, stored: Size, region: Region, size: Size): Promise<Decoded> {
  const scaleX = size.width / region.width
  const scaleY = size.height / region.height
  const whole = {
    width: Math.max(size.width, Math.round(stored.width * scaleX)),
    height: Math.max(size.height, Math.round(stored.height * scaleY)),
  }
  const area = {
    left: Math.min(Math.round(region.left * scaleX), whole.width - size.width),
    top: Math.min(Math.round(region.top * scaleY), whole.height - size.height),
    ...size,
  }
  if (whole.width * whole.height <= keptPixels) {
    const all = await rawOf(fitted(load(), stored, whole))
    return { raw: cut(all, area), whole: await rawOf(fitted(sharpOf(all), whole, smallSize(whole))) }
  }
  return {
    raw: await rawOf(fitted(load(), stored, whole).extract(area)),
    whole: await rawOf(fitted(load(), stored, smallSize(stored))),
  }
}

function fitted(input: Sharp, from: Size, to: Size): Sharp {
  const isSame = from.width === to.width && from.height === to.height
  return (isSame ? input : input.resize({ ...to, fit: 'fill' })).toColourspace('srgb')
}

function smallSize(size: Size): Size {
  return scaled(size, Math.min(1, wholeSide / Math.max(size.width, size.height)))
}

function cut(raw: RawPicture, { left, top, width, height }: Region): RawPicture {
  const { data, channels } = raw
  if (width === raw.width && height === raw.height) return raw
  const rows = Array.from({ length: height }, (_, y) => {
    const start = ((top + y) * raw.width + left) * channels
    return data.subarray(start, start + width * channels)
  })
  return { data: Buffer.concat(rows), width, height, channels }
}

export async function rawOf(input: Sharp): Promise<RawPicture> {
  const { data, info } = await input.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: info.channels as RawPicture['channels'] }
}

export function sharpOf(raw: RawPicture): Sharp {
  const { width, height, channels } = raw
  return sharp(raw.data, { raw: { width, height, channels } })
}

/** sharp takes no profile beside raw pixels, so they travel through an uncompressed PNG that carries it. */
async function toSrgb(raw: RawPicture, profile: Buffer | undefined): Promise<RawPicture> {
  if (!profile) return raw
  const png = await sharpOf(raw).png({ compressionLevel: 0 }).toBuffer()
  return rawOf(sharp(insertPngProfile(png, profile)).toColourspace('srgb'))
}

async function encodeJpegWithProfile(input: Sharp, profile: Buffer | undefined): Promise<Buffer> {
  const jpeg = await encode(input, 'jpeg')
  return profile ? insertJpegProfile(jpeg, profile) : jpeg
}

function encode(input: Sharp, format: FullFormat): Promise<Buffer> {
  if (format === 'png') return input.png().toBuffer()
  return input.toFormat(format, { quality: fullQuality }).toBuffer()
}

async function displayP3Profile(): Promise<Buffer | undefined> {
  const dot = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
  const jpeg = await dot.withIccProfile('p3').jpeg().toBuffer()
  return (await sharp(jpeg).metadata()).icc
}

/** libvips gives a JPEG's EXIF with its `Exif\0\0` prefix and other formats' without. */
function tiffBlock(exif: Buffer): Buffer {
  return exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif
}
