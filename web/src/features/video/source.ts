import type { PostMedia } from '@heliograph/contract/posts'
import { lineSpeed } from '../../lib/network.ts'

type Addresses = Pick<PostMedia, 'videoUrl' | 'hlsUrl'>

/** `file`: the whole video in one, which the browser keeps. `stream`: pieces whose quality follows the line. */
export interface Source {
  readonly way: 'file' | 'stream'
  readonly url: string
}

interface Line {
  /** Known to carry the file at once. */
  quick: boolean
  saving: boolean
}

/** The file for a line that is known to be quick; else the stream, which begins light. */
export function chooseSource({ videoUrl, hlsUrl }: Addresses, { quick, saving }: Line): Source | undefined {
  if (hlsUrl && (!videoUrl || saving || !quick)) return { way: 'stream', url: hlsUrl }
  return videoUrl ? { way: 'file', url: videoUrl } : undefined
}

/** What to try when one way has failed. */
export function otherSource(media: Addresses, { way }: Source): Source | undefined {
  if (way === 'file') return media.hlsUrl ? { way: 'stream', url: media.hlsUrl } : undefined
  return media.videoUrl ? { way: 'file', url: media.videoUrl } : undefined
}

const playlist = 'application/vnd.apple.mpegurl'
const bufferedSeconds = 12

/**
 * Gives a video its source and answers how to take it away again. Browsers that read playlists do it themselves;
 * for the others a library comes, which is large and therefore loaded only then.
 */
export async function attachSource(
  video: HTMLVideoElement,
  source: Source,
  onFailed: () => void,
): Promise<() => void> {
  if (source.way === 'file' || video.canPlayType(playlist) !== '') {
    video.src = source.url
    return () => {
      video.removeAttribute('src')
      video.load()
    }
  }
  const { default: Hls } = await import('hls.js/light')
  if (!Hls.isSupported()) throw new Error('no way to play a stream')
  const stream = new Hls({
    // The page's policy lets no script be made from text, which its worker would be.
    enableWorker: false,
    capLevelToPlayerSize: true,
    maxBufferLength: bufferedSeconds,
    backBufferLength: bufferedSeconds,
    ...(lineSpeed.peek() === undefined ? {} : { abrEwmaDefaultEstimate: (lineSpeed.peek() ?? 0) * 8 }),
  })
  stream.on(Hls.Events.ERROR, (_, { fatal }) => {
    if (fatal) onFailed()
  })
  stream.loadSource(source.url)
  stream.attachMedia(video)
  return () => stream.destroy()
}
