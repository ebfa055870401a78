/**
 * Codecs that phones, cameras and screen recorders write, by FFmpeg's names, with the decoders that may read
 * them: the first that the engine has is used, and no other exists for a stranger's file.
 */
export const videoDecoders: Readonly<Record<string, readonly string[]>> = {
  h264: ['h264'],
  hevc: ['hevc'],
  vp9: ['vp9'],
  vp8: ['vp8'],
  av1: ['libdav1d', 'libaom-av1'],
  mpeg4: ['mpeg4'],
  h263: ['h263'],
  mjpeg: ['mjpeg'],
  prores: ['prores'],
  mpeg2video: ['mpeg2video'],
  mpeg1video: ['mpeg1video'],
  dvvideo: ['dvvideo'],
  dnxhd: ['dnxhd'],
  theora: ['theora'],
}

export const audioDecoders: Readonly<Record<string, readonly string[]>> = {
  aac: ['aac'],
  mp3: ['mp3float', 'mp3'],
  opus: ['opus', 'libopus'],
  vorbis: ['vorbis'],
  flac: ['flac'],
  alac: ['alac'],
  ac3: ['ac3'],
  eac3: ['eac3'],
  mp2: ['mp2float', 'mp2'],
  dts: ['dca'],
  adpcm_ima_qt: ['adpcm_ima_qt'],
  adpcm_ima_wav: ['adpcm_ima_wav'],
  adpcm_ms: ['adpcm_ms'],
  amr_nb: ['amrnb'],
  amr_wb: ['amrwb'],
  pcm_s16le: ['pcm_s16le'],
  pcm_s16be: ['pcm_s16be'],
  pcm_s24le: ['pcm_s24le'],
  pcm_s24be: ['pcm_s24be'],
  pcm_s32le: ['pcm_s32le'],
  pcm_f32le: ['pcm_f32le'],
  pcm_f32be: ['pcm_f32be'],
  pcm_s8: ['pcm_s8'],
  pcm_u8: ['pcm_u8'],
  pcm_s32be: ['pcm_s32be'],
  pcm_mulaw: ['pcm_mulaw'],
  pcm_alaw: ['pcm_alaw'],
}

export const decoderNames = [...Object.values(videoDecoders), ...Object.values(audioDecoders)].flat()

/** Undefined: the engine cannot read this codec, or it is none of ours. */
export function decoderFor(
  codec: string,
  table: Readonly<Record<string, readonly string[]>>,
  available: readonly string[],
): string | undefined {
  return Object.hasOwn(table, codec) ? table[codec]?.find((name) => available.includes(name)) : undefined
}

/** What an engine must have beside decoders to be of use. */
export const needed = {
  demuxers: ['mov', 'matroska', 'ogg', 'wav'],
  encoders: ['libx264', 'aac'],
  filters: [
    'scale',
    'crop',
    'transpose',
    'fps',
    'split',
    'tpad',
    'loop',
    'apad',
    'aresample',
    'lut3d',
    'zscale',
    'tonemap',
  ],
} as const
