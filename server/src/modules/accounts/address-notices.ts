import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { lockPasswordHash } from './accounts-repository.ts'

/**
 * The owner of an address is told when somebody else gives it; each asker is told of once a day, and a few of them at
 * most. Counted by who is told, since it is their letter box, and kept, since a figure in memory ends with a process.
 */
export interface AddressNotices {
  /** Runs `tell` unless the owner was told enough. */
  unlessMany(holderId: Id, askerId: Id, tell: () => Promise<void>): Promise<void>
  deleteOld(): Promise<number>
}

const windowMs = 24 * 60 * 60 * 1000
const toldPerDay = 5

export function createAddressNotices({
  database,
  clock,
}: {
  database: Database
  clock: Clock
}): AddressNotices {
  const windowStart = () => new Date(clock.now() - windowMs)

  return {
    async unlessMany(holderId, askerId, tell) {
      const row = { bucket: bucketOf(holderId), user_id: holderId, asker_id: askerId }
      const told_at = new Date(clock.now())
      const isTaken = await database.transaction(async (tx) => {
        // Many may be about to tell at once: each waits for the one before.
        await lockPasswordHash(tx, holderId)
        const told = await tx
          .selectFrom('address_notices')
          .select('asker_id')
          .where('bucket', '=', row.bucket)
          .where('user_id', '=', holderId)
          .where('told_at', '>', windowStart())
          .execute()
        if (told.length >= toldPerDay || told.some(({ asker_id }) => asker_id === askerId)) return false
        await tx
          .insertInto('address_notices')
          .values({ ...row, told_at })
          .onConflict((conflict) =>
            conflict.columns(['bucket', 'user_id', 'asker_id']).doUpdateSet({ told_at }),
          )
          .execute()
        return true
      })
      if (!isTaken) return
      try {
        await tell()
      } catch (error) {
        // The job tries again, and then they are told.
        await database.main
          .deleteFrom('address_notices')
          .where('bucket', '=', row.bucket)
          .where('user_id', '=', holderId)
          .where('asker_id', '=', askerId)
          .execute()
        throw error
      }
    },

    async deleteOld() {
      const old = await database.main
        .selectFrom('address_notices')
        .select(['bucket', 'user_id', 'asker_id'])
        .where('told_at', '<=', windowStart())
        .orderBy('told_at')
        .limit(1000)
        .execute()
      for (const { bucket, user_id, asker_id } of old)
        await database.main
          .deleteFrom('address_notices')
          .where('bucket', '=', bucket)
          .where('user_id', '=', user_id)
          .where('asker_id', '=', asker_id)
          .where('told_at', '<=', windowStart())
          .execute()
      return old.length
    },
  }
}
