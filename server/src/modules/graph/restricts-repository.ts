import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Pair } from './graph-repository.ts'

/** False when it stood already. */
export async function insertRestrict(
  tx: Tx,
  { from, to, id, now }: Pair & { id: Id; now: Date },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('restricts')
    .values({ bucket: bucketOf(from), restricter_id: from, restricted_id: to, id, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'restricter_id', 'restricted_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

export async function deleteRestrict(tx: Tx, { from, to }: Pair): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('restricts')
    .where('bucket', '=', bucketOf(from))
    .where('restricter_id', '=', from)
    .where('restricted_id', '=', to)
    .returning('id')
    .executeTakeFirst()
  return deleted !== undefined
}

export async function isRestricted(db: Db | Tx, { from, to }: Pair): Promise<boolean> {
  const found = await db
    .selectFrom('restricts')
    .select('id')
    .where('bucket', '=', bucketOf(from))
    .where('restricter_id', '=', from)
    .where('restricted_id', '=', to)
    .executeTakeFirst()
  return found !== undefined
}
