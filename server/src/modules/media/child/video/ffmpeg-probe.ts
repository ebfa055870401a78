import { MediaError } from '../media-error.ts'
import type { Fraction, Probed, ProbedAudio, ProbedVideo } from './video-engine.ts'

/** What ffprobe prints as JSON: everything may be missing. */
interface Printed {
  format?: { duration?: string; start_time?: string; tags?: Record<string, string> }
  streams?: PrintedStream[]
}

interface PrintedStream {
  index: number
  codec_type?: string
  codec_name?: string
  duration?: string
  width?: number
  height?: number
  sample_aspect_ratio?: string
  avg_frame_rate?: string
  r_frame_rate?: string
  color_transfer?: string
  color_primaries?: string
  color_space?: string
  color_range?: string
  field_order?: string
  sample_rate?: string
  channels?: number
  tags?: Record<string, string>
  disposition?: { default?: number; attached_pic?: number }
  side_data_list?: { side_data_type?: string; displaymatrix?: string }[]
}

export function readProbe(text: string): Probed {
  const { format, streams = [] } = JSON.parse(text) as Printed
  if (!format) throw new MediaError('media.corrupt', 'ffprobe says nothing')
  const read = streams.map(readStream).filter((stream) => stream !== undefined)
  const ofVideo = streams.find((stream) => stream.codec_type === 'video')?.tags
  return {
    durationSeconds: seconds(format.duration),
    startSeconds: Math.max(0, Number(format.start_time) || 0),
    tags: lowerNames({ ...ofVideo, ...format.tags }),
    streams: read,
  }
}

export function lowerNames(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]))
}

function readStream(stream: PrintedStream): ProbedVideo | ProbedAudio | undefined {
  const common = {
    index: stream.index,
    codec: stream.codec_name ?? '',
    isDefault: stream.disposition?.default === 1,
    durationSeconds: seconds(stream.duration) ?? clockSeconds(lowerNames(stream.tags ?? {}).duration),
  }
  if (stream.codec_type === 'audio') {
    const { sample_rate: rate, channels = 0 } = stream
    return { ...common, kind: 'audio', sampleRate: Number(rate ?? 0), channels }
  }
  if (stream.codec_type !== 'video') return undefined
  return {
    ...common,
    kind: 'video',
    isAttachedPicture: stream.disposition?.attached_pic === 1,
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    pixelAspect: fraction(stream.sample_aspect_ratio, ':'),
    matrix: matrixOf(stream),
    averageRate: fraction(stream.avg_frame_rate, '/'),
    baseRate: fraction(stream.r_frame_rate, '/'),
    transfer: known(stream.color_transfer),
    primaries: known(stream.color_primaries),
    matrixCoefficients: known(stream.color_space),
    isFullRange: stream.color_range === 'pc',
    isInterlaced: /^(?:tt|bb|tb|bt)$/.test(stream.field_order ?? ''),
  }
}

function matrixOf({ side_data_list: sideData = [] }: PrintedStream): ProbedVideo['matrix'] {
  const printed = sideData.find(({ displaymatrix }) => displaymatrix !== undefined)?.displaymatrix
  const rows = [...(printed ?? '').matchAll(/^[0-9a-f]+:((?:\s+-?\d+){3})/gm)]
  const numbers = rows.flatMap(([, row = '']) => row.trim().split(/\s+/).map(Number))
  const [a = 1, b = 0, , c = 0, d = 1] = numbers
  return [a, b, c, d]
}

function seconds(text: string | undefined): number | null {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : null
}

/** Matroska tells a track's length as `00:01:02.345000000`. */
export function clockSeconds(text: string | undefined): number | null {
  const parts = /^(\d+):(\d+):([\d.]+)$/.exec(text ?? '')
  if (!parts) return null
  return Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]) || null
}

function fraction(text: string | undefined, by: string): Fraction {
  const [num = 0, den = 0] = (text ?? '').split(by).map(Number)
  return { num, den }
}

function known(name: string | undefined): string | null {
  return name === undefined || name === 'unknown' || name === 'reserved' ? null : name
}
