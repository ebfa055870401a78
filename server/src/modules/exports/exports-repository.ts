import type { Insertable, Updateable } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { ExportRow, ExportsTable } from './exports-tables.ts'

export async function insertExport(tx: Tx, row: Insertable<ExportsTable>): Promise<void> {
  await tx.insertInto('exports').values(row).execute()
}

export function findExport(db: Db | Tx, id: Id): Promise<ExportRow | undefined> {
  return db
    .selectFrom('exports')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
}

export function lockExport(tx: Tx, id: Id): Promise<ExportRow | undefined> {
  return tx
    .selectFrom('exports')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

/** The newest first. */
export function listExports(db: Db | Tx, userId: Id, limit: number): Promise<ExportRow[]> {
  return db
    .selectFrom('exports')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function updateExport(db: Db | Tx, id: Id, change: Updateable<ExportsTable>): Promise<void> {
  await db
    .updateTable('exports')
    .set(change)
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
}

export async function deleteExport(db: Db | Tx, id: Id): Promise<void> {
  await db.deleteFrom('exports').where('bucket', '=', bucketOf(id)).where('id', '=', id).execute()
}

export function listEnded(db: Db, now: Date, limit: number): Promise<ExportRow[]> {
  return db
    .selectFrom('exports')
    .selectAll()
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
}

/** Being made, and nothing was written since. */
export function listForsaken(db: Db, since: Date, limit: number): Promise<ExportRow[]> {
  return db
    .selectFrom('exports')
    .selectAll()
    .where('state', '=', 'preparing')
    .where('worked_at', '<', since)
    .orderBy('worked_at')
    .limit(limit)
    .execute()
}

export async function forgetOver(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('exports').where('state', '=', 'over').where('created_at', '<', before).execute()
}
