import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_DISPOSITION_DEFAULT,
  AV_LOG_QUIET,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_GLOBALHEADER,
  AVFMT_NOFILE,
  type AVPixelFormat,
  type AVSampleFormat,
  type FFEncoderCodec,
} from 'node-av/constants'
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  type FilterContext,
  FilterGraph,
  FormatContext,
  Frame,
  Log,
  Packet,
  type Stream,
} from 'node-av/lib'

/** A stream drawn or sounded by FFmpeg's own sources. */
export interface MadeStream {
  /** As `testsrc2=s=320x180:r=30:d=2,format=yuv420p` or `sine=f=440:r=48000:d=2`. */
  graph: string
  codec: string
  options?: Record<string, string>
  isDefault?: boolean
}

export interface MadeVideo {
  path: string
  muxer: 'mp4' | 'mov' | 'webm' | 'matroska' | 'ogg' | 'wav'
  streams: MadeStream[]
  /** Degrees clockwise that a player turns the first stream by, or a whole display matrix. */
  turn?: 90 | 180 | 270 | 'mirrored'
  muxerOptions?: Record<string, string>
  tags?: Record<string, string>
}

Log.setLevel(AV_LOG_QUIET)
// The AV1 encoder talks by itself.
process.env.SVT_LOG = '0'

/** Makes a small file with nothing but the libraries that are installed anyway. */
export async function makeVideo({
  path,
  muxer,
  streams,
  turn,
  muxerOptions = {},
  tags,
}: MadeVideo): Promise<void> {
  const output = new FormatContext()
  must(output.allocOutputContext2(null, muxer, path))
  const lines = streams.map((made) => openLine(output, made))
  if (turn) must(lines[0]!.stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrixOf(turn)))
  if (tags) output.metadata = Dictionary.fromObject(tags)
  for (const [name, value] of Object.entries(muxerOptions)) must(output.setOption(name, value))
  if (!output.oformat!.hasFlags(AVFMT_NOFILE)) must(output.openOutputSync())
  must(output.writeHeaderSync(null))
  // In turns, so that the muxer has to hold little.
  const open = new Set(lines)
  while (open.size > 0) {
    const behind = [...open].reduce((a, b) => (a.seconds() <= b.seconds() ? a : b))
    if (!behind.step()) open.delete(behind)
  }
  must(output.writeTrailerSync())
  for (const line of lines) line.close()
  output.closeOutputSync()
  output.freeContext()
}

function must(code: number): void {
  FFmpegError.throwIfError(code, 'making a video')
}

function matrixOf(turn: NonNullable<MadeVideo['turn']>): Buffer {
  const one = 65_536
  const corners = {
    90: [0, one, -one, 0],
    180: [-one, 0, 0, -one],
    270: [0, -one, one, 0],
    mirrored: [-one, 0, 0, one],
  }
  const [a = 0, b = 0, c = 0, d = 0] = corners[turn]
  const matrix = Buffer.alloc(36)
  for (const [at, value] of [a, b, 0, c, d, 0, 0, 0, 1 << 30].entries()) matrix.writeInt32LE(value, at * 4)
  return matrix
}

interface Line {
  stream: Stream
  seconds(): number
  /** False when the stream has ended. */
  step(): boolean
  close(): void
}

function openLine(output: FormatContext, made: MadeStream): Line {
  const codec = Codec.findEncoderByName(made.codec as FFEncoderCodec)
  if (!codec) throw new Error(`no encoder ${made.codec}`)
  const encoder = new CodecContext()
  encoder.allocContext3(codec)
  const isVideo = codec.type === 0
  const graph = new FilterGraph()
  graph.alloc()
  const sinkName = isVideo ? 'buffersink' : 'abuffersink'
  must(graph.parsePtr(`${made.graph},${sinkName}@out`, null, null))
  must(graph.configSync())
  const sink = graph.getFilter(`${sinkName}@out`)!
  if (isVideo) setUpVideo(encoder, sink)
  else setUpAudio(encoder, sink)
  if (output.oformat!.hasFlags(AVFMT_GLOBALHEADER)) encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
  encoder.threadCount = 2
  for (const [name, value] of Object.entries(made.options ?? {})) must(encoder.setOption(name, value))
  must(encoder.setOption('strict', 'experimental'))
  must(encoder.open2Sync(codec, null))
  const stream = output.newStream()
  must(stream.codecpar.fromContext(encoder))
  stream.timeBase = encoder.timeBase
  if (isVideo) stream.sampleAspectRatio = encoder.sampleAspectRatio
  if (made.isDefault) stream.setDisposition(AV_DISPOSITION_DEFAULT)
  const frame = new Frame()
  frame.alloc()
  const packet = new Packet()
  packet.alloc()
  let reached = 0

  function drain(): void {
    for (;;) {
      const code = encoder.receivePacketSync(packet)
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return
      must(code)
      packet.streamIndex = stream.index
      if (packet.duration === 0n && isVideo) packet.duration = lengthOf(encoder)
      packet.rescaleTs(encoder.timeBase, stream.timeBase)
      must(output.interleavedWriteFrameSync(packet))
    }
  }

  return {
    stream,
    seconds: () => reached,
    step() {
      const code = sink.buffersinkGetFrameSync(frame)
      if (code === AVERROR_EOF) {
        must(encoder.sendFrameSync(null))
        drain()
        return false
      }
      must(code)
      reached = (Number(frame.pts) * encoder.timeBase.num) / encoder.timeBase.den
      frame.pictType = 0 as Frame['pictType']
      must(encoder.sendFrameSync(frame))
      frame.unref()
      drain()
      return true
    },
    close() {
      frame.free()
      packet.free()
      encoder.freeContext()
      graph.free()
    },
  }
}

/** Of one picture, in ticks of the encoder. */
function lengthOf({ timeBase, framerate }: CodecContext): bigint {
  return BigInt(Math.max(1, Math.round((timeBase.den * framerate.den) / (timeBase.num * framerate.num))))
}

function setUpVideo(encoder: CodecContext, sink: FilterContext): void {
  encoder.timeBase = sink.buffersinkGetTimeBase()
  encoder.width = sink.buffersinkGetWidth()
  encoder.height = sink.buffersinkGetHeight()
  encoder.pixelFormat = sink.buffersinkGetFormat() as AVPixelFormat
  encoder.framerate = sink.buffersinkGetFrameRate()
  encoder.sampleAspectRatio = sink.buffersinkGetSampleAspectRatio()
}

function setUpAudio(encoder: CodecContext, sink: FilterContext): void {
  encoder.timeBase = sink.buffersinkGetTimeBase()
  encoder.sampleRate = sink.buffersinkGetSampleRate()
  encoder.sampleFormat = sink.buffersinkGetFormat() as AVSampleFormat
  encoder.channelLayout = sink.buffersinkGetChannelLayout()
}
