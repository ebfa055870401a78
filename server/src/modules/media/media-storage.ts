import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { StorageReport } from './media-api.ts'
import { keysOf, mediaIdOfKey, uploadIdOfMasterKey } from './media-keys.ts'
import { findObjects } from './media-objects.ts'
import { shownKeys } from './media-rendering.ts'
import { deleteMedia, findAnyMedia, findMedia, listMedia } from './media-repository.ts'
import type { MediaRow } from './media-tables.ts'
import { deleteUpload, findUploads } from './media-uploads-repository.ts'

const day = 24 * 3_600_000
const batch = 500

export interface Storage {
  /** Removes a released medium: objects first, so that a crash in between leaves a row that says what to do. */
  collect(mediaId: Id): Promise<void>
  deleteObjects(keys: readonly string[]): Promise<void>
  reconcile(options: { dryRun: boolean }): Promise<StorageReport>
}

export function createStorage(deps: { database: Database; blobs: BlobStore; clock: Clock }): Storage {
  const { database, blobs, clock } = deps

  async function deleteObjects(keys: readonly string[]): Promise<void> {
    for (const key of keys) await blobs.delete(key)
  }

  async function sortOut(objects: { key: string; size: number }[], report: StorageReport): Promise<void> {
    const isReferenced = await referencesTo(database, objects)
    for (const object of objects) {
      report.objects += 1
      report.bytes += object.size
      if (isReferenced(object.key)) {
        report.referencedObjects += 1
        report.referencedBytes += object.size
        continue
      }
      // A day: what is being written now is referred to in a moment.
      const facts = await blobs.stat(object.key)
      if (facts && facts.lastModified.getTime() < clock.now() - day) report.orphans.push(object)
    }
  }

  async function findMissing(report: StorageReport): Promise<void> {
    let after: { bucket: number; id: Id } | undefined
    while (true) {
      const rows = await listMedia(database.main, after, batch)
      for (const row of rows) report.missing.push(...(await missingOf(row, blobs)))
      const last = rows.at(-1)
      if (!last || rows.length < batch) return
      after = { bucket: last.bucket, id: last.id }
    }
  }

  return {
    deleteObjects,
    async collect(mediaId) {
      const row = await findMedia(database.main, mediaId)
      if (!row?.revoked_at) return
      const stored = await findObjects(database.main, mediaId)
      await deleteObjects([...new Set([...allKeys(row), ...stored.map(({ key }) => key), row.master_key])])
      await database.transaction(async (tx) => {
        await deleteMedia(tx, row.id)
        await deleteUpload(tx, row.upload_id)
      })
    },
    async reconcile({ dryRun }) {
      const report: StorageReport = {
        objects: 0,
        bytes: 0,
        referencedObjects: 0,
        referencedBytes: 0,
        missing: [],
        orphans: [],
      }
      let objects: { key: string; size: number }[] = []
      for await (const object of blobs.list('')) {
        objects.push(object)
        if (objects.length < batch) continue
        await sortOut(objects, report)
        objects = []
      }
      await sortOut(objects, report)
      await findMissing(report)
      if (!dryRun) await deleteObjects(report.orphans.map((orphan) => orphan.key))
      return report
    },
  }
}

/** With those of the rendering under way. */
function allKeys(row: MediaRow): string[] {
  const planned = Object.values(keysOf(row.purpose, row.id, row.token)).filter((key) => key !== null)
  return [...shownKeys(row), ...planned, ...(row.original_key ? [row.original_key] : [])]
}

async function referencesTo(
  database: Database,
  objects: readonly { key: string }[],
): Promise<(key: string) => boolean> {
  const keys = objects.map((object) => object.key)
  const uploads = await findUploads(database.main, present(keys.map(uploadIdOfMasterKey)))
  const media = await findAnyMedia(database.main, present(keys.map(mediaIdOfKey)))
  const known = new Set(media.flatMap(allKeys))
  const uploadIds = new Set(uploads.map((upload) => upload.id))
  return (key) => known.has(key) || uploadIds.has(uploadIdOfMasterKey(key) ?? '')
}

async function missingOf(row: MediaRow, blobs: BlobStore): Promise<string[]> {
  if (row.revoked_at !== null) return []
  const needed = [...shownKeys(row), ...(Number(row.file_size) > 0 ? [row.master_key] : [])]
  const missing: string[] = []
  for (const key of needed) if (!(await blobs.stat(key))) missing.push(key)
  return missing
}

function present(ids: (Id | undefined)[]): Id[] {
  return [...new Set(ids.filter((id) => id !== undefined))]
}
