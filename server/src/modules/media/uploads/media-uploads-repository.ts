import type { UploadPurpose } from '@heliograph/contract/media'
import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { UploadRow, UploadState } from '../media-tables.ts'

type Reader = Db | Tx

export async function insertUpload(
  db: Reader,
  row: Omit<UploadRow, 'size'> & { size: number },
): Promise<void> {
  await db.insertInto('uploads').values(row).execute()
}

export async function findUpload(db: Reader, id: Id): Promise<UploadRow | undefined> {
  return await db
    .selectFrom('uploads')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
}

export async function findUploads(db: Reader, ids: readonly Id[]): Promise<UploadRow[]> {
  if (ids.length === 0) return []
  return await db
    .selectFrom('uploads')
    .selectAll()
    .where('bucket', 'in', [...new Set(ids.map(bucketOf))])
    .where('id', 'in', [...ids])
    .execute()
}

/** False when another request or the sweep was first. */
export async function completeUpload(tx: Tx, id: Id, mediaId: Id | null): Promise<boolean> {
  const done = await tx
    .updateTable('uploads')
    .set({ state: 'complete', media_id: mediaId })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('state', '=', 'uploading')
    .executeTakeFirst()
  return done.numUpdatedRows === 1n
}

/** Takes what can be taken; the caller compares the count and rolls back when one is missing. */
export async function attachUploads(
  tx: Tx,
  claim: { ownerId: Id; purposes: readonly UploadPurpose[]; ids: readonly Id[]; now: Date },
): Promise<{ id: Id; media_id: Id | null }[]> {
  return await tx
    .updateTable('uploads')
    .set({ state: 'attached' })
    .where('bucket', '=', bucketOf(claim.ownerId))
    .where('id', 'in', [...claim.ids])
    .where('owner_id', '=', claim.ownerId)
    .where('purpose', 'in', [...claim.purposes])
    .where('state', '=', 'complete')
    .where('expires_at', '>', claim.now)
    .returning(['id', 'media_id'])
    .execute()
}

/** Of one person's uploads that are not part of anything: all declared bytes, and those that have not all come. */
export async function sumWaiting(
  db: Reader,
  ownerId: Id,
  now: Date,
): Promise<{ declared: number; promised: number }> {
  const rows = await db
    .selectFrom('uploads')
    .select(['state', 'size'])
    .where('bucket', '=', bucketOf(ownerId))
    .where('owner_id', '=', ownerId)
    // Written out: a parameter could be any state, and the index is of these two.
    .where(sql<boolean>`state in ('uploading', 'complete')`)
    .where('expires_at', '>', now)
    .execute()
  const sum = (bytes: typeof rows) => bytes.reduce((total, { size }) => total + Number(size), 0)
  return { declared: sum(rows), promised: sum(rows.filter(({ state }) => state === 'uploading')) }
}

/** Uploads of one state in the order of their expiry, after the given position. */
async function listUploadsByExpiry(
  db: Reader,
  filter: {
    states: UploadState[]
    after?: { expiresAt: Date; id: Id } | undefined
    before?: Date
    limit: number
  },
): Promise<UploadRow[]> {
  const { after, before } = filter
  return await db
    .selectFrom('uploads')
    .selectAll()
    .where('state', 'in', filter.states)
    .$if(before !== undefined, (q) => q.where('expires_at', '<', before!))
    .$if(after !== undefined, (q) =>
      q.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('expires_at', 'id'), '>', tuple(after!.expiresAt, after!.id)),
      ),
    )
    .orderBy('expires_at')
    .orderBy('id')
    .limit(filter.limit)
    .execute()
}

const sweepPage = 200

/** The same, all of them. */
export async function* eachUpload(
  db: Reader,
  states: ('uploading' | 'complete')[],
  before?: Date,
): AsyncGenerator<UploadRow> {
  let after: { expiresAt: Date; id: Id } | undefined
  while (true) {
    const filter = { states, limit: sweepPage, after, ...(before ? { before } : {}) }
    const rows = await listUploadsByExpiry(db, filter)
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < sweepPage) return
    after = { expiresAt: last.expires_at, id: last.id }
  }
}

export async function deleteUpload(db: Reader, id: Id, state?: UploadState): Promise<boolean> {
  const done = await db
    .deleteFrom('uploads')
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .$if(state !== undefined, (q) => q.where('state', '=', state!))
    .executeTakeFirst()
  return done.numDeletedRows === 1n
}

export async function expireUpload(tx: Tx, id: Id): Promise<boolean> {
  const done = await tx
    .updateTable('uploads')
    .set({ state: 'expired' })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('state', '=', 'complete')
    .executeTakeFirst()
  return done.numUpdatedRows === 1n
}
