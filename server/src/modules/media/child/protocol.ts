// What the worker and its decoding child say to each other over the IPC channel. Data only: the parent
// imports this file too, and must not load a decoder by doing so.

import type { Edits } from '@heliograph/contract/edits'
import type { FrameFit } from '@heliograph/contract/media'
import type { PhotoExif } from '@heliograph/contract/photo-exif'
import type { EngineChoice, EngineName } from './video/video-engine.ts'

export type { EngineChoice, EngineName, PhotoExif }

export const photoFormats = ['jpeg', 'png', 'webp', 'avif', 'gif', 'heic'] as const
export type PhotoFormat = (typeof photoFormats)[number]

export const videoFormats = ['mp4', 'mov', 'webm', 'mkv'] as const
/** Of what browsers record. */
export type VoiceFormat = VideoFormat | 'ogg' | 'wav'
export type VideoFormat = (typeof videoFormats)[number]

/** Upright picture, fractions of its width and height. */
export interface Crop {
  x: number
  y: number
  width: number
  height: number
}

/** What pictures are made for; films for all of these but the second. */
export type RenderPurpose = 'media' | 'avatar' | 'story' | 'message'

export function isPicturePurpose(purpose: string): purpose is RenderPurpose {
  return purpose in renditionNames
}

export interface RenderRequest {
  /** The caller's own label, only for logs: jobs are matched by the channel, not by it. */
  id: string
  kind: 'photo'
  purpose: RenderPurpose
  masterPath: string
  /** An existing folder of this job alone; what a killed child leaves in it is the caller's to remove. */
  outDir: string
  crop?: Crop
  /** Id; unknown ones do nothing. */
  filter?: string
  edits?: Edits
  /** Of Stories. */
  fit?: FrameFit
  /** Absent: nobody looks at what is in the picture. */
  classify?: ClassifyOptions
}

/** Whoever watches a film: an avatar is none. */
export type FilmPurpose = Exclude<RenderPurpose, 'avatar'>

export interface OriginalRequest {
  id: string
  kind: 'original'
  masterPath: string
  outDir: string
  /** Given for a video: packets are copied, nothing is decoded. */
  engine?: EngineChoice
}

export interface VideoRequest {
  id: string
  kind: 'video'
  purpose: FilmPurpose
  masterPath: string
  outDir: string
  crop?: Crop
  filter?: string
  /** Colours alone. */
  edits?: Edits
  fit?: FrameFit
  engine: EngineChoice
  limits: VideoLimits
  threads: number
  /** Look at some of its pictures. */
  classify?: ClassifyOptions
}

/** Somebody's voice, to be played by every browser. */
export interface VoiceRequest {
  id: string
  kind: 'voice'
  masterPath: string
  outDir: string
  engine: EngineChoice
  limits: Pick<VideoLimits, 'maxSeconds' | 'maxBytes'>
}

/** What can the engine read? */
export interface EngineRequest {
  id: string
  kind: 'engine'
  engine: EngineChoice
}

/** Which photographs can the decoders read? */
export interface DecodersRequest {
  id: string
  kind: 'decoders'
}

export type ChildRequest =
  | RenderRequest
  | OriginalRequest
  | VideoRequest
  | VoiceRequest
  | EngineRequest
  | DecodersRequest

export interface VideoLimits {
  maxSeconds: number
  maxBytes: number
  /** Of a frame as it is stored. */
  maxPixels: number
}

export const renditionNames = {
  media: ['thumbnail', 'medium', 'large', 'fallback'],
  avatar: ['64', '150', '320'],
  story: ['thumbnail', 'large', 'fallback'],
  message: ['thumbnail', 'large', 'fallback'],
} as const
export type RenditionName = (typeof renditionNames)[RenderPurpose][number]

/** `file` is a bare name inside outDir; the parent joins the path and never trusts one from the child. */
export interface WrittenFile<Name extends string = string> {
  name: Name
  file: string
  width: number
  height: number
  bytes: number
  type: MadeType
}

export interface ClassifyOptions {
  /** From this on a picture is not shown unseen, 0 to 1: around it the quick network is not believed alone. */
  threshold: number
}

/** In the order of the networks' outputs. */
export const pictureClasses = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const
export type PictureScores = Record<(typeof pictureClasses)[number], number>

/** `model` is null when nothing could be told; `detail` is for logs. */
export type Classification =
  | { model: string; scores: PictureScores; frames: number }
  | { model: null; detail: string }
export type MadeType =
  | 'image/webp'
  | 'image/jpeg'
  | 'image/png'
  | 'audio/mp4'
  | 'video/mp4'
  | 'video/quicktime'
  | 'video/webm'
  | 'video/x-matroska'
  | 'video/iso.segment'
  | 'application/vnd.apple.mpegurl'

/** Of a poster there are the renditions of a photograph; `hls` is every file of the folder that plays. */
export type PosterName = (typeof renditionNames)['media'][number]
export type VideoFileName = PosterName | 'video' | 'master' | 'hls'

export interface RenderOutcome<File> {
  format: PhotoFormat
  /** The whole master, upright. */
  sourceWidth: number
  sourceHeight: number
  /** The largest rendition. */
  width: number
  height: number
  files: File[]
  /** Base64. */
  thumbhash: string
  /** The colour that there is most of: `#rrggbb`. */
  color: string
  /** 16 hex digits, see picture-hashes.ts. */
  perceptualHash: string
  /** Of the whole master, upright, without what was chosen. */
  wholeHash: string
  exif: PhotoExif
  /** When it was asked for. */
  classification?: Classification
  /** CPU time of the child for this job, for metrics and the benchmark. */
  cpuMs: number
}

export interface VideoOutcome<File> {
  format: VideoFormat
  /** The whole master, upright and in square pixels. */
  sourceWidth: number
  sourceHeight: number
  /** The largest rendition. */
  width: number
  height: number
  durationMs: number
  hasAudio: boolean
  files: File[]
  classification?: Classification
  /** These of the poster. */
  thumbhash: string
  color: string
  perceptualHash: string
  /** Of pictures from all over the film. */
  frameHashes: string[]
  exif: PhotoExif
  cpuMs: number
}

/** How many parts of a voice note's time its waveform tells of. */
export const waveformParts = 64

export interface VoiceOutcome<File> {
  format: VoiceFormat
  durationMs: number
  /** The loudest moment of each part, from 0 to 100 where 100 is the loudest of all. */
  waveform: number[]
  files: File[]
  cpuMs: number
}

/** What the engine in use can read. */
export interface EngineOutcome {
  name: EngineName
  version: string
  /** MIME types. */
  formats: string[]
  /** The same of voice notes. */
  voiceFormats: string[]
  videoCodecs: string[]
  audioCodecs: string[]
}

export interface OriginalOutcome<File> {
  format: PhotoFormat | VideoFormat
  /** Upright size. */
  width: number
  height: number
  /** False when the pixels were coded anew: browsers cannot show the format, or its structure is odd. */
  lossless: boolean
  file: File
  cpuMs: number
}

/** All but the last are the picture's own fault; the contract has a sentence for each of those. */
export const mediaFailureCodes = [
  'media.empty',
  'media.unsupported_format',
  'media.unsupported_sound',
  'media.corrupt',
  'media.too_many_pixels',
  'media.too_large',
  'media.too_long',
  'media.too_short',
  'media.no_video',
  'media.no_sound',
  'media.timeout',
  'media.out_of_memory',
  'media.interrupted',
] as const
export type MediaFailureCode = (typeof mediaFailureCodes)[number]

export interface MediaFailure {
  code: MediaFailureCode
  /** For logs: a decoder's own words. Never shown to people. */
  detail?: string
}

export type ToChild = { job: ChildRequest }
/** `rssBytes` is the memory that the process holds on to after the job. */
export type FromChild =
  | { type: 'ready' }
  | { type: 'rendered'; result: RenderOutcome<WrittenFile<RenditionName>>; rssBytes: number }
  | { type: 'video'; result: VideoOutcome<WrittenFile<VideoFileName>>; rssBytes: number }
  | { type: 'voice'; result: VoiceOutcome<WrittenFile<'voice'>>; rssBytes: number }
  | { type: 'engine'; result: EngineOutcome; rssBytes: number }
  | { type: 'decoders'; result: PhotoFormat[]; rssBytes: number }
  /** Of a video's length, once it is known; nothing is decoded before. */
  | { type: 'begun'; seconds: number | null }
  /** From 0 to 1; never less than before. */
  | { type: 'progress'; progress: number }
  | { type: 'original'; result: OriginalOutcome<WrittenFile<'original'>>; rssBytes: number }
  | { type: 'failed'; failure: MediaFailure; rssBytes: number }
  | { type: 'memory'; rssBytes: number }

export const photoLimits = {
  maxBytes: 100 * 1024 * 1024,
  /** JPEG shrinks while it loads, so it may be far larger than formats that decode whole. */
  maxPixels: { jpeg: 250e6, heic: 64e6, png: 100e6, webp: 100e6, avif: 100e6, gif: 100e6 },
} as const satisfies { maxBytes: number; maxPixels: Record<PhotoFormat, number> }
