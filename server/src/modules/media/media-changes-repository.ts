import type { Insertable } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Choices } from './media-choices.ts'
import { bucketsOf, idsIn, mediaColumns } from './media-repository.ts'
import type { MediaRow, MediaTable, ProcessingStatus } from './media-tables.ts'
import { bytesOf } from './storage/media-objects.ts'
import { addStoredBytes } from './storage/media-quotas-repository.ts'

type Reader = Db | Tx

export interface Rendered {
  format: string
  source_width: number
  source_height: number
  width: number
  height: number
  thumbhash: Buffer
  perceptual_hash: Buffer
  whole_hash: Buffer | null
  frame_hashes: Buffer | null
  exif: string
  color: string
  sensitive: boolean
  original_key: string | null
  thumbnail_key: string | null
  medium_key: string | null
  large_key: string | null
  fallback_key: string | null
  moderation?: string
  video_key?: string
  hls_key?: string | null
  duration_ms?: number
  has_audio?: boolean
  audio_key?: string
  waveform?: Buffer
  lingering_token?: string | null
}

export async function insertMedia(tx: Tx, row: Insertable<MediaTable>): Promise<void> {
  await tx.insertInto('media').values(row).execute()
}

export async function attachMedia(
  tx: Tx,
  ownerId: Id,
  ids: readonly Id[],
  to: Pick<MediaRow, 'post_id' | 'part_of' | 'master_state'>,
): Promise<MediaRow[]> {
  return await tx
    .updateTable('media')
    .set(to)
    .where('bucket', '=', bucketOf(ownerId))
    .where('id', 'in', [...ids])
    .where('revoked_at', 'is', null)
    .returning(mediaColumns)
    .execute()
}

/** Counts one more rendering; undefined when there is nothing to render any more. */
export async function beginRendering(db: Reader, id: Id): Promise<MediaRow | undefined> {
  return await db
    .updateTable('media')
    .set((eb) => ({ attempts: eb('attempts', '+', 1), progress: null }))
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('processing_status', '=', 'processing')
    .where('revoked_at', 'is', null)
    .returning(mediaColumns)
    .executeTakeFirst()
}

/** One that was begun and says nothing about the picture. */
export async function forgetAttempt(
  db: Reader,
  { id, revision }: { id: Id; revision: number },
): Promise<void> {
  await db
    .updateTable('media')
    .set((eb) => ({ attempts: eb('attempts', '-', 1) }))
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('revision', '=', revision)
    .where('attempts', '>', 0)
    .execute()
}

export async function setCaptions(
  tx: Tx,
  id: Id,
  { key, uploadId, text }: { key: string | null; uploadId: Id | null; text: string | null },
): Promise<void> {
  await tx
    .updateTable('media')
    .set({ captions_key: key, captions_upload_id: uploadId, captions_text: text })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
}

/** Percent of the rendering that this token belongs to. */
export async function noteProgress(
  db: Reader,
  { id, token }: { id: Id; token: string },
  progress: number,
): Promise<void> {
  await db
    .updateTable('media')
    .set({ progress })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('token', '=', token)
    .where('processing_status', '=', 'processing')
    .execute()
}

/** Undefined when the medium was changed, released or settled since the row was read. */
export async function settleMedia(
  tx: Tx,
  { id, revision, token, processing_status }: MediaRow,
  change: { processing_status: ProcessingStatus; failure_code: string | null } & Partial<Rendered>,
): Promise<MediaRow | undefined> {
  return await tx
    .updateTable('media')
    .set({ ...change, token })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('revision', '=', revision)
    .where('processing_status', '=', processing_status)
    .where('revoked_at', 'is', null)
    .returning(mediaColumns)
    .executeTakeFirst()
}

/** A new revision: whatever is being rendered for an older one is thrown away. */
export async function requestRendering(
  tx: Tx,
  id: Id,
  change: { token: string; choices?: Choices; onlyFailed?: boolean },
): Promise<MediaRow | undefined> {
  const { token, choices, onlyFailed = false } = change
  return await tx
    .updateTable('media')
    .set((eb) => ({
      revision: eb('revision', '+', 1),
      processing_status: 'processing' as const,
      failure_code: null,
      attempts: 0,
      token,
      ...(choices && choiceColumns(choices)),
    }))
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('master_state', '<>', 'gone')
    .$if(onlyFailed, (q) => q.where('processing_status', '=', 'failed'))
    .returning(mediaColumns)
    .executeTakeFirst()
}

function choiceColumns({ crop, filter, edits, fit }: Choices) {
  return { crop: crop && JSON.stringify(crop), filter, edits: edits && JSON.stringify(edits), fit }
}

export async function revokeMedia(tx: Tx, ids: readonly Id[], now: Date): Promise<MediaRow[]> {
  const rows: MediaRow[] = []
  for (const bucket of bucketsOf(ids)) {
    const revoked = await tx
      .updateTable('media')
      .set({ revoked_at: now })
      .where('bucket', '=', bucket)
      .where('id', 'in', idsIn(bucket, ids))
      .where('revoked_at', 'is', null)
      .returning(mediaColumns)
      .execute()
    rows.push(...revoked)
  }
  return rows
}

/** False: it is needed, or nobody's any more. */
export async function markMasterGone(tx: Tx, id: Id): Promise<boolean> {
  const done = await tx
    .updateTable('media')
    .set({ master_state: 'gone' })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('master_state', '=', 'leaving')
    .where('processing_status', '=', 'ready')
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return done.numUpdatedRows === 1n
}

/** False: it was gone. */
export async function deleteMedia(tx: Tx, id: Id): Promise<boolean> {
  const gone = await tx
    .deleteFrom('media')
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .returning(['owner_id', 'objects'])
    .executeTakeFirst()
  for (const table of ['media_reads', 'media_uncopied'] as const)
    await tx.deleteFrom(table).where('bucket', '=', bucketOf(id)).where('media_id', '=', id).execute()
  if (gone?.objects) await addStoredBytes(tx, gone.owner_id, -bytesOf(gone.objects))
  return gone !== undefined
}

/** Its objects are gone. */
export async function forgetLingering(
  db: Reader,
  { mediaId, token }: { mediaId: Id; token: string },
): Promise<void> {
  await db
    .updateTable('media')
    .set({ lingering_token: null })
    .where('bucket', '=', bucketOf(mediaId))
    .where('id', '=', mediaId)
    .where('lingering_token', '=', token)
    .execute()
}
