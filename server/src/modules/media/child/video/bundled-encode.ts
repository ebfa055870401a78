import { setImmediate } from 'node:timers/promises'
import { Frame } from 'node-av/lib'
import { createDecoder, type Decoder } from './bundled-decoder.ts'
import { createFileEncoder, type FileEncoder, type FileEncoderOptions } from './bundled-encoder.ts'
import { openSource, packetsOf } from './bundled-files.ts'
import { createGraph, framesOf, type Graph } from './bundled-graph.ts'
import { engineError } from './engine-error.ts'
import type { EncodeJob } from './video-engine.ts'

const breathMs = 50

/** Decoder → graph → an encoder for each of its outputs. */
interface Line extends Disposable {
  readonly index: number
  decode(packet: Parameters<Decoder['decode']>[0]): void
  finish(): void
  /** Of what has been encoded. */
  seconds(): number
}

export async function encode(job: EncodeJob, onTime: (seconds: number) => void): Promise<void> {
  const { source, video, audio, threads, maxPixels, maxSeconds } = job
  await using context = await openSource(source, maxPixels)
  using lines = new DisposableStack()
  const picture = video
    ? lines.use(
        createLine(
          createDecoder(context, { ...video, threads, maxPixels }),
          video.filters,
          video.outputs.map((output) => ({ ...output, codec: 'libx264', threads })),
          maxSeconds,
        ),
      )
    : undefined
  const sound = audio
    ? lines.use(
        createLine(
          createDecoder(context, { ...audio, threads: 1 }),
          audio.filters,
          [{ path: audio.path, options: audio.options, codec: 'aac', threads: 1 }],
          maxSeconds,
        ),
      )
    : undefined
  let breathed = performance.now()
  for (const packet of packetsOf(context)) {
    if (packet.streamIndex === picture?.index) picture.decode(packet)
    else if (packet.streamIndex === sound?.index) sound.decode(packet)
    const reached = (picture ?? sound)?.seconds() ?? 0
    if (reached >= maxSeconds) break
    if (performance.now() - breathed < breathMs) continue
    onTime(reached)
    // The worker's messages, and the end of its channel, are heard in between.
    await setImmediate()
    breathed = performance.now()
  }
  picture?.finish()
  sound?.finish()
}

function createLine(
  decoder: Decoder,
  filters: string,
  outputs: readonly FileEncoderOptions[],
  maxSeconds: number,
): Line {
  const filtered = new Frame()
  filtered.alloc()
  let graph: Graph | undefined
  let encoders: FileEncoder[] = []
  let reached = 0

  function begin(frame: Frame): Graph {
    const labels = outputs.map((_, index) => `v${index}`)
    const made = createGraph(filters, labels, frame, decoder.stream.timeBase)
    encoders = outputs.map((output, index) => createFileEncoder(made.sinks[index]!, output))
    return made
  }

  function pass(frame: Frame | null): void {
    if (!graph) return
    graph.push(frame)
    for (const [index, sink] of graph.sinks.entries()) {
      for (const ready of framesOf(sink, filtered)) {
        const seconds =
          (Number(ready.pts) * sink.buffersinkGetTimeBase().num) / sink.buffersinkGetTimeBase().den
        if (seconds < maxSeconds) reached = encoders[index]!.encode(ready)
        else reached = maxSeconds
      }
    }
  }

  return {
    index: decoder.stream.index,
    seconds: () => reached,
    decode(packet) {
      for (const frame of decoder.decode(packet)) {
        graph ??= begin(frame)
        pass(frame)
      }
    },
    finish() {
      this.decode(null)
      if (!graph) throw engineError('nothing could be decoded', 'encode')
      pass(null)
      for (const encoder of encoders) encoder.finish()
    },
    [Symbol.dispose]() {
      for (const encoder of encoders) encoder[Symbol.dispose]()
      graph?.[Symbol.dispose]()
      filtered.free()
      decoder[Symbol.dispose]()
    },
  }
}
