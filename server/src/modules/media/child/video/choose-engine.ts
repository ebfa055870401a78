import { MediaError } from '../media-error.ts'
import type { EngineChoice, EngineOutcome } from '../protocol.ts'
import { audioDecoders, decoderFor, videoDecoders } from './video-codecs.ts'
import type { Demuxer, EngineFacts, VideoEngine } from './video-engine.ts'

let open: { key: string; engine: VideoEngine; facts: EngineFacts } | undefined

/** Loaded when the first video comes: photographs need none of it. */
export async function openEngine(choice: EngineChoice): Promise<{ engine: VideoEngine; facts: EngineFacts }> {
  const key = JSON.stringify(choice)
  if (open?.key === key) return open
  const engine = await create(choice)
  open = { key, engine, facts: await engine.facts() }
  return open
}

async function create(choice: EngineChoice): Promise<VideoEngine> {
  try {
    if (choice.name === 'ffmpeg') return (await import('./ffmpeg-engine.ts')).createFfmpegEngine(choice)
    return (await import('./bundled-engine.ts')).createBundledEngine()
  } catch (error) {
    throw new MediaError('media.interrupted', `the video engine does not load: ${String(error)}`)
  }
}

const voiceTypes: Readonly<Record<Demuxer, string[]>> = {
  matroska: ['audio/webm'],
  mov: ['audio/mp4'],
  ogg: ['audio/ogg'],
  wav: ['audio/wav'],
}

/** Asked of the engine, so that nobody is promised what it cannot read. */
export async function describeEngine(choice: EngineChoice): Promise<EngineOutcome> {
  const { facts } = await openEngine(choice)
  const readable = (table: typeof videoDecoders) =>
    Object.keys(table).filter((codec) => decoderFor(codec, table, facts.decoders) !== undefined)
  return {
    name: facts.name,
    version: facts.version,
    formats: [
      ...(facts.demuxers.includes('mov') ? ['video/mp4', 'video/quicktime'] : []),
      ...(facts.demuxers.includes('matroska') ? ['video/webm', 'video/x-matroska'] : []),
    ],
    voiceFormats: Object.entries(voiceTypes).flatMap(([demuxer, types]) =>
      facts.demuxers.includes(demuxer) ? types : [],
    ),
    videoCodecs: readable(videoDecoders),
    audioCodecs: readable(audioDecoders),
  }
}
