import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { TotpFactorsTable } from './factors-tables.ts'

export type TotpRow = Selectable<TotpFactorsTable>

/** Which kinds an account has. */
export interface Factors {
  totp: boolean
  passkey: boolean
}

const factorsOf = prepared<{ bucket: number; userId: Id }, Factors>('second_factors_of', (db, p) => ({
  compile: () =>
    sql<Factors>`
        select
          exists (
            select 1 from totp_factors
            where bucket = ${p.bucket} and user_id = ${p.userId} and confirmed_at is not null
          ) as totp,
          exists (
            select 1 from passkeys where bucket = ${p.bucket} and user_id = ${p.userId}
          ) as passkey
      `.compile(db),
}))

/** Asked at every sign-in. */
export async function findFactors(db: Db | Tx, userId: Id): Promise<Factors> {
  const [found] = await factorsOf(db, { bucket: bucketOf(userId), userId })
  return found ?? { totp: false, passkey: false }
}

export function findTotp(db: Db | Tx, userId: Id): Promise<TotpRow | undefined> {
  return db
    .selectFrom('totp_factors')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .executeTakeFirst()
}

/** In place of one that was begun and not confirmed. */
export async function saveUnconfirmedTotp(tx: Tx, userId: Id, sealed: Buffer, now: Date): Promise<void> {
  const fresh = { sealed_secret: sealed, confirmed_at: null, last_step: '0', tries: 0, tries_since: now }
  await tx
    .insertInto('totp_factors')
    .values({ bucket: bucketOf(userId), user_id: userId, ...fresh })
    .onConflict((conflict) => conflict.columns(['bucket', 'user_id']).doUpdateSet(fresh))
    .execute()
}

/** One try of those that an hour has; false when they are used up. Counted before the code is looked at. */
export async function takeTotpTry(
  db: Db,
  userId: Id,
  { now, windowMs, max }: { now: Date; windowMs: number; max: number },
): Promise<boolean> {
  const windowStart = new Date(now.getTime() - windowMs)
  const taken = await db
    .updateTable('totp_factors')
    .set({
      tries: sql<number>`case when tries_since <= ${windowStart} then 1 else tries + 1 end`,
      tries_since: sql<Date>`case when tries_since <= ${windowStart} then ${now}::timestamptz else tries_since end`,
    })
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where((where) => where.or([where('tries_since', '<=', windowStart), where('tries', '<', max)]))
    .returning('user_id')
    .executeTakeFirst()
  return taken !== undefined
}

/** False when this step or a later one was used: of two requests at once one finds the other's. */
export async function useTotpStep(tx: Tx, used: TotpRow, step: number): Promise<boolean> {
  const changed = await totpOf(tx, used)
    .set({ last_step: String(step), tries: 0 })
    .where('last_step', '<', String(step))
    .where('confirmed_at', 'is not', null)
    .returning('user_id')
    .executeTakeFirst()
  return changed !== undefined
}

export async function confirmTotp(tx: Tx, begun: TotpRow, step: number, now: Date): Promise<boolean> {
  const changed = await totpOf(tx, begun)
    .set({ confirmed_at: now, last_step: String(step), tries: 0 })
    .where('confirmed_at', 'is', null)
    .returning('user_id')
    .executeTakeFirst()
  return changed !== undefined
}

/** The row only while it still has the secret that was looked at. */
function totpOf(tx: Tx, { bucket, user_id, sealed_secret }: TotpRow) {
  return tx
    .updateTable('totp_factors')
    .where('bucket', '=', bucket)
    .where('user_id', '=', user_id)
    .where('sealed_secret', '=', sealed_secret)
}

/** Whether codes had been asked for. */
export async function deleteTotp(tx: Tx, userId: Id): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('totp_factors')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .returning('confirmed_at')
    .executeTakeFirst()
  return deleted !== undefined && deleted.confirmed_at !== null
}

export async function replaceRecoveryCodes(
  tx: Tx,
  userId: Id,
  { hashes, salt, madeAt }: { hashes: readonly Buffer[]; salt: Buffer; madeAt: Date },
): Promise<void> {
  await deleteRecoveryCodes(tx, userId)
  const row = { bucket: bucketOf(userId), user_id: userId, salt, made_at: madeAt, used_at: null }
  await tx
    .insertInto('recovery_codes')
    .values(hashes.map((code_hash) => ({ ...row, code_hash })))
    .execute()
}

export async function deleteRecoveryCodes(tx: Tx, userId: Id): Promise<void> {
  await tx
    .deleteFrom('recovery_codes')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .execute()
}

/** With `orUnknown` those of which nobody knows when they were made too. */
export async function deleteRecoveryCodesSince(
  tx: Tx,
  userId: Id,
  { since, orUnknown }: { since: Date; orUnknown: boolean },
): Promise<void> {
  await tx
    .deleteFrom('recovery_codes')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where((where) =>
      where.or([where('made_at', '>=', since), ...(orUnknown ? [where('made_at', 'is', null)] : [])]),
    )
    .execute()
}

export async function countRecoveryCodes(db: Db | Tx, userId: Id): Promise<number> {
  const { count } = await db
    .selectFrom('recovery_codes')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function findRecoverySalt(db: Db, userId: Id): Promise<Buffer | undefined> {
  const found = await db
    .selectFrom('recovery_codes')
    .select('salt')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .limit(1)
    .executeTakeFirst()
  return found?.salt
}

export async function useRecoveryCode(tx: Tx, userId: Id, codeHash: Buffer, now: Date): Promise<boolean> {
  const used = await tx
    .updateTable('recovery_codes')
    .set({ used_at: now })
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('code_hash', '=', codeHash)
    .where('used_at', 'is', null)
    .returning('user_id')
    .executeTakeFirst()
  return used !== undefined
}
