import { type MadeVideo, makeVideo } from './video-maker.ts'

// Recordings as browsers and phones make them.

type Recipe = Omit<MadeVideo, 'path'>

const spoken = (seconds: number) =>
  // Louder and quieter, as speech is.
  `sine=f=220:r=48000:d=${seconds},volume='if(lt(mod(t,1),0.5),1,0.1)':eval=frame`
const coded = (codec: string, format: string, samples: number, seconds = 2): Recipe['streams'] => [
  {
    graph: `${spoken(seconds)},aformat=sample_fmts=${format}:channel_layouts=mono,asetnsamples=${samples}:p=0`,
    codec,
  },
]

export const voices = {
  'Chrome: WebM without a length': {
    muxer: 'webm',
    muxerOptions: { live: '1' },
    streams: coded('libopus', 's16', 960),
  },
  'Firefox: Ogg': { muxer: 'ogg', streams: coded('libopus', 's16', 960) },
  'Safari: MP4': {
    muxer: 'mp4',
    tags: { title: 'secret title', location: '+48.1374+011.5755/' },
    streams: coded('aac', 'fltp', 1024),
  },
  WAV: { muxer: 'wav', streams: coded('pcm_s16le', 's16', 1024) },
} as const satisfies Record<string, Recipe>
export type Voice = keyof typeof voices

export async function writeVoice(name: Voice, path: string): Promise<void> {
  await makeVideo({ ...voices[name], path })
}

/** Each takes no time to make and is longer, or shorter, than a note may be. */
export async function writeOfLength(seconds: number, path: string): Promise<void> {
  const graph = `sine=f=220:r=8000:d=${seconds},aformat=sample_fmts=u8:sample_rates=8000:channel_layouts=mono`
  await makeVideo({ path, muxer: 'wav', streams: [{ graph, codec: 'pcm_u8' }] })
}
