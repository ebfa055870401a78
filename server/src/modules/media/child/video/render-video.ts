import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cubeFileOf } from '@heliograph/contract/color-table'
import { lookOf } from '@heliograph/contract/look'
import { classifyFrames } from '../classify-picture.ts'
import { MediaError } from '../media-error.ts'
import type { Size } from '../picture-geometry.ts'
import type { VideoFileName, VideoFormat, VideoOutcome, VideoRequest, WrittenFile } from '../protocol.ts'
import { openEngine } from './choose-engine.ts'
import { demuxerOf, sniffedBytes, sniffVideo } from './sniff-video.ts'
import type { Probed, Source, VideoEngine } from './video-engine.ts'
import { keyframeSeconds, mostPixels } from './video-engine.ts'
import { readVideoMetadata } from './video-metadata.ts'
import { planVideo, requireLength, toleranceSeconds, type VideoPlan } from './video-plan.ts'
import { filesOfVariant, masterPlaylist } from './video-playlist.ts'
import { type Film, hashesOf, makePoster, sampleFilm } from './video-poster.ts'

export interface Listener {
  /** Before anything is decoded. */
  begun(seconds: number | null): void
  progress(share: number): void
}

type Rendered = Omit<VideoOutcome<WrittenFile<VideoFileName>>, 'cpuMs'>

/** A file may be a little longer than its header says. */
const slackSeconds = 1
/** Share of the work, by time: the rest is packing and the poster. */
const encodingShare = 0.95

/** Master in; MP4, HLS and poster out: decoded once, every size encoded from that, packed without encoding. */
export async function renderVideo(request: VideoRequest, listener: Listener): Promise<Rendered> {
  const { masterPath, outDir, limits, purpose, crop, fit, threads } = request
  const { source, format } = await openMaster(masterPath, limits.maxBytes)
  const work = join(outDir, 'encoded')
  await mkdir(work)
  const { engine, facts } = await openEngine(request.engine)
  const probed = await engine.probe(source, limits.maxPixels)
  const framing = { purpose, crop, fit }
  const wishes = { demuxer: source.demuxer, limits, framing, look: await writeLook(request, work) }
  const draft = planVideo(probed, facts.decoders, wishes)
  const told = await withLength(engine, source, probed, draft.video.index)
  const plan = planVideo(told, facts.decoders, wishes)
  const seconds = plan.seconds ?? 0
  listener.begun(seconds)
  const encoded = await encode(engine, plan, { source, work, threads, limits }, (time) =>
    listener.progress(encodingShare * Math.min(1, time / Math.max(seconds, 0.1))),
  )
  const film = await filmOf(engine, encoded, plan.renditions[0]!, limits)
  requireLength(purpose, film.seconds)
  const poster = await makePoster(engine, film, { outDir, purpose })
  const frames = await sampleFilm(engine, smallestOf(plan, encoded, film))
  const classification = request.classify && (await classifyFrames(frames, request.classify))
  const files = await pack(engine, plan, encoded, { outDir, purpose })
  await rm(work, { recursive: true, force: true })
  listener.progress(1)
  const { width, height } = plan.renditions[0]!
  return {
    format,
    sourceWidth: plan.source.width,
    sourceHeight: plan.source.height,
    width,
    height,
    durationMs: Math.max(1, Math.round(film.seconds * 1000)),
    hasAudio: encoded.sound !== null,
    files: [...poster.files, ...files],
    thumbhash: poster.thumbhash,
    color: poster.color,
    perceptualHash: poster.perceptualHash,
    frameHashes: await hashesOf(frames),
    exif: readVideoMetadata(probed.tags),
    ...(classification ? { classification } : {}),
  }
}

/** Undefined: colours stay. */
async function writeLook({ filter, edits }: VideoRequest, folder: string): Promise<string | undefined> {
  const table = lookOf(filter ?? null, edits ?? null)?.table
  if (!table) return undefined
  const path = join(folder, 'look.cube')
  await writeFile(path, cubeFileOf(table, 'look'))
  return path
}

export async function openMaster(
  path: string,
  maxBytes: number,
): Promise<{ source: Source; format: VideoFormat }> {
  const head = await readHead(path, maxBytes)
  const format = sniffVideo(head)
  if (!format) throw new MediaError('media.unsupported_format', `starts with ${head.toString('hex', 0, 16)}`)
  return { format, source: { path, demuxer: demuxerOf(format) } }
}

/** The size is asked first, and the beginning looked at, before anything else sees the file. */
export async function readHead(path: string, maxBytes: number): Promise<Buffer> {
  const { size } = await stat(path)
  if (size === 0) throw new MediaError('media.empty')
  if (size > maxBytes) throw new MediaError('media.too_large', `${size} bytes`)
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Some files do not say how long their pictures go on: what sound must wait for, and be waited for by. */
async function withLength(
  engine: VideoEngine,
  source: Source,
  probed: Probed,
  index: number,
): Promise<Probed> {
  const isKnown = (stream: Probed['streams'][number]) =>
    stream.index !== index || stream.durationSeconds !== null
  if (probed.streams.every(isKnown)) return probed
  const seconds = await engine.measure(source, index)
  const streams = probed.streams.map((stream) =>
    stream.index === index ? { ...stream, durationSeconds: seconds } : stream,
  )
  return { ...probed, streams }
}

interface Encoded {
  pictures: Source[]
  sound: Source | null
}

async function encode(
  engine: VideoEngine,
  plan: VideoPlan,
  {
    source,
    work,
    threads,
    limits,
  }: { source: Source; work: string } & Pick<VideoRequest, 'threads' | 'limits'>,
  onTime: (seconds: number) => void,
): Promise<Encoded> {
  const paths = plan.renditions.map(({ name }) => join(work, `${name}.mp4`))
  const sound = plan.audio ? join(work, 'sound.mp4') : null
  await engine.encode(
    {
      source,
      maxSeconds: limits.maxSeconds + slackSeconds,
      maxPixels: limits.maxPixels,
      threads,
      video: {
        ...plan.video,
        outputs: plan.renditions.map(({ options }, index) => ({ path: paths[index]!, options })),
      },
      audio: plan.audio && sound ? { ...plan.audio, path: sound } : null,
    },
    onTime,
  )
  const hasSound = sound !== null && (await isThere(engine, sound))
  return {
    pictures: paths.map((path) => ({ path, demuxer: 'mov' })),
    sound: hasSound ? { path: sound, demuxer: 'mov' } : null,
  }
}

/** A track that announces sound and has none leaves no file, or an empty one. */
export async function isThere(engine: VideoEngine, path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => null)
  if (!facts || facts.size === 0) return false
  const probed = await engine.probe({ path, demuxer: 'mov' }, mostPixels).catch(() => null)
  return (probed?.durationSeconds ?? 0) > 0
}

/** What was made is asked, not what the master claimed. */
async function filmOf(
  engine: VideoEngine,
  { pictures: [top] }: Encoded,
  size: Size,
  limits: VideoRequest['limits'],
): Promise<Film> {
  const probed = await engine.probe(top!, limits.maxPixels).catch((error: unknown) => {
    throw new MediaError('media.corrupt', 'nothing could be decoded', { cause: error })
  })
  const seconds = probed.durationSeconds ?? 0
  if (probed.streams.length === 0 || seconds === 0) {
    throw new MediaError('media.corrupt', 'nothing could be decoded')
  }
  if (seconds > limits.maxSeconds + toleranceSeconds) {
    throw new MediaError('media.too_long', `more than ${limits.maxSeconds} s`)
  }
  return { source: top!, size, seconds }
}

/** The cheapest to look at. */
function smallestOf({ renditions }: VideoPlan, { pictures }: Encoded, film: Film): Film {
  return { ...film, source: pictures.at(-1)!, size: renditions.at(-1)! }
}

/** The film as a file, and of posts also as a folder that plays: what lasts a minute needs no ladder of sizes. */
async function pack(
  engine: VideoEngine,
  { renditions }: VideoPlan,
  { pictures, sound }: Encoded,
  { outDir, purpose }: Pick<VideoRequest, 'outDir' | 'purpose'>,
): Promise<WrittenFile<VideoFileName>[]> {
  const streamsOf = (picture: number) => [
    { input: picture, index: 0 },
    ...(sound ? [{ input: pictures.length, index: 0 }] : []),
  ]
  const played = purpose === 'media' ? renditions : []
  await engine.remux({
    inputs: [...pictures, ...(sound ? [sound] : [])],
    outputs: [
      {
        path: join(outDir, 'video.mp4'),
        muxer: 'mp4',
        options: { movflags: '+faststart' },
        streams: streamsOf(0),
      },
      ...played.map(({ name }, index) => ({
        path: join(outDir, `${name}.m3u8`),
        muxer: 'hls',
        options: {
          hls_time: String(keyframeSeconds),
          hls_list_size: '0',
          hls_playlist_type: 'vod',
          hls_segment_type: 'fmp4',
          // Picture and sound begin by edits with a start each, the one kind that browsers heed in segments.
          avoid_negative_ts: 'disabled',
          hls_flags: 'independent_segments',
          hls_fmp4_init_filename: `${name}_init.mp4`,
          hls_segment_filename: join(outDir, `${name}_%04d.m4s`),
        },
        streams: streamsOf(index),
      })),
    ],
  })
  const film = await written(outDir, { name: 'video', file: 'video.mp4', ...sizeOf(renditions) })
  return played.length === 0 ? [film] : [film, ...(await listPlayed(played, outDir, sound !== null))]
}

function sizeOf([{ width, height } = { width: 0, height: 0 }]: readonly Size[]): Size {
  return { width, height }
}

async function listPlayed(
  renditions: VideoPlan['renditions'],
  outDir: string,
  hasAudio: boolean,
): Promise<WrittenFile<VideoFileName>[]> {
  const variants = renditions.map(({ name, width, height }) => ({
    playlist: `${name}.m3u8`,
    width,
    height,
    hasAudio,
  }))
  await writeFile(join(outDir, 'master.m3u8.part'), await masterPlaylist(outDir, variants))
  await rename(join(outDir, 'master.m3u8.part'), join(outDir, 'master.m3u8'))
  const files = [await written(outDir, { name: 'master', file: 'master.m3u8', ...sizeOf(renditions) })]
  for (const [index, rendition] of renditions.entries()) {
    for (const file of await filesOfVariant(outDir, variants[index]!.playlist)) {
      files.push(await written(outDir, { name: 'hls', file, ...sizeOf([rendition]) }))
    }
  }
  return files
}

async function written(
  outDir: string,
  file: Pick<WrittenFile<VideoFileName>, 'name' | 'file'> & Size,
): Promise<WrittenFile<VideoFileName>> {
  const { size } = await stat(join(outDir, file.file))
  return { ...file, bytes: size, type: typeOf(file.file) }
}

function typeOf(file: string): WrittenFile['type'] {
  if (file.endsWith('.m3u8')) return 'application/vnd.apple.mpegurl'
  return file.endsWith('.m4s') ? 'video/iso.segment' : 'video/mp4'
}
