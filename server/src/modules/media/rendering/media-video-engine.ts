import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { EngineChoice } from '../child/protocol.ts'
import { readFacts } from '../child/video/ffmpeg-engine.ts'
import { needed } from '../child/video/video-codecs.ts'

export const videoEngineSettings = ['auto', 'ffmpeg', 'bundled'] as const
/** `auto`: the machine's FFmpeg when it will do, else the one that npm brings. */
export type VideoEngineSetting = (typeof videoEngineSettings)[number]

const oldestMajor = 5

interface EngineLog {
  warn(fields: object, text: string): void
}

/** Looked for once; the programs are the operator's own and see nobody's file here. */
export async function findEngine(
  setting: VideoEngineSetting,
  searchPath: string,
  log: EngineLog,
): Promise<EngineChoice> {
  if (setting === 'bundled') return { name: 'bundled' }
  const [ffmpeg, ffprobe] = await Promise.all(['ffmpeg', 'ffprobe'].map((name) => find(name, searchPath)))
  if (!ffmpeg || !ffprobe) {
    if (setting === 'ffmpeg') log.warn({}, 'VIDEO_ENGINE=ffmpeg, but ffmpeg and ffprobe are not on PATH')
    return { name: 'bundled' }
  }
  const lack = await lackOf(ffmpeg).catch((error: unknown) => String(error))
  if (lack === null) return { name: 'ffmpeg', ffmpeg, ffprobe }
  log.warn({ ffmpeg, lack }, 'the FFmpeg of this machine will not do; the one that comes along is used')
  return { name: 'bundled' }
}

async function find(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter).filter(isAbsolute)) {
    const path = join(folder, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}

/** What it has too little of; null: nothing. */
async function lackOf(ffmpeg: string): Promise<string | null> {
  const facts = await readFacts(ffmpeg)
  // Builds of the day call themselves `N-…`, and are newer than any release.
  const major = /^n?(\d+)\./.exec(facts.version)?.[1]
  if (major !== undefined && Number(major) < oldestMajor) return `version ${facts.version}`
  for (const kind of ['demuxers', 'encoders', 'filters'] as const) {
    const missing = needed[kind].filter((name) => !facts[kind].includes(name))
    if (missing.length > 0) return `no ${kind} ${missing.join(', ')}`
  }
  return null
}
