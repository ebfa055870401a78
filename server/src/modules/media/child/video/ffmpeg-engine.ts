import { readProbe } from './ffmpeg-probe.ts'
import { outputOf, runProgram } from './ffmpeg-process.ts'
import { layFlat } from './lay-flat.ts'
import { decoderNames } from './video-codecs.ts'
import type {
  EncodeJob,
  EngineFacts,
  FramesJob,
  Options,
  RemuxJob,
  SamplesJob,
  Source,
  VideoEngine,
} from './video-engine.ts'
import { keyframeSeconds } from './video-engine.ts'
import { plainSound } from './video-filters.ts'

const quiet = ['-hide_banner', '-nostdin', '-nostats', '-v', 'error']

/** The machine's own FFmpeg, 5 or newer. */
export function createFfmpegEngine(programs: { ffmpeg: string; ffprobe: string }): VideoEngine {
  const { ffmpeg, ffprobe } = programs
  return {
    facts: () => readFacts(ffmpeg),
    async probe(source, maxPixels) {
      // Given a list of decoders, this program refuses files whose other tracks it could not decode.
      const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams']
      const text = await outputOf(
        ffprobe,
        [...args, ...limitsOf(source), '-max_pixels', String(maxPixels), '-i', fileUrl(source.path)],
        'probe',
      )
      return readProbe(text)
    },
    async measure(source, index) {
      let seconds = 0
      const args = [...quiet, '-progress', 'pipe:1', ...inputOf(source)]
      await runProgram(
        ffmpeg,
        [...args, '-map', `0:${index}`, '-c', 'copy', '-f', 'null', '-'],
        'measure',
        (chunk) => {
          seconds = timeIn(chunk) ?? seconds
        },
      )
      return seconds
    },
    async encode(job, onTime) {
      await runProgram(ffmpeg, encodeArgs(job), 'encode', (chunk) => {
        const seconds = timeIn(chunk)
        if (seconds !== undefined) onTime(seconds)
      })
      for (const { path } of job.video?.outputs ?? []) await layFlat(path)
    },
    remux: (job) => runProgram(ffmpeg, remuxArgs(job), 'remux', () => undefined),
    frames: (job, onFrame) => readFrames(ffmpeg, job, onFrame),
    samples: (job, onSamples) => readSamples(ffmpeg, job, onSamples),
  }
}

export async function readFacts(ffmpeg: string): Promise<EngineFacts> {
  const list = async (kind: string) => {
    const text = await outputOf(ffmpeg, ['-hide_banner', '-v', 'error', `-${kind}`], kind)
    return [...text.matchAll(/^ [A-Z. |]+ ([\w,-]+) /gm)].flatMap(([, names = '']) => names.split(','))
  }
  const version = await outputOf(ffmpeg, ['-version'], 'version')
  return {
    name: 'ffmpeg',
    version: /^ffmpeg version (\S+)/.exec(version)?.[1] ?? '',
    demuxers: await list('demuxers'),
    decoders: await list('decoders'),
    encoders: await list('encoders'),
    filters: await list('filters'),
  }
}

/** Only local files, only this demuxer and these decoders, and no reference from one file to another. */
function inputOf(source: Source): string[] {
  const decoders = ['-codec_whitelist', decoderNames.join(',')]
  return ['-noautorotate', ...limitsOf(source), ...decoders, '-i', fileUrl(source.path)]
}

function limitsOf({ demuxer }: Source): string[] {
  const references = demuxer === 'mov' ? ['-enable_drefs', '0', '-use_absolute_path', '0'] : []
  return ['-protocol_whitelist', 'file', '-f', demuxer, ...references]
}

/** A path cannot be taken for an address of another protocol. */
function fileUrl(path: string): string {
  return `file:${path}`
}

function optionsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`-${name}`, value])
}

const withoutMetadata = ['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact']
const cleanStreams = ['-map_metadata:s:v', '-1', '-map_metadata:s:a', '-1']

function encodeArgs({ source, maxSeconds, maxPixels, threads, video, audio }: EncodeJob): string[] {
  const graph: string[] = []
  if (video) graph.push(`[0:${video.index}]${video.filters}`)
  if (audio) graph.push(`[0:${audio.index}]${audio.filters}[a]`)
  const limits = ['-t', String(maxSeconds), ...withoutMetadata, '-f', 'mp4']
  return [
    ...[...quiet, '-y', '-progress', 'pipe:1', '-stats_period', '0.5', '-max_error_rate', '1'],
    ...['-threads', String(threads), '-max_pixels', String(maxPixels)],
    ...(video ? [`-c:${video.index}`, video.decoder] : []),
    ...(audio ? [`-c:${audio.index}`, audio.decoder] : []),
    ...inputOf(source),
    ...['-filter_complex_threads', '1', '-filter_complex', graph.join(';')],
    ...(video?.outputs ?? []).flatMap(({ path, options }, index) => [
      ...['-map', `[v${index}]`, '-c:v', 'libx264', '-threads', String(threads), '-fps_mode', 'passthrough'],
      ...['-force_key_frames', `expr:gte(t,n_forced*${keyframeSeconds})`, '-flags:v', '+bitexact'],
      ...[...optionsOf(options), ...limits, fileUrl(path)],
    ]),
    ...(audio
      ? ['-map', '[a]', '-c:a', 'aac', '-flags:a', '+bitexact', ...optionsOf(audio.options)].concat(
          limits,
          fileUrl(audio.path),
        )
      : []),
  ]
}

function remuxArgs({ inputs, outputs }: RemuxJob): string[] {
  return [
    ...[...quiet, '-y'],
    ...inputs.flatMap(inputOf),
    ...outputs.flatMap(({ path, muxer, options, streams }) => [
      ...streams.flatMap(({ input, index }) => ['-map', `${input}:${index}`]),
      ...['-c', 'copy', ...withoutMetadata, ...cleanStreams],
      ...streams.flatMap(({ bitstreamFilter }, index) =>
        bitstreamFilter ? [`-bsf:${index}`, bitstreamFilter] : [],
      ),
      ...['-f', muxer, ...optionsOf(options), muxer === 'hls' ? path : fileUrl(path)],
    ]),
  ]
}

async function readFrames(
  ffmpeg: string,
  { source, index, decoder, filters, width, height }: FramesJob,
  onFrame: (pixels: Buffer) => Promise<'more' | 'enough'>,
): Promise<void> {
  const args = [
    ...[...quiet, '-threads', '1', `-c:${index}`, decoder, ...inputOf(source)],
    ...['-filter_complex_threads', '1', '-filter_complex', `[0:${index}]${filters}[out]`, '-map', '[out]'],
    ...['-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
  ]
  const size = width * height * 3
  let waiting: Buffer[] = []
  let held = 0
  await runProgram(ffmpeg, args, 'frames', async (chunk, stop) => {
    waiting.push(chunk)
    held += chunk.length
    while (held >= size) {
      const whole = Buffer.concat(waiting)
      waiting = [whole.subarray(size)]
      held -= size
      if ((await onFrame(whole.subarray(0, size))) === 'enough') return stop()
    }
  })
}

async function readSamples(
  ffmpeg: string,
  { source, index, decoder, rate }: SamplesJob,
  onSamples: (samples: Buffer) => void,
): Promise<void> {
  const args = [
    ...[...quiet, '-threads', '1', `-c:${index}`, decoder, ...inputOf(source)],
    ...['-filter_complex_threads', '1', '-filter_complex', `[0:${index}]${plainSound(rate)}[out]`],
    ...['-map', '[out]', '-c:a', 'pcm_s16le', '-f', 's16le', 'pipe:1'],
  ]
  let odd = Buffer.alloc(0)
  await runProgram(ffmpeg, args, 'samples', (chunk) => {
    const whole = odd.length === 0 ? chunk : Buffer.concat([odd, chunk])
    const end = whole.length - (whole.length % 2)
    odd = Buffer.from(whole.subarray(end))
    onSamples(whole.subarray(0, end))
  })
}

/** Of the blocks that `-progress` prints; the time is N/A until there is something. */
function timeIn(chunk: Buffer): number | undefined {
  const microseconds = [...chunk.toString('latin1').matchAll(/^out_time_us=(\d+)$/gm)].at(-1)?.[1]
  return microseconds === undefined ? undefined : Number(microseconds) / 1e6
}
