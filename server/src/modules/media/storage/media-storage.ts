import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { deleteMedia, forgetLingering, markMasterGone } from '../media-changes-repository.ts'
import { keysOf, renderingOfKey } from '../media-keys.ts'
import type { MediaMetrics } from '../media-metrics.ts'
import { deleteAll, namesOf } from '../rendering/media-names.ts'
import { deleteUpload } from '../uploads/media-uploads-repository.ts'
import type { Copies, CopyPlaces } from './media-copies.ts'
import { bytesOf, type KeptObjects } from './media-objects.ts'
import { findStoredMedia } from './media-stored-repository.ts'
import { listUncopiedAmong } from './media-uncopied-repository.ts'
import { reportUsage, type UsageReport } from './media-usage.ts'
import { createVerifier, knownKeys, type Verifier } from './media-verify.ts'

/** For those who look after what lies in the store. */
export interface Storage extends Verifier {
  /**
   * Removes a released medium: objects first, so that a crash in between leaves a row that says what to do. Null: there
   * is no such one any more.
   */
  collect(mediaId: Id): Promise<Freed | null>
  /** Of one that is ready and needs no master: what was uploaded goes. Again is harmless. */
  dropMaster(mediaId: Id): Promise<void>
  /** A name that ends with a slash stands for all that lies in that folder. */
  deleteObjects(names: readonly string[]): Promise<void>
  /** The same for what another rendering took the place of: pages that lingered on it read anew from here on. */
  deleteReplaced(names: readonly string[]): Promise<void>
  usage(): Promise<UsageReport>
  /** The copy in the second region; null without one. */
  copies: CopyKeeping | null
}

export interface Freed {
  objects: number
  bytes: number
}

export interface CopyKeeping extends Verifier, Pick<Copies, 'lag' | 'repair'> {}

export interface StorageDeps {
  database: Database
  blobs: BlobStore
  clock: Clock
  objects: KeptObjects
  copies: Copies | null
  copyPlaces: CopyPlaces | null
  metrics: Pick<MediaMetrics, 'reclaimed'>
}

export function createStorage(deps: StorageDeps): Storage {
  const { database, blobs, clock, objects, copies, copyPlaces, metrics } = deps
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
      if (!row?.revoked_at) return null
      await deleteObjects([...new Set([...knownKeys(row), ...namesOf(keysOf(row)), row.master_key])])
      const isFirst = await database.transaction(async (tx) => {
        await deleteUpload(tx, row.upload_id)
        return await deleteMedia(tx, row.id)
      })
      // Another process was at it too: what is freed is counted once.
      if (!isFirst) return null
      const freed = { objects: row.objects?.length ?? 0, bytes: bytesOf(row.objects ?? []) }
      metrics.reclaimed(row.purpose, freed)
      return freed
    },
    async dropMaster(mediaId) {
      const [row] = await findStoredMedia(database.main, [mediaId])
      if (!row || row.revoked_at !== null) return
      const isGone =
        row.master_state === 'gone' ||
        (await database.transaction(async (tx) => {
          if (!(await markMasterGone(tx, mediaId))) return false
          return await objects.change(tx, mediaId, { drop: (key) => key === row.master_key })
        }))
      // Ended in between, it is referred to by nothing: the nightly look removes it.
      if (!isGone) return
      await blobs.delete(row.master_key)
      const { bytes = 0 } = row.objects?.find(({ key }) => key === row.master_key) ?? {}
      if (bytes > 0) metrics.reclaimed(row.purpose, { objects: 1, bytes })
    },
  }
}
