import pLimit from 'p-limit'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import { isFullDisk, MediaError } from '../child/media-error.ts'
import type { MediaRow } from '../media-tables.ts'
import type { MediaPool } from '../rendering/media-pool.ts'
import type { Scratch } from '../rendering/media-scratch.ts'
import type { Videos } from '../rendering/media-videos.ts'
import type { KeptObjects } from '../storage/media-objects.ts'

export interface Originals {
  /** Makes the object unless it is there. Resolves when it is durable. */
  ensure(medium: OriginalOf): Promise<void>
}

const mostWaiting = 8

interface OriginalOf extends Pick<MediaRow, 'id' | 'media_type' | 'master_key'> {
  original_key: string
}

/** The full-size picture or video without metadata, made when its owner first asks for it. */
export function createOriginals(deps: {
  database: Database
  blobs: BlobStore
  pool: MediaPool
  videos: Videos
  scratch: Scratch
  objects: KeptObjects
}): Originals {
  const { database, blobs, pool, videos, scratch, objects } = deps
  const underWay = new Map<string, Promise<void>>()
  // A master is copied from the store first, and a film's may be a gigabyte: one at a time, and only so many wait.
  const films = pLimit(1)

  async function make({
    id,
    media_type: type,
    master_key: masterKey,
    original_key: key,
  }: OriginalOf): Promise<void> {
    if (await blobs.stat(key)) return
    const master = await blobs.stat(masterKey)
    // For the copy, and for what is made of it.
    const roomBytes = 2 * (master?.size ?? 0)
    if (!(await blobs.hasRoom(roomBytes))) throw fault('server.storage_full')
    const maker = type === 'video' ? videos : pool
    await scratch.withMaster({ key: masterKey, roomBytes }, async ({ masterPath, outDir }) => {
      const { file } = await maker.original({ id, kind: 'original', masterPath, outDir })
      const stored = await blobs.putFile(key, file.path, { type: file.type })
      const isKept = await database.transaction((tx) => objects.change(tx, id, { add: [stored] }))
      // Released while it was being made: those who removed its objects have not seen this one.
      if (!isKept) await blobs.delete(key)
    })
  }

  function makeInTurn(medium: OriginalOf): Promise<void> {
    if (medium.media_type !== 'video') return make(medium)
    if (films.pendingCount >= mostWaiting) throw fault('server.overloaded')
    return films(() => make(medium))
  }

  return {
    async ensure(medium) {
      const key = medium.original_key
      const running = underWay.get(key)
      if (running) return running
      const making = makeInTurn(medium)
        .catch((error: unknown) => {
          throw error instanceof MediaError ? answerTo(error) : error
        })
        .finally(() => underWay.delete(key))
      underWay.set(key, making)
      return making
    },
  }
}

/** A decoding process that had no room, or was ended, is nothing that the owner or we did wrong. */
function answerTo(error: MediaError): Error {
  if (isFullDisk(error)) return fault('server.storage_full', { cause: error })
  return fault(error.code === 'media.interrupted' ? 'server.unavailable' : error.code, { cause: error })
}
