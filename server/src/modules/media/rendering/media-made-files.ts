import { join } from 'node:path'
import { MediaError } from '../child/media-error.ts'
import {
  type MadeType,
  type RenderRequest,
  type RenditionName,
  renditionNames,
  type VideoFileName,
  type VideoRequest,
  type WrittenFile,
  waveformParts,
} from '../child/protocol.ts'

// The child met a stranger's bytes: its answer may only name the files it was asked for.

export interface MadeFile<Name extends string = string> extends WrittenFile<Name> {
  path: string
}

export function checkedFiles(
  request: RenderRequest,
  files: WrittenFile<RenditionName>[],
): MadeFile<RenditionName>[] {
  const expected: readonly string[] = renditionNames[request.purpose]
  if (files.length !== expected.length || files.some(({ name }, index) => name !== expected[index])) {
    throw unexpected()
  }
  return files.map((file) => placed(request.outDir, file))
}

/** A film's poster in all its sizes, the film, and every file of the folder that plays, each once. */
export function checkedVideoFiles(
  request: VideoRequest,
  files: WrittenFile<VideoFileName>[],
): MadeFile<VideoFileName>[] {
  const { purpose } = request
  const played = purpose === 'media' ? ['master'] : []
  const expected: readonly string[] = [...renditionNames[purpose], 'video', ...played]
  const single = files.filter(({ name }) => name !== 'hls').map(({ name }) => name)
  const isComplete = single.length === expected.length && expected.every((name, at) => name === single[at])
  const plays = files.some(({ name }) => name === 'hls')
  if (plays !== (purpose === 'media')) throw unexpected()
  if (!isComplete || new Set(files.map(({ file }) => file)).size < files.length) throw unexpected()
  return files.map((file) => placed(request.outDir, file))
}

export function isWaveform(heights: readonly number[]): boolean {
  const isHeight = (height: number) => Number.isInteger(height) && height >= 0 && height <= 100
  return heights.length === waveformParts && heights.every(isHeight)
}

const endings: Readonly<Record<MadeType, string>> = {
  'image/webp': 'webp',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'audio/mp4': 'm4a',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'video/iso.segment': 'm4s',
  'application/vnd.apple.mpegurl': 'm3u8',
}

export function placed<Name extends string>(outDir: string, written: WrittenFile<Name>): MadeFile<Name> {
  const [, ending] = /^[a-z0-9_]{1,40}\.([a-z0-9]+)$/.exec(written.file) ?? []
  if (ending === undefined || endings[written.type] !== ending) throw unexpected()
  return { ...written, path: join(outDir, written.file) }
}

export function unexpected(): MediaError {
  return new MediaError('media.corrupt', 'the decoding process answered something else')
}
