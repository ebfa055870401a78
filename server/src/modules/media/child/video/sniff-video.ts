import type { VideoFormat } from '../protocol.ts'
import { pictureFormatOf } from '../sniff-format.ts'
import type { Demuxer } from './video-engine.ts'

/** So many bytes tell. */
export const sniffedBytes = 64

/** Boxes with which QuickTime files from before `ftyp` begin. */
const oldBoxes = new Set(['moov', 'mdat', 'wide', 'skip', 'free', 'pnot'])

/** The container by content; names and declared types are not looked at. A picture's brands make it one. */
export function sniffVideo(head: Buffer): VideoFormat | undefined {
  if (head.length >= 4 && head.readUInt32BE(0) === 0x1a45dfa3) {
    const text = head.toString('latin1', 0, sniffedBytes)
    if (text.includes('webm')) return 'webm'
    return text.includes('matroska') ? 'mkv' : undefined
  }
  if (head.length < 12) return undefined
  const box = head.toString('latin1', 4, 8)
  if (box === 'ftyp') {
    if (pictureFormatOf(head)) return undefined
    return head.toString('latin1', 8, 12) === 'qt  ' ? 'mov' : 'mp4'
  }
  const size = head.readUInt32BE(0)
  return oldBoxes.has(box) && (size === 1 || size >= 8) ? 'mov' : undefined
}

export function demuxerOf(format: VideoFormat): Demuxer {
  return format === 'webm' || format === 'mkv' ? 'matroska' : 'mov'
}
