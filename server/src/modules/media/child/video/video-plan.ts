import { MediaError } from '../media-error.ts'
import { type Framing, planRegion, type Region, type Size } from '../picture-geometry.ts'
import type { FilmPurpose, VideoLimits } from '../protocol.ts'
import { audioDecoders, decoderFor, videoDecoders } from './video-codecs.ts'
import type { Demuxer, Options, Probed, ProbedAudio, ProbedVideo } from './video-engine.ts'
import { pictureFilters, soundFilters } from './video-filters.ts'

export interface Wishes {
  demuxer: Demuxer
  limits: VideoLimits
  framing: Framing & { purpose: FilmPurpose }
  /** Path of a table of colours. */
  look: string | undefined
}

export interface Rendition extends Size {
  /** Bare beginning of its files' names. */
  name: string
  options: Options
}

export interface VideoPlan {
  video: { index: number; decoder: string; filters: string }
  audio: { index: number; decoder: string; filters: string; options: Options } | null
  /** The largest first. */
  renditions: Rendition[]
  /** Upright, in square pixels. */
  source: Size
  /** What the file says; null when it does not. */
  seconds: number | null
}

const shortSides = [720, 480, 240]
/** Phones stop a picture or two after the minute is full. */
export const toleranceSeconds = 0.5
/** A rung that is nearly as large as the one above costs a third more work and helps nobody. */
const closestRung = 0.8
/** Bits a second for 1280 × 720; smaller ones in proportion to their pixels, but fewer pixels need more each. */
const fullRate = 3_000_000
const lowestRate = 150_000
const fullArea = 1280 * 720
const bt709: Options = {
  colorspace: 'bt709',
  color_primaries: 'bt709',
  color_trc: 'bt709',
  color_range: 'tv',
}

export function planVideo(
  probed: Probed,
  decoders: readonly string[],
  { demuxer, limits, framing, look }: Wishes,
): VideoPlan {
  const { stream, decoder } = choosePicture(probed, decoders)
  checkSize(stream, limits)
  const seconds = secondsOf(probed, stream, demuxer)
  if (seconds !== null && seconds > limits.maxSeconds + toleranceSeconds) {
    throw new MediaError('media.too_long', `${Math.round(seconds)} s`)
  }
  if (seconds !== null) requireLength(framing.purpose, seconds)
  const source = uprightSize(stream)
  const { region } = planRegion(source, framing)
  const renditions = framing.purpose === 'media' ? planRenditions(region) : [planForPhones(region)]
  const sound = chooseSound(probed, decoders)
  const rest = { picture: stream.durationSeconds, sound: sound?.stream.durationSeconds ?? null }
  const shown = { stream, source, region, sizes: renditions, rest, look }
  return {
    video: { index: stream.index, decoder, filters: pictureFilters(shown) },
    audio: sound && {
      index: sound.stream.index,
      decoder: sound.decoder,
      filters: soundFilters(sound.stream, rest),
      options: { b: sound.stream.channels === 1 ? '96k' : '128k' },
    },
    renditions,
    source,
    seconds,
  }
}

/** A post of one picture is shown as long as somebody looks; a Story goes on when it is over. */
export const shortestSeconds = 0.1

export function requireLength(purpose: FilmPurpose, seconds: number): void {
  if (purpose !== 'media' && seconds < shortestSeconds)
    throw new MediaError('media.too_short', `${seconds} s`)
}

/** Everything of the picture that its owner chose to record, as one film of high quality. */
export function planOriginal(
  probed: Probed,
  decoders: readonly string[],
): Pick<VideoPlan, 'video' | 'audio'> & { rendition: Rendition } {
  const { stream, decoder } = choosePicture(probed, decoders)
  const source = uprightSize(stream)
  const region = { left: 0, top: 0, ...source }
  const size = evenSize(region, 1)
  const sound = chooseSound(probed, decoders)
  const rest = { picture: stream.durationSeconds, sound: sound?.stream.durationSeconds ?? null }
  const shown = { stream, source, region, sizes: [size], rest, look: undefined }
  return {
    video: { index: stream.index, decoder, filters: pictureFilters(shown) },
    audio: sound && {
      index: sound.stream.index,
      decoder: sound.decoder,
      filters: soundFilters(sound.stream, rest),
      options: { b: '256k' },
    },
    rendition: { name: 'original', ...size, options: { ...bt709, preset: 'veryfast', crf: '16' } },
  }
}

function choosePicture(
  { streams }: Probed,
  decoders: readonly string[],
): { stream: ProbedVideo; decoder: string } {
  const pictures = streams.filter((stream) => stream.kind === 'video').filter((one) => !one.isAttachedPicture)
  const readable = pictures.flatMap((stream) => {
    const decoder = decoderFor(stream.codec, videoDecoders, decoders)
    return decoder ? [{ stream, decoder }] : []
  })
  readable.sort(
    (a, b) =>
      Number(b.stream.isDefault) - Number(a.stream.isDefault) ||
      b.stream.width * b.stream.height - a.stream.width * a.stream.height,
  )
  const [best] = readable
  if (best) return best
  if (pictures.length > 0) {
    throw new MediaError('media.unsupported_format', `video is ${pictures.map(({ codec }) => codec).join()}`)
  }
  throw new MediaError(streams.length > 0 ? 'media.no_video' : 'media.corrupt', 'no video stream')
}

/** In Hz, twice what the finest recorders write. A resampler's memory grows with the rate that a file claims. */
const mostSampleRate = 768_000

/** The track that players would choose; one that nobody can read is as good as none. */
export function chooseSound(
  { streams }: Probed,
  decoders: readonly string[],
): { stream: ProbedAudio; decoder: string } | null {
  const readable = streams
    .filter((stream) => stream.kind === 'audio')
    .flatMap((stream) => {
      const decoder = decoderFor(stream.codec, audioDecoders, decoders)
      const isPlayable = stream.channels > 0 && stream.sampleRate > 0 && stream.sampleRate <= mostSampleRate
      return decoder && isPlayable ? [{ stream, decoder }] : []
    })
  return readable.find(({ stream }) => stream.isDefault) ?? readable[0] ?? null
}

function checkSize({ width, height }: ProbedVideo, { maxPixels }: VideoLimits): void {
  if (width < 1 || height < 1) throw new MediaError('media.corrupt', 'a picture without a size')
  if (width * height > maxPixels) throw new MediaError('media.too_many_pixels', `${width} × ${height}`)
}

function secondsOf(
  { durationSeconds, startSeconds }: Probed,
  stream: ProbedVideo,
  demuxer: Demuxer,
): number | null {
  if (durationSeconds === null && stream.durationSeconds === null) return null
  const told = Math.max(durationSeconds ?? 0, stream.durationSeconds ?? 0)
  // Matroska counts from zero to the end, wherever the first picture stands.
  return demuxer === 'matroska' && told > startSeconds ? told - startSeconds : told
}

function uprightSize({ width, height, pixelAspect, matrix }: ProbedVideo): Size {
  const { num, den } = pixelAspect
  const aspect = num > 0 && den > 0 ? num / den : 1
  // Wide pixels widen; narrow ones heighten, so that none of the stored lines is lost.
  const stored = {
    width: Math.max(1, Math.round(aspect >= 1 ? width * Math.min(aspect, 10) : width)),
    height: Math.max(1, Math.round(aspect < 1 ? height / Math.max(aspect, 0.1) : height)),
  }
  return isTransposed(matrix) ? { width: stored.height, height: stored.width } : stored
}

export function isTransposed([a, b]: ProbedVideo['matrix']): boolean {
  return Math.abs(b) > Math.abs(a)
}

function planRenditions(region: Region): Rendition[] {
  const short = Math.min(region.width, region.height)
  const top = Math.min(short, shortSides[0]!)
  const sides = [top, ...shortSides.filter((side) => side <= top * closestRung)]
  return sides.map((side) => {
    const size = evenSize(region, side / short)
    return { name: `${Math.round(side)}p`, ...size, options: encoderOptions(size) }
  })
}

/** Held upright, on a network of the day: one film, which begins at once. Constant quality under a ceiling. */
function planForPhones(region: Region): Rendition {
  const [short, long] = [Math.min(region.width, region.height), Math.max(region.width, region.height)]
  const size = evenSize(region, Math.min(1, phone.short / short, phone.long / long))
  return { name: '720p', ...size, options: phoneOptions }
}

const phone = { short: 720, long: 1280 }
const phoneOptions: Options = {
  preset: 'veryfast',
  // What the chips of old phones decode too.
  profile: 'main',
  level: '3.1',
  crf: '25',
  maxrate: '2000000',
  bufsize: '4000000',
  ...bt709,
}

/** H.264 halves the resolution of colour. */
function evenSize({ width, height }: Size, scale: number): Size {
  const even = (side: number) => Math.max(2, 2 * Math.floor((side * scale) / 2 + 1e-6))
  return { width: even(width), height: even(height) }
}

/**
 * Constant quality under a ceiling: with a buffer of two seconds, no two seconds are more than 12 Mbit, so
 * that a segment stays under 2 MB.
 */
function encoderOptions({ width, height }: Size): Options {
  const share = Math.min(1, ((width * height) / fullArea) ** 0.8)
  const rate = Math.max(lowestRate, Math.round(fullRate * share))
  return {
    preset: 'veryfast',
    profile: 'high',
    crf: '23',
    maxrate: String(rate),
    bufsize: String(2 * rate),
    ...bt709,
  }
}
