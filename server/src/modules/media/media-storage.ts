import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { keysOf } from './media-keys.ts'
import { deleteMedia } from './media-repository.ts'
import { deleteUpload } from './media-uploads-repository.ts'
import { findStoredMedia } from './storage/media-stored-repository.ts'
import { reportUsage, type UsageReport } from './storage/media-usage.ts'
import { createVerifier, knownKeys, type Verifier } from './storage/media-verify.ts'

/** For those who look after what lies in the store. */
export interface Storage extends Verifier {
  /** Removes a released medium: objects first, so that a crash in between leaves a row that says what to do. */
  collect(mediaId: Id): Promise<void>
  deleteObjects(keys: readonly string[]): Promise<void>
  usage(): Promise<UsageReport>
}

export function createStorage(deps: { database: Database; blobs: BlobStore; clock: Clock }): Storage {
  const { database, blobs } = deps

  async function deleteObjects(keys: readonly string[]): Promise<void> {
    for (const key of keys) await blobs.delete(key)
  }

  return {
    ...createVerifier(deps),
    deleteObjects,
    usage: () => reportUsage(deps),
    async collect(mediaId) {
      const [row] = await findStoredMedia(database.main, [mediaId])
      if (!row?.revoked_at) return
      const planned = Object.values(keysOf(row.purpose, row.id, row.token)).filter((key) => key !== null)
      await deleteObjects([...new Set([...knownKeys(row), ...planned, row.master_key])])
      await database.transaction(async (tx) => {
        await deleteMedia(tx, row.id)
        await deleteUpload(tx, row.upload_id)
      })
    },
  }
}
