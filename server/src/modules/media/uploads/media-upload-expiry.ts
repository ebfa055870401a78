import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { masterKey } from '../media-keys.ts'
import type { UploadRow } from '../media-tables.ts'
import type { UploadFiles } from './media-upload-files.ts'
import { deleteUpload, eachUpload, expireUpload, findUpload } from './media-uploads-repository.ts'

export interface ExpiryDeps {
  database: Database
  clock: Clock
  log: Log
  blobs: BlobStore
  files: UploadFiles
}

type Release = (tx: Tx, mediaIds: Id[]) => Promise<void>

/** Removes what nobody used in time, and files that no upload knows. */
export async function expireUploads(deps: ExpiryDeps, release: Release): Promise<number> {
  let gone = 0
  const before = new Date(deps.clock.now())
  for await (const upload of eachUpload(deps.database.main, ['uploading', 'complete'], before)) {
    if (await expireOne(deps, upload, release)) gone += 1
  }
  await removeUnknownFiles(deps)
  return gone
}

async function expireOne(
  { database, blobs, files }: ExpiryDeps,
  upload: UploadRow,
  release: Release,
): Promise<boolean> {
  if (upload.state === 'complete' && upload.media_id !== null) {
    const mediaId = upload.media_id
    return await database.transaction(async (tx) => {
      if (!(await expireUpload(tx, upload.id))) return false
      await release(tx, [mediaId])
      return true
    })
  }
  if (!(await deleteUpload(database.main, upload.id, upload.state))) return false
  await files.remove(upload.id)
  await blobs.delete(masterKey(upload.id))
  return true
}

async function removeUnknownFiles({ database, files, log }: ExpiryDeps): Promise<void> {
  for (const id of await files.list()) {
    const upload = await findUpload(database.main, id)
    if (upload?.state === 'uploading') continue
    await files.remove(id)
    log.info({ uploadId: id }, 'removed a file that no upload knows')
  }
}
