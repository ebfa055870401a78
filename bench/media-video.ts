// What a video costs: the pipeline beside one command of FFmpeg that makes the same films, playlists and poster.
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mean, median } from './figures.ts'
import { cpuOf } from './media-children.ts'
import { photographs } from './photographs.ts'
import type { Report, ScenarioContext } from './scenario.ts'

const mostOfEngine = 1.15
const [ffmpeg, ffprobe] = ['/usr/bin/ffmpeg', '/usr/bin/ffprobe']
const quiet = ['-hide_banner', '-nostdin', '-v', 'error', '-y']

export async function measureVideo(
  context: ScenarioContext,
  folder: string,
): Promise<Omit<Report, 'summary'>> {
  // The usual suites have enough to do: what the engines make is tested elsewhere.
  if (context.isQuick || !existsSync(ffmpeg)) return { tables: [], targets: [] }
  const seconds = 20
  context.log(`Video: filming ${seconds} seconds`)
  const clip = await film(folder, seconds)
  const rounds = 3
  const [ours, alone]: [number[], number[]] = [[], []]
  for (let round = 1; round <= rounds; round++) {
    context.log(`Video: round ${round} of ${rounds}`)
    ours.push(await inFolder(join(folder, 'pipeline'), (out) => renderByPipeline(clip, out)))
    alone.push(await inFolder(join(folder, 'engine'), (out) => renderByEngine(clip, out)))
  }
  const ratio = median(ours) / median(alone)
  const shown = (figures: number[]) => (median(figures) / 1000).toFixed(1)
  return {
    tables: [
      {
        title: `Seconds of CPU for a video of ${seconds} s, 1080p, H.264 and AAC`,
        columns: ['video', 'pipeline', 'FFmpeg from the command line', 'ratio'],
        rows: [['1080p, 30 a second', shown(ours), shown(alone), `${ratio.toFixed(2)}×`]],
      },
    ],
    targets: [
      {
        text: `video at most ${mostOfEngine}× of the engine alone: ${ratio.toFixed(2)}×`,
        isMet: ratio <= mostOfEngine,
      },
    ],
    facts: {
      video: `${rounds} rounds, taking turns, Node's own start included; mean ${(mean(ours) / 1000).toFixed(1)} s`,
    },
  }
}

/** A slow zoom into a photograph, with a sensor's grain and a tone. */
async function film(folder: string, seconds: number): Promise<string> {
  const clip = join(folder, 'clip.mp4')
  const zoom = `scale=3840:-2,zoompan=z='1+0.002*on':d=${seconds * 30}:s=1920x1080:fps=30,noise=alls=12:allf=t,format=yuv420p`
  await cpuOf(ffmpeg, [
    ...[...quiet, '-i', photographs[3]!.path, '-f', 'lavfi', '-i', `sine=440:duration=${seconds}`],
    ...[
      '-vf',
      zoom,
      '-t',
      String(seconds),
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-b:v',
      '12M',
      '-c:a',
      'aac',
      clip,
    ],
  ])
  return clip
}

async function inFolder(folder: string, work: (folder: string) => Promise<number>): Promise<number> {
  await mkdir(folder)
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function renderByPipeline(clip: string, out: string): Promise<number> {
  const script = fileURLToPath(new URL('./media-video-once.ts', import.meta.url))
  return cpuOf(process.execPath, ['--no-warnings', script, clip, out, ffmpeg, ffprobe])
}

/**
 * Decoded once, three sizes encoded once, each into a playlist, the largest into a film as well. One command has to encode
 * the sound for each size, ours encodes it once: which makes a sixtieth of the difference.
 */
async function renderByEngine(clip: string, out: string): Promise<number> {
  const sizes = [
    { name: '720p', width: 1280, rate: 3000 },
    { name: '480p', width: 854, rate: 1570 },
    { name: '240p', width: 426, rate: 514 },
  ]
  const graph = [
    `[0:v]split=${sizes.length}${sizes.map((_, index) => `[s${index}]`).join('')}`,
    ...sizes.map(({ width }, index) => `[s${index}]scale=${width}:-2[v${index}]`),
    `[0:a]asplit=${sizes.length}${sizes.map((_, index) => `[a${index}]`).join('')}`,
  ].join(';')
  const outputs = sizes.flatMap(({ name, rate }, index) => {
    const hls = `[f=hls:hls_time=2:hls_playlist_type=vod:hls_segment_type=fmp4:hls_fmp4_init_filename=${name}_init.mp4:hls_segment_filename=${out}/${name}_%04d.m4s]${out}/${name}.m3u8`
    const mp4 = index === 0 ? `[f=mp4:movflags=+faststart]${out}/video.mp4|` : ''
    return [
      ...[
        '-map',
        `[v${index}]`,
        '-map',
        `[a${index}]`,
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-crf',
        '23',
      ],
      ...['-maxrate', `${rate}k`, '-bufsize', `${2 * rate}k`, '-threads', '2', '-c:a', 'aac', '-b:a', '128k'],
      ...[
        '-force_key_frames',
        'expr:gte(t,n_forced*2)',
        '-flags',
        '+global_header',
        '-f',
        'tee',
        `${mp4}${hls}`,
      ],
    ]
  })
  const films = await cpuOf(ffmpeg, [
    ...quiet,
    '-threads',
    '2',
    '-i',
    clip,
    '-filter_complex',
    graph,
    ...outputs,
  ])
  const poster = ['-ss', '1', '-i', clip, '-frames:v', '1', '-vf', 'scale=1080:-2', join(out, 'poster.jpg')]
  return films + (await cpuOf(ffmpeg, [...quiet, ...poster]))
}
