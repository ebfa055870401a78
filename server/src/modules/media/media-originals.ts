import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { MediaError } from './child/media-error.ts'
import { changeObjects } from './media-objects.ts'
import type { MediaPool } from './media-pool.ts'
import type { Scratch } from './media-scratch.ts'

export interface Originals {
  /** Makes the object unless it is there. Resolves when it is durable. */
  ensure(medium: { id: Id; master_key: string; original_key: string }): Promise<void>
}

/** The full-size picture without metadata, made when its owner first asks for it. */
export function createOriginals(deps: {
  database: Database
  blobs: BlobStore
  pool: MediaPool
  scratch: Scratch
}): Originals {
  const { database, blobs, pool, scratch } = deps
  const underWay = new Map<string, Promise<void>>()

  async function make(id: Id, masterKey: string, key: string): Promise<void> {
    if (await blobs.stat(key)) return
    await scratch.withMaster(masterKey, async ({ masterPath, outDir }) => {
      const { file } = await pool.original({ id, kind: 'original', masterPath, outDir })
      const stored = await blobs.putFile(key, file.path, { type: file.type })
      const isKept = await database.transaction((tx) => changeObjects(tx, id, { add: [stored] }))
      // Released while it was being made: those who removed its objects have not seen this one.
      if (!isKept) await blobs.delete(key)
    })
  }

  return {
    ensure({ id, master_key: masterKey, original_key: key }) {
      const running = underWay.get(key)
      if (running) return running
      const making = make(id, masterKey, key)
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
  if (/\b(?:ENOSPC|EDQUOT)\b/.test(error.detail ?? '')) return fault('server.storage_full', { cause: error })
  return fault(error.code === 'media.interrupted' ? 'server.unavailable' : error.code, { cause: error })
}
