import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type MadeStream, type MadeVideo, makeVideo } from './video-maker.ts'

// Small videos with everything that phones, cameras and attackers put into theirs. A name says what is odd.

const x264 = (graph: string, options: Record<string, string> = {}): MadeStream => ({
  graph,
  codec: 'libx264',
  options: { preset: 'ultrafast', ...options },
})
const scene = (size: string, more = '') => `testsrc2=s=${size}:r=30:d=1,format=yuv420p${more}`
const tone = (seconds: number): MadeStream => ({
  graph: `sine=f=440:r=48000:d=${seconds},aformat=sample_fmts=fltp,asetnsamples=1024`,
  codec: 'aac',
})
const sound = (codec: string, format: string, samples = 1024, isDefault = false): MadeStream => ({
  graph: `sine=f=440:r=48000:d=1,aformat=sample_fmts=${format}:channel_layouts=stereo,asetnsamples=${samples}`,
  codec,
  isDefault,
})
/** A red mark in the corner that is stored at the top left. */
const marked = 'color=c=blue:s=320x256:r=30:d=1,drawbox=x=0:y=0:w=80:h=64:c=red:t=fill,format=yuv420p'
const hevc = (transfer: string, graph: string): MadeStream => ({
  graph: `${graph},format=yuv420p10le`,
  codec: 'libx265',
  options: {
    preset: 'ultrafast',
    color_trc: transfer,
    color_primaries: 'bt2020',
    colorspace: 'bt2020nc',
    'x265-params': 'log-level=none',
  },
})
const ramp = 'gradients=s=320x180:r=30:d=1:c0=black:c1=white:x0=0:y0=0:x1=319:y1=0:n=2:speed=0.00001'
const vp9 = (graph: string): MadeStream => ({
  graph,
  codec: 'libvpx-vp9',
  options: { deadline: 'realtime', 'cpu-used': '8' },
})

const vp8 = (graph: string): MadeStream => ({ ...vp9(graph), codec: 'libvpx' })

const plainStream = (codec: string, size: string, format = 'yuv420p', rate = 30): MadeStream => ({
  graph: `testsrc2=s=${size}:r=${rate}:d=0.4,format=${format}`,
  codec,
})

type Recipe = Omit<MadeVideo, 'path'>

/** These end ready. */
export const goodVideos = {
  'a landscape': { muxer: 'mp4', streams: [x264(scene('320x180')), tone(1)] },
  'turned by 90 degrees': { muxer: 'mp4', turn: 90, streams: [x264(marked)] },
  'turned by 180 degrees': { muxer: 'mp4', turn: 180, streams: [x264(marked)] },
  'turned by 270 degrees': { muxer: 'mov', turn: 270, streams: [x264(marked)] },
  mirrored: { muxer: 'mov', turn: 'mirrored', streams: [x264(marked)] },
  'a rate that varies': {
    muxer: 'mp4',
    streams: [x264(scene('320x180', ",select='not(between(mod(n,10),3,6))'")), tone(1)],
  },
  'no sound': { muxer: 'mp4', streams: [x264(scene('320x180'))] },
  'odd sizes': { muxer: 'mp4', streams: [x264('testsrc2=s=321x181:r=30:d=1,format=yuv444p')] },
  'one pixel': { muxer: 'mp4', streams: [x264('color=c=red:s=1x1:r=30:d=0.2,format=yuv444p')] },
  'three by five': { muxer: 'mp4', streams: [x264('color=c=red:s=3x5:r=30:d=0.2,format=yuv444p')] },
  'HDR in PQ': { muxer: 'mov', streams: [hevc('smpte2084', ramp)] },
  'HDR in HLG': { muxer: 'mp4', streams: [hevc('arib-std-b67', ramp), tone(1)] },
  'ten bits': { muxer: 'mp4', streams: [x264('testsrc2=s=320x180:r=30:d=1,format=yuv420p10le')] },
  'wide pixels': { muxer: 'mp4', streams: [x264(scene('240x180', ',setsar=4/3'))] },
  'VP9 and Opus': { muxer: 'webm', streams: [vp9(scene('320x180')), sound('libopus', 's16', 960)] },
  VP8: {
    muxer: 'webm',
    streams: [vp8(scene('320x180')), sound('libopus', 's16', 960)],
  },
  AV1: {
    muxer: 'mp4',
    streams: [{ graph: scene('320x180'), codec: 'libsvtav1', options: { preset: '12' } }],
  },
  'MPEG-4': { muxer: 'mp4', streams: [{ graph: scene('320x180'), codec: 'mpeg4' }] },
  'H.263': { muxer: 'mov', streams: [plainStream('h263', '352x288')] },
  'Motion JPEG': { muxer: 'mov', streams: [plainStream('mjpeg', '320x180', 'yuvj420p')] },
  ProRes: { muxer: 'mov', streams: [plainStream('prores_ks', '320x180', 'yuv422p10le')] },
  'MPEG-2': { muxer: 'mp4', streams: [plainStream('mpeg2video', '320x180')] },
  'MPEG-1': { muxer: 'matroska', streams: [plainStream('mpeg1video', '320x180')] },
  DV: { muxer: 'mov', streams: [plainStream('dvvideo', '720x576', 'yuv420p', 25)] },
  DNxHD: {
    muxer: 'mov',
    streams: [{ ...plainStream('dnxhd', '1920x1080', 'yuv422p'), options: { b: '145M' } }],
  },
  Theora: { muxer: 'matroska', streams: [plainStream('libtheora', '320x180')] },
  'sound that nobody reads': {
    muxer: 'matroska',
    streams: [x264(scene('320x180')), sound('wmav2', 'fltp', 2048)],
  },
  'sound in PCM': { muxer: 'mov', streams: [x264(scene('320x180')), sound('pcm_s16le', 's16')] },
  'sound in AC-3': { muxer: 'matroska', streams: [x264(scene('320x180')), sound('ac3', 'fltp', 1536)] },
  'sound in MP3': { muxer: 'matroska', streams: [x264(scene('320x180')), sound('libmp3lame', 's16p', 1152)] },
  'two sound tracks': {
    muxer: 'mp4',
    streams: [x264(scene('320x180')), sound('ac3', 'fltp', 1536), sound('aac', 'fltp', 1024, true)],
  },
  'sound that goes on': { muxer: 'mp4', streams: [x264(scene('320x180')), tone(3)] },
  'sound that ends early': {
    muxer: 'mp4',
    streams: [x264('testsrc2=s=320x180:r=30:d=3,format=yuv420p'), tone(1)],
  },
  'sound that begins late': {
    muxer: 'matroska',
    streams: [x264(scene('320x180')), { ...tone(1), graph: `${tone(1).graph},asetpts=PTS+0.5/TB` }],
  },
  'times below zero': {
    muxer: 'mp4',
    streams: [x264(scene('320x180', ',setpts=PTS-0.2/TB'), { bf: '3', preset: 'veryfast' }), tone(1)],
  },
  'times far from zero': {
    muxer: 'matroska',
    streams: [
      x264(scene('320x180', ',setpts=PTS+1000/TB')),
      { ...tone(1), graph: `${tone(1).graph},asetpts=PTS+1000/TB` },
    ],
  },
  'no length told': {
    muxer: 'mp4',
    muxerOptions: { movflags: '+frag_keyframe+empty_moov+default_base_moof' },
    streams: [x264(scene('320x180')), tone(1)],
  },
  'no length told, as browsers record': {
    muxer: 'webm',
    muxerOptions: { live: '1' },
    streams: [vp9(scene('320x180')), sound('libopus', 's16', 960)],
  },
  '120 pictures a second': { muxer: 'mp4', streams: [x264('testsrc2=s=320x180:r=120:d=1,format=yuv420p')] },
  'one picture': { muxer: 'mp4', streams: [x264('testsrc2=s=320x180:r=30:d=0.033,format=yuv420p')] },
  'one picture and a song': {
    muxer: 'mp4',
    streams: [x264('testsrc2=s=320x180:r=30:d=0.033,format=yuv420p'), tone(3)],
  },
  'black at first': {
    muxer: 'mp4',
    streams: [x264('testsrc2=s=320x180:r=30:d=2,fade=t=in:s=0:n=30,format=yuv420p')],
  },
  'a tall one': { muxer: 'mp4', streams: [x264(scene('180x400'))] },
  'a very wide one': { muxer: 'mp4', streams: [x264(scene('640x180'))] },
  'messages about its making': {
    muxer: 'mov',
    muxerOptions: { movflags: '+use_metadata_tags' },
    tags: {
      'com.apple.quicktime.location.ISO6709': '+48.1374+011.5755+520.000/',
      'com.apple.quicktime.make': 'Heliocam',
      'com.apple.quicktime.model': 'Serial 4711',
      'com.apple.quicktime.creationdate': '2026-06-21T18:30:00+0200',
      title: 'secret title',
    },
    streams: [x264(scene('320x180')), tone(1)],
  },
} as const satisfies Record<string, Recipe>
export type GoodVideo = keyof typeof goodVideos

export async function writeGood(name: GoodVideo, folder: string): Promise<string> {
  const recipe: Recipe = goodVideos[name]
  const path = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.bin`)
  if (recipe.streams.some(({ codec }) => codec === 'libsvtav1')) await makeApart(name, path)
  else await makeVideo({ ...recipe, path })
  return path
}

/**
 * SVT-AV1 makes the process that it encodes in a real-time one (SCHED_FIFO 99) where that is root's, and whatever is started from
 * it: a test of something that never ends would take the processors from everything else on the machine.
 */
async function makeApart(name: GoodVideo, path: string): Promise<void> {
  const maker = fileURLToPath(new URL('./make-good-video.ts', import.meta.url))
  await promisify(execFile)(process.execPath, ['--no-warnings', maker, name, path])
}

/** These end failed, each with its code; what is not damaged enough may end ready. */
export const badVideos = {
  'nothing at all': { code: 'media.empty', make: async () => Buffer.alloc(0) },
  'sound alone': {
    code: 'media.no_video',
    make: (folder: string) => bytesOf(folder, { muxer: 'mp4', streams: [tone(1)] }),
  },
  'without its index': {
    code: 'media.corrupt',
    make: async (folder: string) => {
      const whole = await plain(folder)
      return whole.subarray(0, whole.indexOf('moov') - 4)
    },
  },
  'only a beginning': {
    code: 'media.corrupt',
    make: async (folder: string) => (await plain(folder)).subarray(0, 40),
  },
  'an index of noise': {
    code: 'media.corrupt',
    make: async (folder: string) => {
      const whole = await plain(folder)
      whole.fill(0x5a, whole.indexOf('moov') + 8)
      return whole
    },
  },
  'noise behind a name': {
    code: 'media.corrupt',
    make: async () =>
      Buffer.concat([Buffer.from('00000018667479706d703432000000006d70343269736f6d', 'hex'), noise()]),
  },
  'a playlist behind a name': {
    code: 'media.corrupt',
    make: async () =>
      Buffer.concat([Buffer.from('00000018667479706d703432000000006d70343269736f6d', 'hex'), playlist()]),
  },
  'ten hours, it says': {
    code: 'media.too_long',
    // Newer engines add up the pictures instead of believing the headers.
    orReady: true,
    make: async (folder: string) => claimLength(await plain(folder), 36_000),
  },
  'more pixels than there is room for, it says': {
    code: 'media.too_many_pixels',
    // Or look at the pictures themselves.
    orReady: true,
    make: async (folder: string) => {
      const whole = await bytesOf(folder, { muxer: 'webm', streams: [vp8(scene('320x320'))] })
      whole.writeUInt16BE(0x3fff, whole.indexOf('b0820140', 0, 'hex') + 2)
      whole.writeUInt16BE(0x3fff, whole.indexOf('ba820140', 0, 'hex') + 2)
      return whole
    },
  },
  'more pixels than there is room for, and does not say so': {
    code: 'media.corrupt',
    make: async (folder: string) => {
      const whole = await bytesOf(folder, { muxer: 'webm', streams: [vp8(scene('320x180'))] })
      for (let at = whole.indexOf('9d012a', 0, 'hex'); at >= 0; at = whole.indexOf('9d012a', at + 1, 'hex')) {
        whole.writeUInt32LE(0x3fff3fff, at + 3)
      }
      return whole
    },
  },
} as const satisfies Record<string, { code: string; orReady?: true; make(folder: string): Promise<Buffer> }>
export type BadVideo = keyof typeof badVideos

/** What is no video however it calls itself: photographs' decoders refuse it. */
export const pretenders: Record<string, () => Buffer> = {
  'a playlist': playlist,
  'a playlist of files': () => Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"),
  'a manifest': () =>
    Buffer.from('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period/></MPD>'),
  'a text': () => Buffer.from('this is no video\n'.repeat(100)),
  noise: noise,
}

function playlist(): Buffer {
  return Buffer.from(
    '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXTINF:10.0,\nhttp://127.0.0.1:9/x\n#EXT-X-ENDLIST\n',
  )
}

/** The same every time. */
function noise(): Buffer {
  const bytes = Buffer.alloc(4096)
  let state = 1
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

const plain = (folder: string) =>
  bytesOf(folder, { muxer: 'mp4', streams: [x264(scene('320x180')), tone(1)] })

export async function bytesOf(folder: string, recipe: Recipe): Promise<Buffer> {
  const path = join(folder, 'part.bin')
  await makeVideo({ ...recipe, path })
  return await readFile(path)
}

export async function writeBad(name: BadVideo, folder: string): Promise<string> {
  const path = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.bin`)
  await writeFile(path, await badVideos[name].make(folder))
  return path
}

/** In the headers of the film and of each track. */
function claimLength(whole: Buffer, seconds: number): Buffer {
  const scale = whole.readUInt32BE(whole.indexOf('mvhd') + 16)
  whole.writeUInt32BE(seconds * scale, whole.indexOf('mvhd') + 20)
  for (let at = whole.indexOf('tkhd'); at >= 0; at = whole.indexOf('tkhd', at + 1)) {
    whole.writeUInt32BE(seconds * scale, at + 24)
  }
  for (let at = whole.indexOf('mdhd'); at >= 0; at = whole.indexOf('mdhd', at + 1)) {
    whole.writeUInt32BE(seconds * whole.readUInt32BE(at + 16), at + 20)
  }
  return whole
}
