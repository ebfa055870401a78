import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Pair } from './graph-repository.ts'

/** False when it was one already. */
export async function insertFavourite(
  tx: Tx,
  { from, to, id, now }: Pair & { id: Id; now: Date },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('favourites')
    .values({ bucket: bucketOf(from), user_id: from, favourite_id: to, id, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'favourite_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

export async function deleteFavourite(tx: Tx, { from, to }: Pair): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('favourites')
    .where('bucket', '=', bucketOf(from))
    .where('user_id', '=', from)
    .where('favourite_id', '=', to)
    .returning('id')
    .executeTakeFirst()
  return deleted !== undefined
}
