import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MediaError } from '../media-error.ts'
import type { Size } from '../picture-geometry.ts'

export interface Variant extends Size {
  /** Bare name of its playlist. */
  playlist: string
  hasAudio: boolean
}

/** What FFmpeg's muxer wrote for one rendition: playlist, initialization and segments, by bare names. */
export async function filesOfVariant(folder: string, playlist: string): Promise<string[]> {
  const { init, segments } = await readVariant(folder, playlist)
  return [playlist, init, ...segments.map(({ file }) => file)]
}

/** The playlist that players begin with: the largest last would be slow on a train, so the smallest is first. */
export async function masterPlaylist(folder: string, variants: readonly Variant[]): Promise<string> {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS']
  for (const { playlist, width, height, hasAudio } of [...variants].reverse()) {
    const { init, segments } = await readVariant(folder, playlist)
    const rates: number[] = []
    let bytes = 0
    for (const { file, seconds } of segments) {
      const { size } = await stat(join(folder, file))
      bytes += size
      rates.push((size * 8) / Math.max(seconds, 0.1))
    }
    const total = segments.reduce((sum, { seconds }) => sum + seconds, 0)
    const codecs = [await videoCodec(join(folder, init)), ...(hasAudio ? ['mp4a.40.2'] : [])].join(',')
    const attributes = [
      `BANDWIDTH=${Math.ceil(Math.max(...rates))}`,
      `AVERAGE-BANDWIDTH=${Math.ceil((bytes * 8) / Math.max(total, 0.1))}`,
      `RESOLUTION=${width}x${height}`,
      `CODECS="${codecs}"`,
    ]
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, playlist)
  }
  return `${lines.join('\n')}\n`
}

async function readVariant(folder: string, playlist: string) {
  const text = await readFile(join(folder, playlist), 'utf8')
  const init = /^#EXT-X-MAP:URI="([\w.]+)"/m.exec(text)?.[1]
  const segments = [...text.matchAll(/^#EXTINF:([\d.]+),[^\n]*\n(?:#[^\n]*\n)*([\w.]+)$/gm)]
  if (!init || segments.length === 0) throw new MediaError('media.corrupt', 'no segments were made')
  return {
    init,
    segments: segments.map(([, seconds, file]) => ({ seconds: Number(seconds), file: file! })),
  }
}

/** Profile and level as RFC 6381 writes them, from the decoder's configuration. */
async function videoCodec(initPath: string): Promise<string> {
  const bytes = await readFile(initPath)
  const at = bytes.indexOf('avcC')
  if (at < 0) throw new MediaError('media.corrupt', 'no H.264 configuration was written')
  return `avc1.${bytes.toString('hex', at + 5, at + 8)}`
}
