import type { Selectable } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import { findUser } from './accounts-repository.ts'
import type { EmailChangesTable } from './accounts-tables.ts'

export type EmailChangeRow = Selectable<EmailChangesTable>

export async function insertEmailChange(tx: Tx, change: EmailChangeRow): Promise<void> {
  await tx.insertInto('email_changes').values(change).execute()
}

export function findEmailChange(db: Db | Tx, id: Id): Promise<EmailChangeRow | undefined> {
  return db
    .selectFrom('email_changes')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
}

export function listEmailChanges(tx: Tx, userId: Id): Promise<EmailChangeRow[]> {
  return tx
    .selectFrom('email_changes')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute()
}

export async function deleteEmailChanges(tx: Tx, userId: Id, from: Id): Promise<void> {
  await tx
    .deleteFrom('email_changes')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('id', '>=', from)
    .execute()
}

export async function releaseEmail(tx: Tx, email: string, userId: Id): Promise<void> {
  await tx
    .deleteFrom('email_claims')
    .where('bucket', '=', bucketOfName(email))
    .where('email', '=', email)
    .where('user_id', '=', userId)
    .execute()
}

export function listEndedEmailChanges(db: Db, now: Date, limit: number): Promise<EmailChangeRow[]> {
  return db
    .selectFrom('email_changes')
    .selectAll()
    .where('undo_until', '<=', now)
    .orderBy('undo_until')
    .limit(limit)
    .execute()
}

/** It cannot be undone any more: the address of before is free again, unless the account has come back to it. */
export async function endEmailChange(
  tx: Tx,
  { id, bucket, user_id, old_email }: EmailChangeRow,
): Promise<void> {
  await tx.deleteFrom('email_changes').where('bucket', '=', bucket).where('id', '=', id).execute()
  const [user, others] = [await findUser(tx, user_id), await listEmailChanges(tx, user_id)]
  if (user?.email !== old_email && !others.some((other) => other.old_email === old_email))
    await releaseEmail(tx, old_email, user_id)
}
