import type { AVPixelFormat, AVSampleFormat } from 'node-av/constants'
import { AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants'
import {
  avGetPixFmtName,
  avGetSampleFmtName,
  Filter,
  type FilterContext,
  FilterGraph,
  FilterInOut,
  type Frame,
  type Rational,
} from 'node-av/lib'
import { must } from './bundled-files.ts'

/** A filter graph with one source and a sink for each of its open outputs. */
export interface Graph extends Disposable {
  /** Null ends it. */
  push(frame: Frame | null): void
  readonly sinks: readonly FilterContext[]
}

/** The source takes the form of the first frame, since headers are not to be believed. */
export function createGraph(
  filters: string,
  labels: readonly string[],
  frame: Frame,
  timeBase: Rational,
): Graph {
  const graph = new FilterGraph()
  graph.alloc()
  graph.nbThreads = 1
  try {
    const kind = frame.isVideo() ? '' : 'a'
    const args = frame.isVideo() ? videoArgs(frame, timeBase) : audioArgs(frame, timeBase)
    const source = create(graph, `${kind}buffer`, 'in', args)
    const sinks = labels.map((label) => create(graph, `${kind}buffersink`, label, null))
    const open = labels.length === 1 && !filters.endsWith(`[${labels[0]}]`) ? `[${labels[0]}]` : ''
    join(graph, `[in]${filters}${open}`, source, new Map(labels.map((label, at) => [label, sinks[at]!])))
    must(graph.configSync(), 'make a filter graph')
    return {
      sinks,
      push: (frame) => void must(source.buffersrcAddFrameSync(frame), 'filter'),
      [Symbol.dispose]: () => graph.free(),
    }
  } catch (error) {
    graph.free()
    throw error
  }
}

/** By the labels at the ends of the description. */
function join(
  graph: FilterGraph,
  description: string,
  source: FilterContext,
  sinks: ReadonlyMap<string, FilterContext>,
): void {
  const segment = graph.segmentParse(description)
  if (!segment) throw new Error(`not a filter graph: ${description}`)
  using inputs = new FilterInOut()
  using outputs = new FilterInOut()
  try {
    must(segment.createFilters(), 'make filters')
    must(segment.applyOpts(), 'set up filters')
    must(segment.apply(inputs, outputs), 'join filters')
    for (const { filterCtx, padIdx } of chainOf(inputs))
      must(source.link(0, filterCtx!, padIdx), 'join filters')
    for (const { name, filterCtx, padIdx } of chainOf(outputs)) {
      must(filterCtx!.link(padIdx, sinks.get(name ?? '')!, 0), 'join filters')
    }
  } finally {
    segment.free()
  }
}

function* chainOf(first: FilterInOut): Generator<FilterInOut> {
  for (let at: FilterInOut | null = first; at?.filterCtx; at = at.next) yield at
}

/** What a sink holds ready, each frame to be looked at before the next is asked for. */
export function* framesOf(sink: FilterContext, frame: Frame): Generator<Frame> {
  for (;;) {
    const code = sink.buffersinkGetFrameSync(frame)
    if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return
    must(code, 'filter')
    yield frame
    frame.unref()
  }
}

function create(graph: FilterGraph, name: string, label: string, args: string | null): FilterContext {
  const filter = Filter.getByName(name)
  const made = filter && graph.createFilter(filter, label, args)
  if (!made) throw new Error(`no filter ${name} ${args ?? ''}`)
  return made
}

function videoArgs(frame: Frame, timeBase: Rational): string {
  const { num, den } = frame.sampleAspectRatio
  return [
    `video_size=${frame.width}x${frame.height}`,
    `pix_fmt=${avGetPixFmtName(frame.format as AVPixelFormat)}`,
    `time_base=${timeBase.num}/${timeBase.den}`,
    `pixel_aspect=${num}/${Math.max(1, den)}`,
    `colorspace=${frame.colorSpace}`,
    `range=${frame.colorRange}`,
  ].join(':')
}

function audioArgs(frame: Frame, timeBase: Rational): string {
  const { mask, nbChannels } = frame.channelLayout
  const layout = mask ? `channel_layout=0x${mask.toString(16)}` : `channels=${nbChannels}`
  return [
    `time_base=${timeBase.num}/${timeBase.den}`,
    `sample_rate=${frame.sampleRate}`,
    `sample_fmt=${avGetSampleFmtName(frame.format as AVSampleFormat)}`,
    layout,
  ].join(':')
}
