import { limits } from '@heliograph/contract/limits'
import { call } from '../../lib/api.ts'

export interface MediaLimits {
  photoBytes: number
  /** Undefined: this server takes no videos. */
  video: { bytes: number; seconds: number } | undefined
}

const unbounded = { bytes: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY }
let asked: Promise<MediaLimits> | undefined

/** What this server takes, asked once; without an answer it refuses by itself what is too much. */
export function mediaLimits(): Promise<MediaLimits> {
  asked ??= call('GET /api/capabilities').then(
    ({ photo, video }) => ({
      photoBytes: photo.maxBytes,
      video: video && { bytes: video.maxBytes, seconds: video.maxSeconds },
    }),
    () => {
      asked = undefined
      return { photoBytes: limits.photoBytes, video: unbounded }
    },
  )
  return asked
}

/** "100 MB", "1.5 GB". */
export function bytesInWords(bytes: number, locale: string): string {
  const [size, unit] = bytes >= 1024 ** 3 ? [bytes / 1024 ** 3, 'GB'] : [bytes / 1024 ** 2, 'MB']
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(size)} ${unit}`
}
