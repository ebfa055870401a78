import { isPicturePurpose, type RenderRequest } from '../child/protocol.ts'
import type { MediaRow } from '../media-tables.ts'
import {
  MediaError,
  type MediaPool,
  type RenderOptions,
  type RenderResult,
  type VideoResult,
} from './media-pool.ts'
import type { Progress } from './media-progress.ts'
import type { Made } from './media-rendered.ts'
import type { Videos } from './media-videos.ts'

interface DecodingDeps {
  pool: MediaPool
  videos: Videos
  progress: Progress
}

type Work = Pick<RenderRequest, 'masterPath' | 'outDir' | 'classify'>

/** What is made of a master, each kind in the processes that are there for it. */
export async function decode(
  deps: DecodingDeps,
  row: MediaRow,
  work: Work,
  options: RenderOptions,
): Promise<Made> {
  switch (row.media_type) {
    case 'photo':
      return await decodePhoto(deps, row, work, options)
    case 'video':
      return await decodeVideo(deps, row, work, options)
    case 'voice': {
      const { masterPath, outDir } = work
      return await deps.videos.voice({ id: row.id, masterPath, outDir }, options)
    }
  }
}

async function decodePhoto(
  { pool }: DecodingDeps,
  row: MediaRow,
  work: Work,
  options: RenderOptions,
): Promise<RenderResult> {
  const { id, purpose } = row
  if (!isPicturePurpose(purpose)) throw new Error(`${purpose} is no picture`)
  const request = { id, kind: 'photo' as const, purpose, ...work, ...choicesOf(row) }
  try {
    return await pool.render(request, options)
  } catch (error) {
    const isTooMuch = error instanceof MediaError && error.code === 'media.out_of_memory'
    if (!work.classify || !isTooMuch) throw error
    // The networks' memory is no fault of the picture: without them it may fit.
    const { classify: _, ...bare } = request
    const made = await pool.render(bare, options)
    return { ...made, classification: { model: null, detail: 'it needs more memory than is allowed' } }
  }
}

function decodeVideo(
  { videos, progress }: DecodingDeps,
  row: MediaRow,
  work: Work,
  options: RenderOptions,
): Promise<VideoResult> {
  const { id, purpose } = row
  if (!isPicturePurpose(purpose) || purpose === 'avatar') throw new Error(`${purpose} is no film`)
  const request = { id, purpose, ...work, ...choicesOf(row) }
  return videos.render(request, { ...options, onProgress: (share) => progress.note(row, share) })
}

function choicesOf({
  crop,
  filter,
  edits,
  fit,
}: MediaRow): Pick<RenderRequest, 'crop' | 'filter' | 'edits' | 'fit'> {
  return {
    ...(fit ? { fit } : {}),
    ...(crop ? { crop } : {}),
    ...(filter ? { filter } : {}),
    ...(edits ? { edits } : {}),
  }
}
