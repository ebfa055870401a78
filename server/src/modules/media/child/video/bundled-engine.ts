import * as constants from 'node-av/constants'
import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
} from 'node-av/constants'
import {
  avGetCodecName,
  Codec,
  Filter,
  type FormatContext,
  Frame,
  getFFmpegInfo,
  InputFormat,
  Log,
  type Stream,
} from 'node-av/lib'
import { createDecoder } from './bundled-decoder.ts'
import { encode } from './bundled-encode.ts'
import { openSource, packetsOf, startOf } from './bundled-files.ts'
import { createGraph, framesOf, type Graph } from './bundled-graph.ts'
import { remux } from './bundled-remux.ts'
import { clockSeconds, lowerNames } from './ffmpeg-probe.ts'
import { needed } from './video-codecs.ts'
import type { FramesJob, Probed, ProbedAudio, ProbedVideo, SamplesJob, VideoEngine } from './video-engine.ts'
import { plainSound } from './video-filters.ts'

/** FFmpeg as a library, which npm brings along: for machines that have no FFmpeg, or an old one. */
export function createBundledEngine(): VideoEngine {
  Log.setLevel(AV_LOG_QUIET)
  return {
    async facts() {
      const codecs = Codec.getCodecList()
      const named = (list: { name: string | null }[]) => list.flatMap(({ name }) => name ?? [])
      return {
        name: 'bundled',
        version: getFFmpegInfo().version,
        demuxers: needed.demuxers.filter((name) => InputFormat.findInputFormat(name)),
        decoders: named(codecs.filter((codec) => codec.isDecoder())),
        encoders: named(codecs.filter((codec) => codec.isEncoder())),
        filters: named(Filter.getList()),
      }
    },
    async probe(source, maxPixels) {
      await using context = await openSource(source, maxPixels)
      return probedOf(context)
    },
    async measure(source, index) {
      await using context = await openSource(source)
      let seconds = 0
      for (const packet of packetsOf(context)) {
        if (packet.streamIndex !== index || packet.pts === AV_NOPTS_VALUE) continue
        const { timeBase } = context.streams[index]!
        const end = (Number(packet.pts + packet.duration) * timeBase.num) / timeBase.den - startOf(context)
        seconds = Math.max(seconds, end)
      }
      return seconds
    },
    encode,
    remux,
    frames: readFrames,
    samples: readSamples,
  }
}

function probedOf(context: FormatContext): Probed {
  const streams = context.streams.map(probedStream).filter((stream) => stream !== undefined)
  const video = context.streams.find(({ codecpar }) => codecpar.codecType === constants.AVMEDIA_TYPE_VIDEO)
  return {
    durationSeconds: positive(Number(context.duration) / 1e6),
    startSeconds: Math.max(0, startOf(context)),
    tags: lowerNames({ ...video?.metadata?.getAll(), ...context.metadata?.getAll() }),
    streams,
  }
}

function probedStream(stream: Stream): ProbedVideo | ProbedAudio | undefined {
  const { codecpar, timeBase, duration } = stream
  const told = duration === AV_NOPTS_VALUE ? null : positive((Number(duration) * timeBase.num) / timeBase.den)
  const common = {
    index: stream.index,
    codec: avGetCodecName(codecpar.codecId) ?? '',
    isDefault: stream.hasDisposition(AV_DISPOSITION_DEFAULT),
    durationSeconds: told ?? clockSeconds(lowerNames(stream.metadata?.getAll() ?? {}).duration),
  }
  if (codecpar.codecType === constants.AVMEDIA_TYPE_AUDIO) {
    return { ...common, kind: 'audio', sampleRate: codecpar.sampleRate, channels: codecpar.channels }
  }
  if (codecpar.codecType !== constants.AVMEDIA_TYPE_VIDEO) return undefined
  const aspect = stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : codecpar.sampleAspectRatio
  return {
    ...common,
    kind: 'video',
    isAttachedPicture: stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC),
    width: codecpar.width,
    height: codecpar.height,
    pixelAspect: { num: aspect.num, den: aspect.den },
    matrix: matrixOf(codecpar.getCodedSideData(constants.AV_PKT_DATA_DISPLAYMATRIX)),
    averageRate: { num: stream.avgFrameRate.num, den: stream.avgFrameRate.den },
    baseRate: { num: stream.rFrameRate.num, den: stream.rFrameRate.den },
    transfer: transfers.get(codecpar.colorTrc) ?? null,
    primaries: primaries.get(codecpar.colorPrimaries) ?? null,
    matrixCoefficients: coefficients.get(codecpar.colorSpace) ?? null,
    isFullRange: codecpar.colorRange === constants.AVCOL_RANGE_JPEG,
    isInterlaced: false,
  }
}

// The names that the program prints, of what the plan distinguishes.
const transfers = new Map<number, string>([
  [constants.AVCOL_TRC_BT709, 'bt709'],
  [constants.AVCOL_TRC_SMPTE2084, 'smpte2084'],
  [constants.AVCOL_TRC_ARIB_STD_B67, 'arib-std-b67'],
])
const primaries = new Map<number, string>([
  [constants.AVCOL_PRI_BT709, 'bt709'],
  [constants.AVCOL_PRI_BT2020, 'bt2020'],
])
const coefficients = new Map<number, string>([
  [constants.AVCOL_SPC_BT709, 'bt709'],
  [constants.AVCOL_SPC_BT2020_NCL, 'bt2020nc'],
  [constants.AVCOL_SPC_BT470BG, 'bt470bg'],
  [constants.AVCOL_SPC_SMPTE170M, 'smpte170m'],
])

function matrixOf(sideData: Buffer | null): ProbedVideo['matrix'] {
  if (!sideData || sideData.length < 36) return [1, 0, 0, 1]
  return [
    sideData.readInt32LE(0),
    sideData.readInt32LE(4),
    sideData.readInt32LE(12),
    sideData.readInt32LE(16),
  ]
}

function positive(seconds: number): number | null {
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null
}

async function readFrames(
  { source, index, decoder: name, filters }: FramesJob,
  onFrame: (pixels: Buffer) => Promise<'more' | 'enough'>,
): Promise<void> {
  await readFiltered({ source, index, decoder: name, filters: `${filters},format=rgb24` }, (frame) =>
    onFrame(frame.toBuffer()),
  )
}

async function readSamples(
  { source, index, decoder, rate }: SamplesJob,
  onSamples: (samples: Buffer) => void,
): Promise<void> {
  await readFiltered({ source, index, decoder, filters: plainSound(rate) }, async (frame) => {
    onSamples(frame.data![0]!.subarray(0, frame.nbSamples * 2))
    return 'more'
  })
}

async function readFiltered(
  { source, index, decoder: name, filters }: Pick<FramesJob, 'source' | 'index' | 'decoder' | 'filters'>,
  onFrame: (frame: Frame) => Promise<'more' | 'enough'>,
): Promise<void> {
  await using context = await openSource(source)
  using decoder = createDecoder(context, { index, decoder: name, threads: 1 })
  using filtered = new Frame()
  filtered.alloc()
  let graph: Graph | undefined
  const show = async (frame: Frame | null): Promise<'more' | 'enough'> => {
    if (frame) graph ??= createGraph(filters, ['out'], frame, decoder.stream.timeBase)
    graph?.push(frame)
    for (const ready of framesOf(graph!.sinks[0]!, filtered)) {
      if ((await onFrame(ready)) === 'enough') return 'enough'
    }
    return 'more'
  }
  try {
    for (const packet of packetsOf(context)) {
      if (packet.streamIndex !== index) continue
      for (const frame of decoder.decode(packet)) if ((await show(frame)) === 'enough') return
    }
    for (const frame of decoder.decode(null)) if ((await show(frame)) === 'enough') return
    if (graph) await show(null)
  } finally {
    graph?.[Symbol.dispose]()
  }
}
