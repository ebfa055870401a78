import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MediaError } from '../media-error.ts'
import {
  type VoiceFormat,
  type VoiceOutcome,
  type VoiceRequest,
  type WrittenFile,
  waveformParts,
} from '../protocol.ts'
import { openEngine } from './choose-engine.ts'
import { readHead } from './render-video.ts'
import { demuxerOf, sniffVideo } from './sniff-video.ts'
import type { Probed, ProbedAudio, Source, VideoEngine } from './video-engine.ts'
import { mostPixels } from './video-engine.ts'
import { voiceFilters } from './video-filters.ts'
import { chooseSound, shortestSeconds, toleranceSeconds } from './video-plan.ts'
import { createWaveform } from './waveform.ts'

type Rendered = Omit<VoiceOutcome<WrittenFile<'voice'>>, 'cpuMs'>

/** Enough for a voice, and half of what music takes. */
const bitRate = '64k'
/** What has to be looked at a second to see how loud it is. */
const looksPerSecond = 8000
const slackSeconds = 1

/** Master in; AAC in MP4 out, which every browser plays, with what is drawn until it does. */
export async function renderVoice(request: VoiceRequest): Promise<Rendered> {
  const { masterPath, outDir, limits } = request
  const { format, source } = await openRecording(masterPath, limits.maxBytes)
  const { engine, facts } = await openEngine(request.engine)
  const probed = await engine.probe(source, mostPixels)
  const { stream, decoder } = requireSound(probed, facts.decoders)
  const told = await lengthOf(engine, { source, probed, stream })
  if (told > limits.maxSeconds + toleranceSeconds)
    throw new MediaError('media.too_long', `${Math.round(told)} s`)
  const encoded = { path: join(outDir, 'encoded.mp4'), demuxer: 'mov' } as const
  await engine.encode(
    {
      source,
      maxSeconds: limits.maxSeconds + slackSeconds,
      maxPixels: mostPixels,
      threads: 1,
      video: null,
      audio: {
        index: stream.index,
        decoder,
        filters: voiceFilters,
        options: { b: bitRate },
        path: encoded.path,
      },
    },
    () => undefined,
  )
  const seconds = await secondsOf(engine, encoded)
  if (seconds < shortestSeconds) throw new MediaError('media.too_short', `${seconds} s`)
  if (seconds > limits.maxSeconds + toleranceSeconds)
    throw new MediaError('media.too_long', `more than ${limits.maxSeconds} s`)
  const waveform = createWaveform(waveformParts, Math.round(seconds * looksPerSecond))
  await engine.samples({ source: encoded, index: 0, decoder: 'aac', rate: looksPerSecond }, waveform.add)
  const file = 'voice.m4a'
  await engine.remux({
    inputs: [encoded],
    outputs: [
      {
        path: join(outDir, file),
        muxer: 'mp4',
        options: { movflags: '+faststart' },
        streams: [{ input: 0, index: 0 }],
      },
    ],
  })
  const { size: bytes } = await stat(join(outDir, file))
  return {
    format,
    durationMs: Math.round(seconds * 1000),
    waveform: waveform.heights(),
    files: [{ name: 'voice', file, width: 0, height: 0, bytes, type: 'audio/mp4' }],
  }
}

async function openRecording(
  path: string,
  maxBytes: number,
): Promise<{ source: Source; format: VoiceFormat }> {
  const head = await readHead(path, maxBytes)
  const begins = head.toString('latin1', 0, 12)
  if (begins.startsWith('OggS')) return { format: 'ogg', source: { path, demuxer: 'ogg' } }
  if (begins.startsWith('RIFF') && begins.endsWith('WAVE'))
    return { format: 'wav', source: { path, demuxer: 'wav' } }
  const format = sniffVideo(head)
  if (!format) throw new MediaError('media.unsupported_sound', `starts with ${head.toString('hex', 0, 16)}`)
  return { format, source: { path, demuxer: demuxerOf(format) } }
}

function requireSound(probed: Probed, decoders: readonly string[]): { stream: ProbedAudio; decoder: string } {
  const sound = chooseSound(probed, decoders)
  if (sound) return sound
  const named = probed.streams.filter(({ kind }) => kind === 'audio').map(({ codec }) => codec)
  if (named.length > 0) throw new MediaError('media.unsupported_sound', `sound is ${named.join()}`)
  throw new MediaError('media.no_sound')
}

/** Recorders of browsers write no length: then every packet is looked at, before anything is decoded. */
async function lengthOf(
  engine: VideoEngine,
  { source, probed, stream }: { source: Source; probed: Probed; stream: ProbedAudio },
): Promise<number> {
  return stream.durationSeconds ?? probed.durationSeconds ?? (await engine.measure(source, stream.index))
}

/** Of what was made; nothing at all, when nothing could be decoded. */
async function secondsOf(engine: VideoEngine, encoded: Source): Promise<number> {
  const facts = await stat(encoded.path).catch(() => null)
  const probed = facts && facts.size > 0 ? await engine.probe(encoded, mostPixels).catch(() => null) : null
  const seconds = probed?.durationSeconds ?? 0
  if (seconds === 0) throw new MediaError('media.corrupt', 'nothing could be decoded')
  return seconds
}
