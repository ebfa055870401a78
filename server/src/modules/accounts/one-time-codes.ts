import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { untilShort } from '#platform/db/until-short.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, bucketOfName, type Id, isId } from '#platform/ids/ids.ts'
import { hasOwner } from './accounts-repository.ts'
import type { CodePurpose } from './accounts-tables.ts'

/** All codes for the owner's account lie together, so that using one can lock the others. */
const ownerBucket = bucketOfName('owner')

/** What is mailed to somebody, or shown to an operator. */
export interface NewCode {
  purpose: Exclude<CodePurpose, 'owner'>
  userId: Id
  /** What it proves or undoes: given back when it is used. */
  about?: string
  validMs: number
}

export interface OpenCode {
  userId: Id
  about: string | null
}

export interface OneTimeCodes {
  /** A fresh code for the owner's sign-up, in place of any before; null once there is an owner. */
  newOwnerCode(within?: (tx: Tx) => Promise<void>): Promise<string | null>
  /** Throws `account.link_invalid` unless the code is the one that is open and there is no owner yet. */
  useOwnerCode(tx: Tx, code: string, userId: Id): Promise<void>
  issue(db: Db | Tx, code: NewCode): Promise<string>
  /** Takes the code, which works once; throws `account.link_invalid`. */
  use(tx: Tx, purpose: NewCode['purpose'], code: string): Promise<OpenCode>
  /** Whom it is for, without taking it; throws `account.link_invalid`. */
  look(purpose: NewCode['purpose'], code: string): Promise<OpenCode>
  countOpen(db: Db | Tx, purpose: NewCode['purpose'], userId: Id): Promise<number>
  /** What was sent before leads nowhere any more. */
  withdraw(tx: Tx, userId: Id, purposes: readonly NewCode['purpose'][]): Promise<void>
  /** The same with those alone that are about what is meant. */
  withdrawAbout(
    tx: Tx,
    userId: Id,
    which: { purpose: NewCode['purpose']; isMeant: (about: string | null) => boolean },
  ): Promise<void>
  deleteExpired(): Promise<number>
}

export function createOneTimeCodes({ database, clock }: { database: Database; clock: Clock }): OneTimeCodes {
  const now = () => new Date(clock.now())

  return {
    newOwnerCode: (within) =>
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
            about: null,
            expires_at: null,
            used_at: null,
          })
          .execute()
        await within?.(tx)
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

    async issue(db, { purpose, userId, about = null, validMs }) {
      const code = `${userId}.${randomBytes(20).toString('base64url')}`
      await db
        .insertInto('one_time_codes')
        .values({
          bucket: bucketOf(userId),
          code_hash: hashOf(code),
          purpose,
          user_id: userId,
          about,
          expires_at: new Date(clock.now() + validMs),
          used_at: null,
        })
        .execute()
      return code
    },

    async use(tx, purpose, code) {
      const userId = holderOf(code)
      const used = await tx
        .updateTable('one_time_codes')
        .set({ used_at: now() })
        .where('bucket', '=', bucketOf(userId))
        .where('code_hash', '=', hashOf(code))
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now())
        .returning(['user_id', 'about'])
        .executeTakeFirst()
      if (used?.user_id !== userId) throw fault('account.link_invalid')
      return { userId, about: used.about }
    },

    async look(purpose, code) {
      const userId = holderOf(code)
      const found = await database.main
        .selectFrom('one_time_codes')
        .select(['user_id', 'about'])
        .where('bucket', '=', bucketOf(userId))
        .where('code_hash', '=', hashOf(code))
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now())
        .executeTakeFirst()
      if (found?.user_id !== userId) throw fault('account.link_invalid')
      return { userId, about: found.about }
    },

    async countOpen(db, purpose, userId) {
      const { open } = await db
        .selectFrom('one_time_codes')
        .select((count) => count.fn.countAll<string>().as('open'))
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', now())
        .executeTakeFirstOrThrow()
      return Number(open)
    },

    async withdraw(tx, userId, purposes) {
      await tx
        .deleteFrom('one_time_codes')
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .where('purpose', 'in', purposes)
        .where('used_at', 'is', null)
        .execute()
    },

    async withdrawAbout(tx, userId, { purpose, isMeant }) {
      const open = await tx
        .selectFrom('one_time_codes')
        .select(['code_hash', 'about'])
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .execute()
      const meant = open.filter(({ about }) => isMeant(about)).map(({ code_hash }) => code_hash)
      if (meant.length === 0) return
      await tx
        .deleteFrom('one_time_codes')
        .where('bucket', '=', bucketOf(userId))
        .where('code_hash', 'in', meant)
        .execute()
    },

    deleteExpired: () => untilShort(5000, deleteSome),
  }

  async function deleteSome(limit: number): Promise<number> {
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

/** A code begins with the id of its account, so that a look-up asks one bucket. */
function holderOf(code: string): Id {
  const userId = code.split('.')[0]
  if (!isId(userId)) throw fault('account.link_invalid')
  return userId
}

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest()
}
