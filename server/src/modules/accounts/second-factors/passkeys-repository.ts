import type { Selectable } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import type { PasskeysTable } from './factors-tables.ts'

export type PasskeyRow = Selectable<PasskeysTable>

/** Oldest first; an account has some twenty at most. */
export function listPasskeys(db: Db | Tx, userId: Id): Promise<PasskeyRow[]> {
  return db
    .selectFrom('passkeys')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute()
}

/** Whoever has it, or only when this account does. */
export async function findPasskey(
  db: Db | Tx,
  credentialId: string,
  ownerId?: Id,
): Promise<PasskeyRow | undefined> {
  const claim = await findClaim(db, credentialId)
  if (!claim || (ownerId !== undefined && claim.user_id !== ownerId)) return undefined
  return db
    .selectFrom('passkeys')
    .selectAll()
    .where('bucket', '=', bucketOf(claim.user_id))
    .where('user_id', '=', claim.user_id)
    .where('id', '=', claim.passkey_id)
    .executeTakeFirst()
}

/** Whose it says that it is; nothing has been shown yet. */
export async function findPasskeyOwner(db: Db | Tx, credentialId: string): Promise<Id | undefined> {
  return (await findClaim(db, credentialId))?.user_id
}

function findClaim(db: Db | Tx, credentialId: string) {
  return db
    .selectFrom('passkey_claims')
    .select(['user_id', 'passkey_id'])
    .where('bucket', '=', bucketOfName(credentialId))
    .where('credential_id', '=', credentialId)
    .executeTakeFirst()
}

/** False when the credential belongs to an account already, this one or another. */
export async function insertPasskey(tx: Tx, passkey: PasskeyRow): Promise<boolean> {
  const claimed = await tx
    .insertInto('passkey_claims')
    .values({
      bucket: bucketOfName(passkey.credential_id),
      credential_id: passkey.credential_id,
      user_id: passkey.user_id,
      passkey_id: passkey.id,
    })
    .onConflict((conflict) => conflict.columns(['bucket', 'credential_id']).doNothing())
    .returning('user_id')
    .executeTakeFirst()
  if (!claimed) return false
  await tx.insertInto('passkeys').values(passkey).execute()
  return true
}

/**
 * False when it is gone, or its authenticator has counted further meanwhile: one that counts and shows the same number
 * twice was copied.
 */
export async function notePasskeyUse(
  tx: Tx,
  { bucket, user_id, id }: PasskeyRow,
  { counter, now }: { counter: number; now: Date },
): Promise<boolean> {
  const noted = await tx
    .updateTable('passkeys')
    .set({ counter: String(counter), last_used_at: now })
    .where('bucket', '=', bucket)
    .where('user_id', '=', user_id)
    .where('id', '=', id)
    .where('counter', counter === 0 ? '=' : '<', String(counter))
    .returning('id')
    .executeTakeFirst()
  return noted !== undefined
}

export function renamePasskey(db: Db, userId: Id, id: Id, name: string): Promise<PasskeyRow | undefined> {
  return db
    .updateTable('passkeys')
    .set({ name })
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}

/** Only one's own: an id of somebody else's passkey deletes nothing. */
export async function deletePasskey(tx: Tx, userId: Id, id: Id): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('passkeys')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning('credential_id')
    .executeTakeFirst()
  if (!deleted) return false
  await tx
    .deleteFrom('passkey_claims')
    .where('bucket', '=', bucketOfName(deleted.credential_id))
    .where('credential_id', '=', deleted.credential_id)
    .execute()
  return true
}
