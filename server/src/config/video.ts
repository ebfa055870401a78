import type { Settings } from './settings.ts'

export interface VideoConfig {
  engine: 'auto' | 'ffmpeg' | 'bundled'
  /** Folders in which FFmpeg is looked for, as PATH has them. */
  searchPath: string
  maxSeconds: number
  maxBytes: number
}

export function readVideo(settings: Settings): VideoConfig {
  const maxBytes = settings.mebibytes('VIDEO_MAX_MB', {
    fallback: 1024,
    min: 1,
    max: 100_000,
    example: '1024',
  })
  return {
    engine: settings.oneOf('VIDEO_ENGINE', ['auto', 'ffmpeg', 'bundled'] as const, 'auto'),
    searchPath: settings.text('PATH') ?? '',
    maxSeconds: settings.integer('VIDEO_MAX_SECONDS', {
      fallback: 600,
      min: 1,
      max: 24 * 3600,
      example: '600',
    }),
    maxBytes,
  }
}
