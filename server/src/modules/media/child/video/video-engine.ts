// What this server asks of FFmpeg, in two forms: the machine's own program, or the library that npm brings.
// Both speak FFmpeg's own language (names of codecs, filters and muxer options), so a plan is made once and
// says nothing of who carries it out.

export type EngineName = 'ffmpeg' | 'bundled'

/** Chosen by the parent: the child has no environment to look for programs in. */
export type EngineChoice = { name: 'ffmpeg'; ffmpeg: string; ffprobe: string } | { name: 'bundled' }

/** FFmpeg's name of the demuxer: never guessed by it, so that no playlist is ever opened. */
export type Demuxer = 'mov' | 'matroska' | 'ogg' | 'wav'

export interface Source {
  path: string
  demuxer: Demuxer
}

export interface Fraction {
  num: number
  den: number
}

export interface ProbedVideo {
  kind: 'video'
  index: number
  codec: string
  isDefault: boolean
  isAttachedPicture: boolean
  durationSeconds: number | null
  width: number
  height: number
  pixelAspect: Fraction
  /** First two rows and columns of the display matrix: a, b, c, d. */
  matrix: readonly [number, number, number, number]
  averageRate: Fraction
  baseRate: Fraction
  /** FFmpeg's names; null when the file does not say. */
  transfer: string | null
  primaries: string | null
  matrixCoefficients: string | null
  isFullRange: boolean
  isInterlaced: boolean
}

export interface ProbedAudio {
  kind: 'audio'
  index: number
  codec: string
  isDefault: boolean
  durationSeconds: number | null
  sampleRate: number
  channels: number
}

export interface Probed {
  durationSeconds: number | null
  /** When the first stream begins by the file's own clock. */
  startSeconds: number
  /** Names in lower case, as the container has them; first the file's, then the video's own. */
  tags: Readonly<Record<string, string>>
  streams: readonly (ProbedVideo | ProbedAudio)[]
}

export type Options = Readonly<Record<string, string>>

export interface EncodeJob {
  source: Source
  /** Seconds of the result at most. */
  maxSeconds: number
  /** Coded pixels of a frame at most, whatever the header said. */
  maxPixels: number
  threads: number
  /** `filters` ends in one labelled pad for each output: `…,split=2[v0][v1]`. Null: sound alone. */
  video: { index: number; decoder: string; filters: string; outputs: readonly VideoOutput[] } | null
  /** `filters` ends unlabelled. */
  audio: { index: number; decoder: string; filters: string; path: string; options: Options } | null
}

export interface VideoOutput {
  path: string
  /** Of libx264. */
  options: Options
}

export interface RemuxJob {
  inputs: readonly Source[]
  outputs: readonly {
    path: string
    muxer: string
    options: Options
    streams: readonly {
      input: number
      index: number
      /** A bitstream filter with its options, as `name=key=value`. */
      bitstreamFilter?: string
    }[]
  }[]
}

export interface FramesJob {
  source: Source
  index: number
  decoder: string
  /** Bring every frame to exactly this size. */
  filters: string
  width: number
  height: number
}

export interface SamplesJob {
  source: Source
  index: number
  decoder: string
  /** Samples a second, of one channel. */
  rate: number
}

export interface EngineFacts {
  name: EngineName
  version: string
  demuxers: readonly string[]
  /** By their own names, of which a codec may have several. */
  decoders: readonly string[]
  encoders: readonly string[]
  filters: readonly string[]
}

export interface VideoEngine {
  facts(): Promise<EngineFacts>
  /** Reads headers and as little as tells what is inside. */
  probe(source: Source, maxPixels: number): Promise<Probed>
  /** Reads every packet of a video stream, for files that do not say how long it is. Seconds. */
  measure(source: Source, index: number): Promise<number>
  /** Decodes once and encodes each output to an MP4 of its own; keyframes at every second second. */
  encode(job: EncodeJob, onTime: (seconds: number) => void): Promise<void>
  /** Copies packets: nothing is decoded. No metadata of the inputs is taken along. */
  remux(job: RemuxJob): Promise<void>
  /** RGB, 8 bits, row after row, until `onFrame` says that it has seen enough. */
  frames(job: FramesJob, onFrame: (pixels: Buffer) => Promise<'more' | 'enough'>): Promise<void>
  /** All of a sound, 16 bits a sample, little end first; chunks end anywhere between two samples. */
  samples(job: SamplesJob, onSamples: (samples: Buffer) => void): Promise<void>
}

/** Seconds from one keyframe, and so from one segment, to the next. */
export const keyframeSeconds = 2

/** What FFmpeg itself can count; for files of our own. */
export const mostPixels = 2 ** 31 - 1
