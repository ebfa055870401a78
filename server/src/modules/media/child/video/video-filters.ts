import type { Region, Size } from '../picture-geometry.ts'
import type { Fraction, ProbedAudio, ProbedVideo } from './video-engine.ts'

// Filter graphs in FFmpeg's language, made of numbers and fixed words only.

const highestRate = 30.5
const lowestRate = 10
/** Rates beyond this are clocks, not pictures a second. */
const believable = 480

/**
 * A steady rate of at most 30: phones stretch and squeeze theirs, players and segments like it even. Faster
 * ones are halved until they fit, so that movement stays smooth.
 */
export function framesPerSecond({
  averageRate,
  baseRate,
}: Pick<ProbedVideo, 'averageRate' | 'baseRate'>): Fraction {
  const average = rateOf(averageRate)
  const base = rateOf(baseRate)
  const isSteady = base > 0 && base <= believable && base <= average * 1.6
  const { num, den } = isSteady ? baseRate : averageRate
  const rate = rateOf({ num, den })
  if (rate === 0 || rate > believable) return { num: 30, den: 1 }
  if (rate < lowestRate) return { num: lowestRate, den: 1 }
  const halvings = Math.max(0, Math.ceil(Math.log2(rate / highestRate)))
  return { num, den: Math.max(1, den) * 2 ** halvings }
}

export interface Shown {
  stream: ProbedVideo
  /** Upright, in square pixels. */
  source: Size
  region: Region
  /** The largest first; all of the region's shape. */
  sizes: readonly Size[]
  rest: Lengths
  /** A table of colours (.cube) that is laid over all of it. */
  look: string | undefined
}

export interface Lengths {
  picture: number | null
  sound: number | null
}

/** From decoded frames to one labelled pad for each size. */
export function pictureFilters({ stream, source, region, sizes, rest, look }: Shown): string {
  const [top] = sizes
  const { num, den } = framesPerSecond(stream)
  const isWhole = region.width === source.width && region.height === source.height
  const scale = isWhole ? 1 : top!.width / region.width
  const whole = isWhole
    ? top!
    : { width: Math.ceil(source.width * scale), height: Math.ceil(source.height * scale) }
  const left = Math.min(Math.round(region.left * scale), Math.max(0, whole.width - top!.width))
  const above = Math.min(Math.round(region.top * scale), Math.max(0, whole.height - top!.height))
  const chain = [
    ...(stream.width >= 3 && stream.height >= 3 ? ['yadif=deint=interlaced'] : []),
    ...(isStill(rest) ? stillFilm(rest, num / den) : []),
    `fps=fps=${num}/${den}:start_time=0`,
    scaleFilter(stream, whole),
    ...turns(stream.matrix),
    ...(isWhole ? [] : [`crop=${top!.width}:${top!.height}:${left}:${above}`]),
    ...(isHdr(stream) ? toneMapping(stream) : ['format=yuv420p']),
    ...(look === undefined ? [] : colors(look)),
    'setsar=1',
    ...(isStill(rest) ? [] : lastPicture(rest)),
  ].join(',')
  if (sizes.length === 1) return `${chain}[v0]`
  const rungs = sizes.slice(1).map(({ width, height }, index) => {
    return `[s${index + 1}]scale=${width}:${height}:flags=bicubic,setsar=1[v${index + 1}]`
  })
  const pads = sizes.map((_, index) => (index === 0 ? '[v0]' : `[s${index}]`)).join('')
  return `${chain},split=${sizes.length}${pads};${rungs.join(';')}`
}

const stillSeconds = 0.05

function isStill({ picture }: Lengths): boolean {
  return picture !== null && picture <= stillSeconds
}

/** A film needs more than one picture; a song needs as many as it lasts. The last one is not shown. */
function stillFilm({ sound }: Lengths, rate: number): string[] {
  const pictures = Math.max(1, Math.ceil((sound ?? 0) * rate)) + 1
  return [`loop=loop=${pictures - 1}:size=1`, `setpts=N/${rate}/TB`]
}

/** The last picture goes on as long as the sound does. */
function lastPicture({ picture, sound }: Lengths): string[] {
  if (picture === null || sound === null || sound - picture < 0.1) return []
  return [`tpad=stop_mode=clone:stop_duration=${(sound - picture).toFixed(3)}`]
}

/** Silence until the picture ends: a player waits for the missing half otherwise. */
export function soundFilters({ channels }: ProbedAudio, { picture, sound }: Lengths): string {
  const isShort = picture !== null && sound !== null && picture > sound
  return [
    'aresample=48000:async=1000:first_pts=0',
    `aformat=sample_fmts=fltp:channel_layouts=${channels === 1 ? 'mono' : 'stereo'}`,
    ...(isShort ? [`apad=whole_dur=${picture.toFixed(3)}`] : []),
    'asetnsamples=n=1024:p=0',
  ].join(',')
}

/** A voice as it was spoken: a recording whose clock jumps by hours is not filled with hours of silence. */
export const voiceFilters = [
  'asetpts=N/SR/TB',
  'aresample=48000',
  'aformat=sample_fmts=fltp:channel_layouts=mono',
  'asetnsamples=n=1024:p=0',
].join(',')

/** For looking at: plain numbers. */
export function plainSound(rate: number): string {
  return `aresample=${rate},aformat=sample_fmts=s16:channel_layouts=mono`
}

function scaleFilter(stream: ProbedVideo, upright: Size): string {
  const [a, b] = stream.matrix
  const { width, height } =
    Math.abs(b) > Math.abs(a) ? { width: upright.height, height: upright.width } : upright
  const size = `scale=${width}:${height}:flags=bicubic`
  // Tone mapping begins from what the camera wrote.
  if (isHdr(stream)) return `${size},format=yuv420p10le`
  // Files that do not say so follow the custom of their size.
  const isLarge = Math.max(stream.width, stream.height) > 1024
  const from = stream.matrixCoefficients === null ? (isLarge ? 'bt709' : 'bt601') : 'auto'
  const range = stream.isFullRange ? 'pc' : 'auto'
  return `${size}:in_color_matrix=${from}:in_range=${range}:out_color_matrix=bt709:out_range=tv`
}

/** What the display matrix asks for, in right angles and mirrors. */
function turns([a, b, c, d]: ProbedVideo['matrix']): string[] {
  if (Math.abs(b) > Math.abs(a)) {
    if (b > 0) return [c > 0 ? 'transpose=cclock_flip' : 'transpose=clock']
    return [c < 0 ? 'transpose=clock_flip' : 'transpose=cclock']
  }
  return [...(a < 0 ? ['hflip'] : []), ...(d < 0 ? ['vflip'] : [])]
}

export function isHdr({ transfer }: Pick<ProbedVideo, 'transfer'>): boolean {
  return transfer === 'smpte2084' || transfer === 'arib-std-b67'
}

/**
 * BT.2408: white of graphics is 203 nits. Mobius leaves what is darker than that nearly alone and bends what
 * is brighter, up to 1,000 nits, into what is left.
 */
const graphicsWhite = 203
const brightest = 1000 / graphicsWhite

function toneMapping({ transfer }: ProbedVideo): string[] {
  const input = `tin=${transfer}:pin=bt2020:min=2020_ncl:rin=tv`
  return [
    `zscale=${input}:t=linear:npl=${graphicsWhite}`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    `tonemap=tonemap=mobius:param=0.3:desat=0:peak=${brightest.toFixed(3)}`,
    'zscale=t=bt709:m=bt709:r=tv',
    'format=yuv420p',
  ]
}

/** Tables are made for RGB. */
function colors(path: string): string[] {
  return [
    'scale=in_color_matrix=bt709:in_range=tv',
    'format=gbrp',
    `lut3d=file=${quoted(path)}:interp=trilinear`,
    'scale=out_color_matrix=bt709:out_range=tv',
    'format=yuv420p',
  ]
}

/** Once for the option's value, once for the graph: the folder of the data may have any name. */
function quoted(path: string): string {
  return path.replaceAll(/[\\':]/g, '\\$&').replaceAll(/[\\'[\],;]/g, '\\$&')
}

function rateOf({ num, den }: Fraction): number {
  return num > 0 && den > 0 ? num / den : 0
}
