import { availableParallelism } from 'node:os'
import { limits as contractLimits } from '@heliograph/contract/limits'
import type { UploadPurpose } from '@heliograph/contract/media'
import type { EngineChoice, EngineOutcome, VideoRequest, VoiceRequest } from '../child/protocol.ts'
import type { ChildLimits, RunOptions } from './media-child-process.ts'
import {
  createMediaPool,
  type MediaPool,
  type MediaPoolOptions,
  type RenderOptions,
  type VideoResult,
  type VoiceResult,
} from './media-pool.ts'
import { findEngine, type VideoEngineSetting } from './media-video-engine.ts'

export interface VideoConfig {
  engine: VideoEngineSetting
  /** Folders in which programs are looked for, as PATH has them. */
  searchPath: string
  maxSeconds: number
  maxBytes: number
}

/** What videos may be, and who works on them. */
export interface Videos {
  readonly limits: VideoRequest['limits']
  render(
    work: Pick<
      VideoRequest,
      'id' | 'purpose' | 'masterPath' | 'outDir' | 'crop' | 'filter' | 'edits' | 'fit' | 'classify'
    >,
    options: RenderOptions & RunOptions,
  ): Promise<VideoResult>
  voice(
    work: Pick<VoiceRequest, 'id' | 'masterPath' | 'outDir'>,
    options: Pick<RenderOptions, 'signal'>,
  ): Promise<VoiceResult>
  original: MediaPool['original']
  /** What the engine in use can read; null when there is none that works. */
  engine(): Promise<EngineOutcome | null>
  close(): Promise<void>
}

/** 8K, which some phones record. */
const maxPixels = 36_000_000
/** 8K frames, of which decoders hold two dozen. */
const memoryBytes = 3 * 1024 ** 3
const voiceMemoryBytes = 1024 ** 3
const minute = 60_000
/** A machine that needs twenty seconds for one of a video's is not one for videos. */
const perSecondMs = 20_000
const mostThreads = 4
/** What cannot be copied is coded anew. */
const originalTimeoutMs = 30 * minute
/** Five minutes take seconds. */
const voiceTimeoutMs = 3 * minute
/** Of a process: gives way to everything else here. */
const niceness = 10

/**
 * One at a time, in a process of its own and after everything else: whoever shares a photograph does not wait, and whose
 * Story is to be seen today waits for no film of ten minutes.
 */
export function createVideos(
  config: VideoConfig,
  log: MediaPoolOptions['log'],
  { onSpent, account }: Pick<MediaPoolOptions, 'onSpent'> & Pick<ChildLimits, 'account'> = {},
): Videos {
  const forFilms: MediaPoolOptions = {
    size: 1,
    log,
    jobsPerChild: 50,
    ...(onSpent ? { onSpent } : {}),
    limits: {
      account,
      memoryBytes,
      timeoutMs: 2 * minute,
      timeoutPerSecondMs: perSecondMs,
      stallMs: 2 * minute,
      niceness,
    },
  }
  const pool = createMediaPool(forFilms)
  const clips = createMediaPool(forFilms)
  // Copying takes seconds where transcoding takes minutes: an owner who wants a film back does not wait behind others' films.
  const originals = createMediaPool({
    size: 1,
    log,
    jobsPerChild: 50,
    ...(onSpent ? { onSpent } : {}),
    limits: { account, memoryBytes, timeoutMs: originalTimeoutMs, niceness },
  })
  // Somebody's voice waits behind no film.
  const voices = createMediaPool({
    size: 1,
    log,
    ...(onSpent ? { onSpent } : {}),
    limits: { account, memoryBytes: voiceMemoryBytes, timeoutMs: voiceTimeoutMs, niceness },
  })
  const limits = { maxSeconds: config.maxSeconds, maxBytes: config.maxBytes, maxPixels }
  const threads = Math.min(mostThreads, availableParallelism())
  let found: ReturnType<typeof findEngine> | undefined
  let described: Promise<EngineOutcome | null> | undefined
  const choose = () => {
    found ??= findEngine(config.engine, config.searchPath, log)
    return found
  }

  return {
    limits,
    async render(work, options) {
      const own = { ...limits, maxSeconds: longestFilm(work.purpose, limits.maxSeconds) }
      const request = { ...work, kind: 'video' as const, engine: await choose(), limits: own, threads }
      return await (work.purpose === 'story' ? clips : pool).video(request, options)
    },
    async voice(work, options) {
      const own = { maxSeconds: contractLimits.voiceSeconds, maxBytes: contractLimits.voiceBytes }
      return await voices.voice({ ...work, kind: 'voice', engine: await choose(), limits: own }, options)
    },
    async original(request, options) {
      return await originals.original({ ...request, engine: await choose() }, options)
    },
    engine() {
      described ??= choose()
        .then((engine) => askEngine(engine, log))
        .catch((err: unknown) => {
          log.warn({ err }, 'the video engine does not answer')
          described = undefined
          return null
        })
      return described
    },
    async close() {
      await Promise.all([pool.close(), clips.close(), originals.close(), voices.close()])
    },
  }
}

/** Seconds. */
export function longestFilm(purpose: UploadPurpose, setting: number): number {
  return purpose === 'story' ? Math.min(contractLimits.storySeconds, setting) : setting
}

/** In a process of its own, which ends: the one that works may be at a long film. */
async function askEngine(engine: EngineChoice, log: MediaPoolOptions['log']): Promise<EngineOutcome> {
  await using probe = createMediaPool({ size: 1, log })
  return await probe.engine({ id: 'engine', kind: 'engine', engine })
}
