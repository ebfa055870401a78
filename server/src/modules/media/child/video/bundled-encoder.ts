import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  type AVPixelFormat,
  type AVSampleFormat,
  type FFEncoderCodec,
} from 'node-av/constants'
import { Codec, CodecContext, type FilterContext, type Frame, Packet } from 'node-av/lib'
import { begin, close, createSink, finish, must, setOptions } from './bundled-files.ts'
import { keyframeSeconds, type Options } from './video-engine.ts'

/** One stream, encoded into an MP4 of its own. */
export interface FileEncoder extends Disposable {
  /** The frame's time in seconds. */
  encode(frame: Frame): number
  finish(): void
}

export interface FileEncoderOptions {
  path: string
  codec: 'libx264' | 'aac'
  options: Options
  threads: number
}

export function createFileEncoder(sink: FilterContext, file: FileEncoderOptions): FileEncoder {
  const codec = Codec.findEncoderByName(file.codec as FFEncoderCodec)
  if (!codec) throw new Error(`no encoder ${file.codec}`)
  const isVideo = file.codec === 'libx264'
  const encoder = openEncoder(codec, sink, file)
  const output = createSink(file.path, 'mp4')
  const stream = output.newStream()
  must(stream.codecpar.fromContext(encoder), 'begin a file')
  stream.timeBase = encoder.timeBase
  begin(output, {})
  const packet = new Packet()
  packet.alloc()
  const { num, den } = encoder.timeBase
  let keyframes = 0

  function write(frame: Frame | null): void {
    must(encoder.sendFrameSync(frame), 'encode')
    for (;;) {
      const code = encoder.receivePacketSync(packet)
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return
      must(code, 'encode')
      packet.streamIndex = 0
      // The last one has no successor to tell how long it is seen.
      if (isVideo && packet.duration === 0n) packet.duration = 1n
      packet.rescaleTs(encoder.timeBase, stream.timeBase)
      must(output.interleavedWriteFrameSync(packet), 'write')
    }
  }

  return {
    encode(frame) {
      const seconds = (Number(frame.pts) * num) / den
      if (isVideo) {
        const isDue = seconds >= keyframes * keyframeSeconds
        frame.pictType = isDue ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        if (isDue) keyframes += 1
      }
      write(frame)
      return seconds
    },
    finish() {
      write(null)
      finish(output)
    },
    [Symbol.dispose]() {
      packet.free()
      encoder.freeContext()
      close(output)
    },
  }
}

function openEncoder(
  codec: Codec,
  sink: FilterContext,
  { codec: name, options, threads }: FileEncoderOptions,
): CodecContext {
  const encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.timeBase = sink.buffersinkGetTimeBase()
  if (name === 'libx264') {
    encoder.width = sink.buffersinkGetWidth()
    encoder.height = sink.buffersinkGetHeight()
    encoder.pixelFormat = sink.buffersinkGetFormat() as AVPixelFormat
    encoder.framerate = sink.buffersinkGetFrameRate()
    encoder.sampleAspectRatio = sink.buffersinkGetSampleAspectRatio()
    encoder.threadCount = threads
  } else {
    encoder.sampleRate = sink.buffersinkGetSampleRate()
    encoder.sampleFormat = sink.buffersinkGetFormat() as AVSampleFormat
    encoder.channelLayout = sink.buffersinkGetChannelLayout()
  }
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_BITEXACT)
  setOptions(encoder, options)
  must(encoder.open2Sync(codec, null), 'open an encoder')
  return encoder
}
