import { AVERROR_EOF, AVFMT_FLAG_BITEXACT, AVFMT_NOFILE } from 'node-av/constants'
import {
  type CodecContext,
  type CodecParameters,
  Dictionary,
  FFmpegError,
  FormatContext,
  InputFormat,
  Packet,
  type Rational,
} from 'node-av/lib'
import { MediaError } from '../media-error.ts'
import { engineError } from './engine-error.ts'
import { decoderNames } from './video-codecs.ts'
import { mostPixels, type Options, type Source } from './video-engine.ts'

export function must(code: number, operation: string): number {
  if (code < 0) throw engineError(FFmpegError.strerror(code), operation)
  return code
}

/** Only local files, only this demuxer and these decoders, and no reference from one file to another. */
export async function openSource({ path, demuxer }: Source, maxPixels = mostPixels): Promise<FormatContext> {
  const format = InputFormat.findInputFormat(demuxer)
  if (!format) throw new Error(`no demuxer ${demuxer}`)
  const context = new FormatContext()
  using options = Dictionary.fromObject({
    protocol_whitelist: 'file',
    codec_whitelist: decoderNames.join(','),
    ...(demuxer === 'mov' ? { enable_drefs: '0', use_absolute_path: '0' } : {}),
  })
  try {
    must(context.openInputSync(`file:${path}`, format, options), 'open')
    for (const { codecpar } of context.streams) checkPixels(codecpar, maxPixels)
    must(context.findStreamInfoSync(null), 'look inside')
    return context
  } catch (error) {
    context.closeInputSync()
    throw error
  }
}

/** Of the header, before a decoder makes room for them. */
function checkPixels({ width, height }: CodecParameters, most: number): void {
  if (width * height > most) throw new MediaError('media.too_many_pixels', `${width} × ${height}`)
}

/** The file's clock begins at its earliest stream, as with the program. */
export function startOf(context: FormatContext): number {
  return Math.max(-1e9, Number(context.startTime) / 1e6) || 0
}

export function startIn(context: FormatContext, timeBase: Rational): bigint {
  return BigInt(Math.round((startOf(context) * timeBase.den) / timeBase.num))
}

/** Every packet of the file, to be looked at before the next is asked for. */
export function* packetsOf(context: FormatContext): Generator<Packet> {
  using packet = new Packet()
  packet.alloc()
  // What cannot be read any further is where a damaged file ends.
  while (context.readFrameSync(packet) >= 0) {
    yield packet
    packet.unref()
  }
}

/** Streams are added by the caller before `begin`. */
export function createSink(path: string, muxer: string): FormatContext {
  const context = new FormatContext()
  must(context.allocOutputContext2(null, muxer, muxer === 'hls' ? path : `file:${path}`), 'make a file')
  context.setFlags(AVFMT_FLAG_BITEXACT)
  return context
}

export function begin(context: FormatContext, options: Options): void {
  if (!context.oformat?.hasFlags(AVFMT_NOFILE)) must(context.openOutputSync(), 'make a file')
  setOptions(context, options)
  must(context.writeHeaderSync(null), 'begin a file')
}

/** Not as dictionaries, which the library frees a second time. */
export function setOptions(target: CodecContext | FormatContext, options: Options): void {
  for (const [name, value] of Object.entries(options)) must(target.setOption(name, value), `set ${name}`)
}

export function finish(context: FormatContext): void {
  must(context.writeTrailerSync(), 'end a file')
}

export function close(context: FormatContext): void {
  context.closeOutputSync()
  context.freeContext()
}

export function isEnd(code: number): boolean {
  return code === AVERROR_EOF
}
