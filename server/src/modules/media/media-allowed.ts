import { limits } from '@heliograph/contract/limits'
import { photoLimits } from './child/protocol.ts'
import type { MediaRow } from './media-tables.ts'
import { longestFilm } from './rendering/media-videos.ts'

interface VideoLimits {
  maxSeconds: number
  maxBytes: number
  maxPixels: number
}

export type Refused = Pick<MediaRow, 'media_type' | 'purpose' | 'failure_code'>

export function createAllowedInstead(videos: VideoLimits) {
  return ({ media_type: type, purpose, failure_code: code }: Refused): string | undefined => {
    switch (code) {
      case 'media.too_long':
        return `${named(purpose === 'story' ? 'story' : type)} may last at most ${
          type === 'voice' ? limits.voiceSeconds : longestFilm(purpose, videos.maxSeconds)
        } seconds.`
      case 'media.too_large':
        return `${named(type)} may have at most ${bytesOf(type, videos)} bytes.`
      case 'media.too_many_pixels':
        return type === 'video'
          ? `A picture of a video may have at most ${videos.maxPixels} pixels.`
          : `A photograph may have at most ${photoPixels}.`
      default:
        return undefined
    }
  }
}

function named(what: MediaRow['media_type'] | 'story'): string {
  return { photo: 'A photograph', video: 'A video', voice: 'A voice note', story: 'A Story' }[what]
}

function bytesOf(type: MediaRow['media_type'], videos: VideoLimits): number {
  return { photo: photoLimits.maxBytes, video: videos.maxBytes, voice: limits.voiceBytes }[type]
}

const { jpeg, heic, png } = photoLimits.maxPixels
const photoPixels = `${png} pixels (JPEG ${jpeg}, HEIC ${heic})`
