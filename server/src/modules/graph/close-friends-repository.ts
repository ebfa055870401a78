import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Pair } from './graph-repository.ts'

/** False when it was one already. */
export async function insertCloseFriend(
  tx: Tx,
  { from, to, id, now }: Pair & { id: Id; now: Date },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('close_friends')
    .values({ bucket: bucketOf(from), user_id: from, friend_id: to, id, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'friend_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  await tx
    .insertInto('close_friend_of')
    .values({ bucket: bucketOf(to), friend_id: to, user_id: from, created_at: now })
    .onConflict((conflict) => conflict.columns(['bucket', 'friend_id', 'user_id']).doNothing())
    .execute()
  return inserted !== undefined
}

/** False when it was none. */
export async function deleteCloseFriend(tx: Tx, { from, to }: Pair): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('close_friends')
    .where('bucket', '=', bucketOf(from))
    .where('user_id', '=', from)
    .where('friend_id', '=', to)
    .returning('id')
    .executeTakeFirst()
  await tx
    .deleteFrom('close_friend_of')
    .where('bucket', '=', bucketOf(to))
    .where('friend_id', '=', to)
    .where('user_id', '=', from)
    .execute()
  return deleted !== undefined
}

export async function countCloseFriends(tx: Tx, userId: Id): Promise<number> {
  const found = await tx
    .selectFrom('close_friends')
    .select((of) => of.fn.countAll<string>().as('count'))
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(found.count)
}
