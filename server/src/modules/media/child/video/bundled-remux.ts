import { setImmediate } from 'node:timers/promises'
import { AV_NOPTS_VALUE, AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants'
import {
  BitStreamFilter,
  BitStreamFilterContext,
  type FormatContext,
  Packet,
  type Rational,
  type Stream,
} from 'node-av/lib'
import { begin, close, createSink, finish, must, openSource, packetsOf, startIn } from './bundled-files.ts'
import type { RemuxJob } from './video-engine.ts'

const breathEvery = 2_000

export async function remux(job: RemuxJob): Promise<void> {
  await using inputs = new AsyncDisposableStack()
  const sources: FormatContext[] = []
  for (const source of job.inputs) sources.push(inputs.use(await openSource(source)))
  using outputs = new DisposableStack()
  const made = job.outputs.map((output) => {
    const context = outputs.adopt(createSink(output.path, output.muxer), close)
    const copies = output.streams.map(({ input, index, bitstreamFilter }) =>
      outputs.use(createCopy(context, sources[input]!, { input, index, bitstreamFilter })),
    )
    begin(context, output.options)
    return { context, copies }
  })
  let count = 0
  for (const { input, packet } of inOrder(sources)) {
    for (const { copies } of made) {
      for (const copy of copies)
        if (copy.input === input && copy.index === packet.streamIndex) copy.write(packet)
    }
    if (++count % breathEvery === 0) await setImmediate()
  }
  for (const { context, copies } of made) {
    for (const copy of copies) copy.write(null)
    finish(context)
  }
}

/** Packets of all files by the time at which they are to be decoded, so that muxers need not hold many. */
function* inOrder(sources: readonly FormatContext[]): Generator<{ input: number; packet: Packet }> {
  const lines = sources.map((context, input) => ({ input, context, packets: packetsOf(context) }))
  const heads = lines.map((line) => ({ ...line, next: line.packets.next() }))
  const timeOf = ({ context, next }: (typeof heads)[number]) => {
    const packet = next.value as Packet
    const { num, den } = context.streams[packet.streamIndex]!.timeBase
    return packet.dts === AV_NOPTS_VALUE ? Number.NEGATIVE_INFINITY : (Number(packet.dts) * num) / den
  }
  for (;;) {
    const open = heads.filter(({ next }) => !next.done)
    const first = open.reduce<(typeof heads)[number] | undefined>(
      (best, head) => (best && timeOf(best) <= timeOf(head) ? best : head),
      undefined,
    )
    if (!first) return
    yield { input: first.input, packet: first.next.value as Packet }
    first.next = first.packets.next()
  }
}

interface Copy extends Disposable {
  readonly input: number
  readonly index: number
  write(packet: Packet | null): void
}

function createCopy(
  output: FormatContext,
  source: FormatContext,
  { input, index, bitstreamFilter }: { input: number; index: number; bitstreamFilter: string | undefined },
): Copy {
  const from = source.streams[index]
  if (!from) throw new Error(`no stream ${index}`)
  const filter = bitstreamFilter === undefined ? undefined : openFilter(bitstreamFilter, from)
  const stream = output.newStream()
  must((filter?.outputCodecParameters ?? from.codecpar).copy(stream.codecpar), 'copy a stream')
  stream.codecpar.codecTag = 0
  stream.timeBase = from.timeBase
  stream.sampleAspectRatio = from.sampleAspectRatio
  stream.avgFrameRate = from.avgFrameRate
  stream.disposition = from.disposition
  const start = startIn(source, from.timeBase)
  const packet = new Packet()
  packet.alloc()

  function put(timeBase: Rational): void {
    packet.streamIndex = stream.index
    if (packet.pts !== AV_NOPTS_VALUE) packet.pts -= start
    if (packet.dts !== AV_NOPTS_VALUE) packet.dts -= start
    packet.pos = -1n
    packet.rescaleTs(timeBase, stream.timeBase)
    must(output.interleavedWriteFrameSync(packet), 'write')
  }

  return {
    input,
    index,
    write(given) {
      if (!filter) {
        if (!given) return
        must(packet.ref(given), 'copy a packet')
        return put(from.timeBase)
      }
      if (given) must(packet.ref(given), 'copy a packet')
      must(filter.sendPacketSync(given ? packet : null), 'filter a packet')
      for (;;) {
        const code = filter.receivePacketSync(packet)
        if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return
        must(code, 'filter a packet')
        put(filter.outputTimeBase ?? from.timeBase)
      }
    },
    [Symbol.dispose]() {
      packet.free()
      filter?.free()
    },
  }
}

/** `name=key=value`, as the program takes it. */
function openFilter(description: string, from: Stream): BitStreamFilterContext {
  const [name = '', key, value] = description.split('=')
  const filter = BitStreamFilter.getByName(name)
  if (!filter) throw new Error(`no bitstream filter ${name}`)
  const context = new BitStreamFilterContext()
  must(context.alloc(filter), 'make a bitstream filter')
  must(from.codecpar.copy(context.inputCodecParameters!), 'make a bitstream filter')
  context.inputTimeBase = from.timeBase
  if (key && value) must(context.setOption(key, value), 'make a bitstream filter')
  must(context.init(), 'make a bitstream filter')
  return context
}
