import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { deleteMedia, forgetLingering } from '../media-changes-repository.ts'
import { keysOf, renderingOfKey } from '../media-keys.ts'
import { deleteAll, namesOf } from '../rendering/media-rendering.ts'
import { deleteUpload } from '../uploads/media-uploads-repository.ts'
import type { Copies, CopyPlaces } from './media-copies.ts'
import type { KeptObjects } from './media-objects.ts'
import { findStoredMedia } from './media-stored-repository.ts'
import { listUncopiedAmong } from './media-uncopied-repository.ts'
import { reportUsage, type UsageReport } from './media-usage.ts'
import { createVerifier, knownKeys, type Verifier } from './media-verify.ts'

/** For those who look after what lies in the store. */
export interface Storage extends Verifier {
  /** Removes a released medium: objects first, so that a crash in between leaves a row that says what to do. */
  collect(mediaId: Id): Promise<void>
  /** A name that ends with a slash stands for all that lies in that folder. */
  deleteObjects(names: readonly string[]): Promise<void>
  /** The same for what another rendering took the place of: pages that lingered on it read anew from here on. */
  deleteReplaced(names: readonly string[]): Promise<void>
  usage(): Promise<UsageReport>
  /** The copy in the second region; null without one. */
  copies: CopyKeeping | null
}

export interface CopyKeeping extends Verifier, Pick<Copies, 'lag' | 'repair'> {}

export interface StorageDeps {
  database: Database
  blobs: BlobStore
  clock: Clock
  objects: KeptObjects
  copies: Copies | null
  copyPlaces: CopyPlaces | null
}

export function createStorage({ database, blobs, clock, objects, copies, copyPlaces }: StorageDeps): Storage {
  // Truth is the first place: what only the copy has is lost there, though people still see it.
  const truth = { database, blobs: copyPlaces?.primary ?? blobs, clock, objects }

  const deleteObjects = (names: readonly string[]) => deleteAll(blobs, names)

  return {
    ...createVerifier(truth),
    copies:
      copies === null || copyPlaces === null
        ? null
        : {
            ...createVerifier({
              ...{ database, clock, objects },
              blobs: copyPlaces.replica,
              meantOf: async (rows) => {
                const waiting = new Set(await listUncopiedAmong(database.main, rows))
                return rows.filter(({ id }) => !waiting.has(id))
              },
            }),
            lag: copies.lag,
            repair: copies.repair,
          },
    deleteObjects,
    async deleteReplaced(names) {
      for (const name of names) {
        const rendering = renderingOfKey(name)
        if (rendering) await forgetLingering(database.main, rendering)
      }
      await deleteObjects(names)
    },
    usage: () => reportUsage(truth),
    async collect(mediaId) {
      const [row] = await findStoredMedia(database.main, [mediaId])
      if (!row?.revoked_at) return
      await deleteObjects([...new Set([...knownKeys(row), ...namesOf(keysOf(row)), row.master_key])])
      await database.transaction(async (tx) => {
        await deleteMedia(tx, row.id)
        await deleteUpload(tx, row.upload_id)
      })
    },
  }
}
