import { presentMetadata } from '@heliograph/contract/photo-metadata'
import type { MediaMetadata, Place } from '@heliograph/contract/posts'
import type { Asker, PlacesApi } from '#modules/places'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { findMedia, findWholeExif } from '../media-repository.ts'
import type { MediaRow } from '../media-tables.ts'
import { findUpload } from './media-uploads-repository.ts'

export interface UploadMetadata {
  metadata: MediaMetadata
  /** The town's own position, never the photograph's. */
  placeSuggestion: Place | null
}

export type ReadUploadMetadata = (viewer: { id: Id }, uploadId: Id, asker: Asker) => Promise<UploadMetadata>

interface Deps {
  database: Database
  clock: Clock
  places: PlacesApi
}

/** What could be shown of an upload, for whoever sent it; nothing of it is attached to anything by asking. */
export function createUploadMetadata({ database, clock, places }: Deps): ReadUploadMetadata {
  async function requireReady(viewer: { id: Id }, uploadId: Id): Promise<MediaRow> {
    const upload = await findUpload(database.main, uploadId)
    if (upload?.owner_id !== viewer.id) throw fault('upload.not_found')
    if (upload.purpose !== 'media') throw fault('upload.purpose')
    const isWaiting = upload.state !== 'attached' && upload.expires_at <= new Date(clock.now())
    if (upload.state === 'expired' || isWaiting) throw fault('upload.expired')
    if (upload.media_id === null) throw fault('upload.incomplete')
    const row = await findMedia(database.main, upload.media_id)
    if (!row || row.revoked_at !== null) throw fault('upload.not_found')
    if (row.processing_status === 'processing') throw fault('media.not_ready')
    if (row.processing_status === 'failed') throw fault('media.failed')
    return row
  }

  return async (viewer, uploadId, asker) => {
    const row = await requireReady(viewer, uploadId)
    const exif = await findWholeExif(database.main, row.id)
    const gps = exif?.gps
    return {
      metadata: presentMetadata(exif, 'owner'),
      placeSuggestion: gps ? await places.suggest({ lat: gps.latitude, lng: gps.longitude }, asker) : null,
    }
  }
}
