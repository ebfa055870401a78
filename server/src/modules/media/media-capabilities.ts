import type { Capabilities } from '@heliograph/contract/capabilities'
import { filters } from '@heliograph/contract/filters'
import { limits, storyFrame } from '@heliograph/contract/limits'
import type { Log } from '#platform/telemetry/log.ts'
import { type PhotoFormat, photoLimits } from './child/protocol.ts'
import { createMediaPool } from './rendering/media-pool.ts'
import { longestFilm, type Videos } from './rendering/media-videos.ts'

export type MediaCapabilities = Omit<Capabilities, 'feedModes'>

interface CapabilitiesDeps {
  videos: Pick<Videos, 'engine' | 'limits'>
  log: Log
}

/**
 * What the decoders in use can do, asked of them when somebody first wants to know, in processes that do nothing
 * else: the answer never waits behind pictures or films.
 */
export function createMediaCapabilities({ videos, log }: CapabilitiesDeps): () => Promise<MediaCapabilities> {
  let photo: Promise<PhotoFormat[]> | undefined

  async function photoFormats(): Promise<PhotoFormat[]> {
    photo ??= askDecoders(log)
    try {
      return await photo
    } catch (err) {
      photo = undefined
      throw err
    }
  }

  return async () => {
    const [formats, engine] = await Promise.all([photoFormats(), videos.engine()])
    return {
      photo: {
        formats: formats.map(typeOf),
        maxBytes: limits.photoBytes,
        maxPixels: Object.fromEntries(
          formats.map((format) => [typeOf(format), photoLimits.maxPixels[format]]),
        ),
      },
      ...(engine && {
        video: {
          formats: engine.formats,
          videoCodecs: engine.videoCodecs,
          audioCodecs: engine.audioCodecs,
          maxBytes: videos.limits.maxBytes,
          maxSeconds: videos.limits.maxSeconds,
          maxPixels: videos.limits.maxPixels,
          captions: { maxBytes: limits.captionsBytes },
          engine: engine.name,
        },
      }),
      avatar: { maxBytes: limits.avatarBytes },
      story: {
        width: storyFrame.width,
        height: storyFrame.height,
        maxSeconds: longestFilm('story', videos.limits.maxSeconds),
      },
      ...(engine && {
        voice: {
          formats: engine.voiceFormats,
          maxBytes: limits.voiceBytes,
          maxSeconds: limits.voiceSeconds,
        },
      }),
      filters: filters.map(({ id, name }) => ({ id, name })),
      maxMediaPerPost: limits.mediaPerPost,
    }
  }
}

function typeOf(format: PhotoFormat): string {
  return `image/${format}`
}

async function askDecoders(log: Log): Promise<PhotoFormat[]> {
  await using probe = createMediaPool({ size: 1, log })
  return await probe.decoders()
}
