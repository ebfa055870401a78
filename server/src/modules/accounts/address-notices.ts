import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { untilShort } from '#platform/db/until-short.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import { lockPasswordHash } from './accounts-repository.ts'

/**
 * What goes to a letter box because somebody gave its address. Its owner here is told when somebody else gives it; each asker is told of once a day, and a few of them at
 * most. Counted by who is told, since it is their letter box, and kept, since a figure in memory ends with a process.
 * Whoever has no account here is asked whether the address is theirs, no more often than that in a day.
 */
export interface AddressNotices {
  /** Runs `tell` unless the owner was told enough. */
  unlessMany(holderId: Id, askerId: Id, tell: () => Promise<void>): Promise<void>
  /** Runs `mail` unless enough went to this letter box, whoever asked for it. */
  unlessFull(email: string, mail: () => Promise<void>): Promise<void>
  deleteOld(): Promise<number>
}

const windowMs = 24 * 60 * 60 * 1000
const toldPerDay = 5

interface Deps {
  database: Database
  clock: Clock
  deviceKeys: Keys
}

export function createAddressNotices({ database, clock, deviceKeys }: Deps): AddressNotices {
  const windowStart = () => new Date(clock.now() - windowMs)

  function boxOf(email: string): { bucket: number; mark: Buffer } {
    const [local = '', domain = ''] = email.split('@')
    // What stands behind a plus leads to the same letter box.
    const mark = createHmac('sha256', deviceKeys[0])
      .update(`box ${local.split('+')[0]}@${domain}`)
      .digest()
    return { bucket: bucketOfName(mark.toString('base64url')), mark }
  }

  async function takeMail(box: ReturnType<typeof boxOf>): Promise<boolean> {
    const isOver = sql<boolean>`address_mails.since <= ${windowStart()}`
    const since = new Date(clock.now())
    const taken = await database.main
      .insertInto('address_mails')
      .values({ ...box, mailed: 1, since })
      .onConflict((conflict) =>
        conflict
          .columns(['bucket', 'mark'])
          .doUpdateSet({
            mailed: sql<number>`case when ${isOver} then 1 else address_mails.mailed + 1 end`,
            since: sql<Date>`case when ${isOver} then ${since}::timestamptz else address_mails.since end`,
          })
          .where((where) => where.or([isOver, where('address_mails.mailed', '<', toldPerDay)])),
      )
      .returning('mailed')
      .executeTakeFirst()
    return taken !== undefined
  }

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

    async unlessFull(email, mail) {
      const box = boxOf(email)
      if (!(await takeMail(box))) return
      try {
        await mail()
      } catch (error) {
        await database.main
          .updateTable('address_mails')
          .set((to) => ({ mailed: to('mailed', '-', 1) }))
          .where('bucket', '=', box.bucket)
          .where('mark', '=', box.mark)
          .execute()
        throw error
      }
    },

    async deleteOld() {
      await database.main.deleteFrom('address_mails').where('since', '<=', windowStart()).execute()
      return untilShort(1000, deleteOldest)
    },
  }

  async function deleteOldest(limit: number): Promise<number> {
    const old = await database.main
      .selectFrom('address_notices')
      .select(['bucket', 'user_id', 'asker_id'])
      .where('told_at', '<=', windowStart())
      .orderBy('told_at')
      .limit(limit)
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
  }
}
