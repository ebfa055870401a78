import { photoLimits } from './child/protocol.ts'
import type { MediaRow } from './media-tables.ts'

interface VideoLimits {
  maxSeconds: number
  maxBytes: number
  maxPixels: number
}

export function createAllowedInstead(videos: VideoLimits) {
  return ({
    media_type,
    failure_code,
  }: Pick<MediaRow, 'media_type' | 'failure_code'>): string | undefined => {
    const isVideo = media_type === 'video'
    const bytes = isVideo ? videos.maxBytes : photoLimits.maxBytes
    switch (failure_code) {
      case 'media.too_long':
        return `A video may last at most ${videos.maxSeconds} seconds.`
      case 'media.too_large':
        return `A ${isVideo ? 'video' : 'photograph'} may have at most ${bytes} bytes.`
      case 'media.too_many_pixels':
        return isVideo
          ? `A picture of a video may have at most ${videos.maxPixels} pixels.`
          : `A photograph may have at most ${photoPixels}.`
      default:
        return undefined
    }
  }
}

const { jpeg, heic, png } = photoLimits.maxPixels
const photoPixels = `${png} pixels (JPEG ${jpeg}, HEIC ${heic})`
