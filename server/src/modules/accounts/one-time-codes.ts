import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, bucketOfName, type Id, isId } from '#platform/ids/ids.ts'
import { hasOwner } from './accounts-repository.ts'

const emailCodeMs = 3 * 24 * 60 * 60 * 1000

/** All codes for the owner's account lie together, so that using one can lock the others. */
const ownerBucket = bucketOfName('owner')

export interface OneTimeCodes {
  /** A fresh code for the owner's sign-up, in place of any before; null once there is an owner. */
  newOwnerCode(): Promise<string | null>
  /** Throws `account.link_invalid` unless the code is the one that is open and there is no owner yet. */
  useOwnerCode(tx: Tx, code: string, userId: Id): Promise<void>
  newEmailCode(userId: Id): Promise<string>
  /** Whose address the code proves; throws `account.link_invalid`. */
  useEmailCode(tx: Tx, code: string): Promise<Id>
  deleteExpired(limit: number): Promise<number>
}

export function createOneTimeCodes({ database, clock }: { database: Database; clock: Clock }): OneTimeCodes {
  const now = () => new Date(clock.now())
  return {
    newOwnerCode: () =>
      database.transaction(async (tx) => {
        await lockOwnerCodes(tx)
        if (await hasOwner(tx)) return null
        const code = randomBytes(20).toString('base64url')
        await tx
          .deleteFrom('one_time_codes')
          .where('bucket', '=', ownerBucket)
          .where('purpose', '=', 'owner')
          .execute()
        await tx
          .insertInto('one_time_codes')
          .values({
            bucket: ownerBucket,
            code_hash: hashOf(code),
            purpose: 'owner',
            user_id: null,
            expires_at: null,
            used_at: null,
          })
          .execute()
        return code
      }),

    async useOwnerCode(tx, code, userId) {
      await lockOwnerCodes(tx)
      if (await hasOwner(tx)) throw fault('account.link_invalid')
      const used = await tx
        .updateTable('one_time_codes')
        .set({ used_at: now(), user_id: userId })
        .where('bucket', '=', ownerBucket)
        .where('code_hash', '=', hashOf(code))
        .where('purpose', '=', 'owner')
        .where('used_at', 'is', null)
        .returning('purpose')
        .executeTakeFirst()
      if (!used) throw fault('account.link_invalid')
    },

    async newEmailCode(userId) {
      const code = `${userId}.${randomBytes(20).toString('base64url')}`
      await database.main
        .insertInto('one_time_codes')
        .values({
          bucket: bucketOf(userId),
          code_hash: hashOf(code),
          purpose: 'email',
          user_id: userId,
          expires_at: new Date(clock.now() + emailCodeMs),
          used_at: null,
        })
        .execute()
      return code
    },

    async useEmailCode(tx, code) {
      const userId = code.split('.')[0]
      if (!isId(userId)) throw fault('account.link_invalid')
      const used = await tx
        .updateTable('one_time_codes')
        .set({ used_at: now() })
        .where('bucket', '=', bucketOf(userId))
        .where('code_hash', '=', hashOf(code))
        .where('purpose', '=', 'email')
        .where('used_at', 'is', null)
        .where('expires_at', '>', now())
        .returning('user_id')
        .executeTakeFirst()
      if (used?.user_id !== userId) throw fault('account.link_invalid')
      return userId
    },

    async deleteExpired(limit) {
      const expired = await database.main
        .selectFrom('one_time_codes')
        .select(['bucket', 'code_hash'])
        .where('expires_at', '<=', now())
        .limit(limit)
        .execute()
      for (const { bucket, code_hash } of expired) {
        await database.main
          .deleteFrom('one_time_codes')
          .where('bucket', '=', bucket)
          .where('code_hash', '=', code_hash)
          .execute()
      }
      return expired.length
    },
  }
}

async function lockOwnerCodes(tx: Tx): Promise<void> {
  await tx
    .selectFrom('one_time_codes')
    .select('code_hash')
    .where('bucket', '=', ownerBucket)
    .where('purpose', '=', 'owner')
    .forUpdate()
    .execute()
}

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest()
}
