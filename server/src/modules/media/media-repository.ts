import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PhotoExif } from './child/protocol.ts'
import type { MediaRow, MediaTable, PictureHashes } from './media-tables.ts'

type Reader = Db | Tx

/** What the delivery of one object needs to know of its medium. */
export type DeliveryRow = Pick<
  MediaRow,
  | 'id'
  | 'media_type'
  | 'owner_id'
  | 'purpose'
  | 'revoked_at'
  | 'original_key'
  | 'thumbnail_key'
  | 'medium_key'
  | 'large_key'
  | 'fallback_key'
  | 'video_key'
  | 'hls_key'
  | 'audio_key'
  | 'captions_key'
  | 'lingering_token'
  | 'master_key'
>

export const mediaColumns = [
  'bucket',
  'id',
  'owner_id',
  'upload_id',
  'purpose',
  'media_type',
  'post_id',
  'part_of',
  'processing_status',
  'failure_code',
  'attempts',
  'token',
  'revision',
  'crop',
  'filter',
  'edits',
  'fit',
  'format',
  'file_size',
  'source_width',
  'source_height',
  'width',
  'height',
  'thumbhash',
  'color',
  'sensitive',
  'master_key',
  'master_state',
  'original_key',
  'thumbnail_key',
  'medium_key',
  'large_key',
  'fallback_key',
  'duration_ms',
  'has_audio',
  'video_key',
  'hls_key',
  'audio_key',
  'waveform',
  'progress',
  'captions_key',
  'lingering_token',
  'captions_upload_id',
  'created_at',
  'revoked_at',
] as const satisfies readonly (keyof MediaRow)[]

export async function findMedia(db: Reader, id: Id): Promise<MediaRow | undefined> {
  return await db
    .selectFrom('media')
    .select(mediaColumns)
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Read for every page of posts. */
const findShown = prepared('media_by_ids', (db, p: { buckets: number[]; ids: readonly Id[] }) =>
  db
    .selectFrom('media')
    .select(mediaColumns)
    .where(sql<boolean>`bucket = any(${p.buckets}::smallint[]) and id = any(${p.ids}::bigint[])`)
    .where('revoked_at', 'is', null),
)

export async function findMediaByIds(db: Reader, ids: readonly Id[]): Promise<MediaRow[]> {
  return ids.length === 0 ? [] : await findShown(db, { buckets: bucketsOf(ids), ids })
}

/** Where it was taken never leaves the database on the way to a page. */
const findShownExif = prepared('media_exif_by_ids', (db, p: { buckets: number[]; ids: readonly Id[] }) =>
  db
    .selectFrom('media')
    .select(['id', sql<PhotoExif>`exif - 'gps' - 'software'`.as('exif')])
    .where(sql<boolean>`bucket = any(${p.buckets}::smallint[]) and id = any(${p.ids}::bigint[])`)
    .where('exif', 'is not', null)
    .where('revoked_at', 'is', null),
)

export async function findExifByIds(db: Reader, ids: readonly Id[]): Promise<{ id: Id; exif: PhotoExif }[]> {
  return ids.length === 0 ? [] : await findShownExif(db, { buckets: bucketsOf(ids), ids })
}

/** All of it, with the place: for the owner's own questions. */
export async function findWholeExif(db: Reader, id: Id): Promise<PhotoExif | null> {
  const row = await db
    .selectFrom('media')
    .select('exif')
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.exif ?? null
}

/** What strangers may come to read with media, in no order: captions, and what cameras wrote. */
export async function findWords(
  db: Reader,
  ids: readonly Id[],
): Promise<Pick<Selectable<MediaTable>, 'captions_text' | 'exif'>[]> {
  if (ids.length === 0) return []
  return await db
    .selectFrom('media')
    .select(['captions_text', 'exif'])
    .where('bucket', 'in', bucketsOf(ids))
    .where('id', 'in', [...ids])
    .execute()
}

/** Released ones too. */
export async function findHashes(db: Reader, ids: readonly Id[]): Promise<Map<Id, PictureHashes>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('media')
    .select(['id', 'perceptual_hash as shown', 'whole_hash as whole', 'frame_hashes as frames'])
    .where('bucket', 'in', bucketsOf(ids))
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map(({ id, ...hashes }) => [id, hashes]))
}

/** Released ones too: for those who look after objects. */
export async function findAnyMedia(db: Reader, ids: readonly Id[]): Promise<MediaRow[]> {
  if (ids.length === 0) return []
  return await db
    .selectFrom('media')
    .select(mediaColumns)
    .where('bucket', 'in', bucketsOf(ids))
    .where('id', 'in', [...ids])
    .execute()
}

export async function lockMediaByIds(tx: Tx, ids: readonly Id[]): Promise<MediaRow[]> {
  const rows: MediaRow[] = []
  for (const bucket of bucketsOf(ids)) {
    const inBucket = await tx
      .selectFrom('media')
      .select(mediaColumns)
      .where('bucket', '=', bucket)
      .where('id', 'in', idsIn(bucket, ids))
      .where('revoked_at', 'is', null)
      .orderBy('id')
      .forUpdate()
      .execute()
    rows.push(...inBucket)
  }
  return rows
}

/** Asked for each picture that is loaded. */
const findDelivered = prepared('media_for_delivery', (db, p: { bucket: number; id: Id }) =>
  db
    .selectFrom('media')
    .select([
      'id',
      'media_type',
      'owner_id',
      'purpose',
      'revoked_at',
      'original_key',
      'thumbnail_key',
      'medium_key',
      'large_key',
      'fallback_key',
      'video_key',
      'hls_key',
      'audio_key',
      'captions_key',
      'lingering_token',
      'master_key',
    ])
    .where('bucket', '=', p.bucket)
    .where('id', '=', p.id),
)

export async function findForDelivery(db: Reader, id: Id): Promise<DeliveryRow | undefined> {
  const [row] = await findDelivered(db, { bucket: bucketOf(id), id })
  return row
}

/** Oldest first: what has been waiting since before the given time. */
export async function listProcessing(
  db: Reader,
  before: Date,
  limit: number,
): Promise<Pick<MediaRow, 'id' | 'media_type' | 'purpose'>[]> {
  return await db
    .selectFrom('media')
    .select(['id', 'media_type', 'purpose'])
    .where('processing_status', '=', 'processing')
    .where('revoked_at', 'is', null)
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(limit)
    .execute()
}

/** What was uploaded and has been needed no more since before the given time. */
export async function listLeavingMasters(db: Reader, before: Date, limit: number): Promise<Id[]> {
  const rows = await db
    .selectFrom('media')
    .select('id')
    // Written out: the index is of this one.
    .where(sql<boolean>`master_state = 'leaving'`)
    .where('created_at', '<', before)
    .where('processing_status', '=', 'ready')
    .where('revoked_at', 'is', null)
    .orderBy('created_at')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

export async function listRevoked(db: Reader, before: Date, limit: number): Promise<Id[]> {
  const rows = await db
    .selectFrom('media')
    .select('id')
    .where('revoked_at', '<', before)
    .orderBy('revoked_at')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** When the one that waits longest was uploaded. */
export async function oldestProcessing(db: Reader): Promise<Date | null> {
  const row = await db
    .selectFrom('media')
    .select('created_at')
    .where('processing_status', '=', 'processing')
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row?.created_at ?? null
}

/** Every medium by (bucket, id), for the reconciliation. */
export async function listMedia(
  db: Reader,
  after: { bucket: number; id: Id } | undefined,
  limit: number,
): Promise<MediaRow[]> {
  return await db
    .selectFrom('media')
    .select(mediaColumns)
    .$if(after !== undefined, (q) =>
      q.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('bucket', 'id'), '>', tuple(after!.bucket, after!.id)),
      ),
    )
    .orderBy('bucket')
    .orderBy('id')
    .limit(limit)
    .execute()
}

export function bucketsOf(ids: readonly Id[]): number[] {
  return [...new Set(ids.map(bucketOf))].sort((a, b) => a - b)
}

export function idsIn(bucket: number, ids: readonly Id[]): Id[] {
  return ids.filter((id) => bucketOf(id) === bucket)
}
