import { rename, stat } from 'node:fs/promises'
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
import { openMaster } from './render-video.ts'
import { mostPixels, type ProbedAudio, type ProbedVideo } from './video-engine.ts'

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

/** Messages inside the picture's own stream: cameras and drones write places there. */
const withoutMessages: Readonly<Record<string, string>> = {
  h264: 'filter_units=remove_types=6',
  hevc: 'filter_units=remove_types=39|40',
}

/** The video for its owner as it was recorded, without a word about where and with what. */
export async function makeVideoOriginal(request: OriginalRequest & { engine: EngineChoice }): Promise<Made> {
  const { source, format } = await openMaster(request.masterPath, Number.MAX_SAFE_INTEGER)
  const { engine } = await openEngine(request.engine)
  const { streams } = await engine.probe(source, mostPixels)
  const pictures = streams.filter((stream) => stream.kind === 'video').filter((one) => !one.isAttachedPicture)
  const [picture] = pictures
  if (!picture) throw new MediaError('media.no_video')
  const sounds = streams.filter((stream) => stream.kind === 'audio').filter(({ codec }) => codec !== '')
  const kept = [picture, ...sounds]
  const container = containerOf(format, kept)
  const { muxer, type, options } = containers[container]
  const file = `original.${container}`
  const path = join(request.outDir, `part.${container}`)
  await engine.remux({
    inputs: [source],
    outputs: [
      {
        path,
        muxer,
        options,
        streams: kept.map(({ index, codec }) => ({
          input: 0,
          index,
          ...(withoutMessages[codec] ? { bitstreamFilter: withoutMessages[codec] } : {}),
        })),
      },
    ],
  })
  await rename(path, join(request.outDir, file))
  const { size } = await stat(join(request.outDir, file))
  const { width, height } = picture
  return {
    format,
    width,
    height,
    lossless: true,
    file: { name: 'original', file, width, height, bytes: size, type },
  }
}

function containerOf(format: VideoFormat, streams: readonly (ProbedVideo | ProbedAudio)[]): VideoFormat {
  const fit = (codecs: Set<string>) => streams.every(({ codec }) => codecs.has(codec))
  if (format === 'webm' || format === 'mkv') return fit(forWebm) ? 'webm' : 'mkv'
  return fit(forMp4) ? 'mp4' : 'mov'
}
