import { AV_NOPTS_VALUE, AVERROR_EAGAIN, AVERROR_EOF, type FFDecoderCodec } from 'node-av/constants'
import { Codec, CodecContext, type FormatContext, Frame, type Packet, type Stream } from 'node-av/lib'
import { must, setOptions, startIn } from './bundled-files.ts'

export interface Decoder extends Disposable {
  readonly stream: Stream
  /** Null: what is left. Frames carry times on the stream's clock, from the file's beginning. */
  decode(packet: Packet | null): Generator<Frame>
}

/** Damaged packets are passed over, as players do: what can be seen of a file is shown. */
export function createDecoder(
  context: FormatContext,
  {
    index,
    decoder: name,
    threads,
    maxPixels,
  }: { index: number; decoder: string; threads: number; maxPixels?: number },
): Decoder {
  const stream = context.streams[index]
  const codec = Codec.findDecoderByName(name as FFDecoderCodec)
  if (!stream || !codec) throw new Error(`no stream ${index} or no decoder ${name}`)
  const decoder = new CodecContext()
  decoder.allocContext3(codec)
  must(decoder.parametersToContext(stream.codecpar), 'open a decoder')
  decoder.pktTimebase = stream.timeBase
  decoder.threadCount = threads
  if (maxPixels !== undefined) setOptions(decoder, { max_pixels: String(maxPixels) })
  must(decoder.open2Sync(codec, null), 'open a decoder')
  const frame = new Frame()
  frame.alloc()
  const start = startIn(context, stream.timeBase)
  let next = 0n

  function* receive(): Generator<Frame> {
    for (;;) {
      const code = decoder.receiveFrameSync(frame)
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return
      if (code < 0) continue
      const told = frame.bestEffortTimestamp
      frame.pts = told === AV_NOPTS_VALUE ? next : told - start
      next = frame.pts + (frame.duration > 0n ? frame.duration : 1n)
      yield frame
      frame.unref()
    }
  }

  return {
    stream,
    *decode(packet) {
      for (;;) {
        const code = decoder.sendPacketSync(packet)
        yield* receive()
        if (code !== AVERROR_EAGAIN) return
      }
    },
    [Symbol.dispose]() {
      frame.free()
      decoder.freeContext()
    },
  }
}
