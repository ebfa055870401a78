import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MediaError } from '../media-error.ts'
import type {
  EngineChoice,
  MadeType,
  OriginalOutcome,
  OriginalRequest,
  VideoFormat,
  WrittenFile,
} from '../protocol.ts'
import { openEngine } from './choose-engine.ts'
import { isThere, openMaster } from './render-video.ts'
import {
  mostPixels,
  type Probed,
  type ProbedAudio,
  type ProbedVideo,
  type Source,
  type VideoEngine,
} from './video-engine.ts'
import { planOriginal } from './video-plan.ts'

type Made = Omit<OriginalOutcome<WrittenFile<'original'>>, 'cpuMs'>

/** Streams that MP4 players know; others stay in the container family that they came in. */
const forMp4 = new Set(['h264', 'hevc', 'vp9', 'av1', 'mpeg4', 'aac', 'mp3', 'ac3', 'eac3', 'opus', 'alac'])
const forWebm = new Set(['vp8', 'vp9', 'av1', 'opus', 'vorbis'])

const containers = {
  mp4: { muxer: 'mp4', type: 'video/mp4', options: { movflags: '+faststart' } },
  mov: { muxer: 'mov', type: 'video/quicktime', options: { movflags: '+faststart' } },
  webm: { muxer: 'webm', type: 'video/webm', options: {} },
  mkv: { muxer: 'matroska', type: 'video/x-matroska', options: {} },
} as const satisfies Record<VideoFormat, { muxer: string; type: MadeType; options: object }>

/**
 * Pictures that are copied as they are, with the filter that takes messages out of their own stream: cameras and
 * drones write places there. What is not named here (Motion JPEG has EXIF in each picture, DV a camera's notes) is
 * coded anew.
 */
const copied: Readonly<Record<string, string | null>> = {
  h264: 'filter_units=remove_types=6',
  hevc: 'filter_units=remove_types=39|40',
  av1: 'filter_units=remove_types=5',
  vp8: null,
  vp9: null,
}
const threads = 2
/** The longest that a setting allows. */
const longestSeconds = 24 * 3600

/** The video for its owner as it was recorded, without a word about where and with what. */
export async function makeVideoOriginal(request: OriginalRequest & { engine: EngineChoice }): Promise<Made> {
  const { source, format } = await openMaster(request.masterPath, Number.MAX_SAFE_INTEGER)
  const { engine, facts } = await openEngine(request.engine)
  const probed = await engine.probe(source, mostPixels)
  const pictures = probed.streams
    .filter((stream) => stream.kind === 'video')
    .filter((one) => !one.isAttachedPicture)
  const [picture] = pictures
  if (!picture) throw new MediaError('media.no_video')
  const sounds = probed.streams
    .filter((stream) => stream.kind === 'audio')
    .filter(({ codec }) => codec !== '')
  const isCopied = picture.codec in copied
  const made = isCopied
    ? await copyStreams(engine, { source, format, kept: [picture, ...sounds], outDir: request.outDir })
    : await codeAnew(engine, { source, probed, decoders: facts.decoders, outDir: request.outDir })
  const { width, height } = isCopied ? picture : made
  const file = `original.${made.container}`
  await rename(made.path, join(request.outDir, file))
  const { size } = await stat(join(request.outDir, file))
  const type = containers[made.container].type
  return {
    format,
    width,
    height,
    lossless: isCopied,
    file: { name: 'original', file, width, height, bytes: size, type },
  }
}

async function copyStreams(
  engine: VideoEngine,
  work: { source: Source; format: VideoFormat; kept: (ProbedVideo | ProbedAudio)[]; outDir: string },
) {
  const { source, format, kept, outDir } = work
  const container = containerOf(format, kept)
  const { muxer, options } = containers[container]
  const path = join(outDir, `part.${container}`)
  const streams = kept.map(({ index, codec }) => {
    const bitstreamFilter = copied[codec]
    return { input: 0, index, ...(bitstreamFilter ? { bitstreamFilter } : {}) }
  })
  await engine.remux({ inputs: [source], outputs: [{ path, muxer, options, streams }] })
  return { path, container, width: 0, height: 0 }
}

async function codeAnew(
  engine: VideoEngine,
  work: { source: Source; probed: Probed; decoders: readonly string[]; outDir: string },
) {
  const { source, probed, decoders, outDir } = work
  const { video, audio, rendition } = planOriginal(probed, decoders)
  const parts = { picture: join(outDir, 'picture.mp4'), sound: join(outDir, 'sound.mp4') }
  await engine.encode(
    {
      source,
      maxSeconds: longestSeconds,
      maxPixels: mostPixels,
      threads,
      video: { ...video, outputs: [{ path: parts.picture, options: rendition.options }] },
      audio: audio && { ...audio, path: parts.sound },
    },
    () => {},
  )
  const hasSound = audio !== null && (await isThere(engine, parts.sound))
  const inputs = [parts.picture, ...(hasSound ? [parts.sound] : [])]
  const path = join(outDir, 'part.mp4')
  await engine.remux({
    inputs: inputs.map((from) => ({ path: from, demuxer: 'mov' })),
    outputs: [{ path, ...containers.mp4, streams: inputs.map((_, input) => ({ input, index: 0 })) }],
  })
  await Promise.all(inputs.map((from) => rm(from, { force: true })))
  return { path, container: 'mp4' as const, width: rendition.width, height: rendition.height }
}

function containerOf(format: VideoFormat, streams: readonly (ProbedVideo | ProbedAudio)[]): VideoFormat {
  const fit = (codecs: Set<string>) => streams.every(({ codec }) => codecs.has(codec))
  if (format === 'webm' || format === 'mkv') return fit(forWebm) ? 'webm' : 'mkv'
  return fit(forMp4) ? 'mp4' : 'mov'
}
