import { sql } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import { createHolder, endHolder, isHolderDead } from '#platform/db/holders.ts'
import { prepared } from '#platform/db/prepared.ts'
import { type Id, MIN_ID } from '#platform/ids/ids.ts'

/** A row that one process at a time holds, with how far it has come. The database's clock is the only judge. */
export interface Lease {
  /** Takes or renews; false: another process has it. */
  hold(): Promise<boolean>
  /** How far the work had come when the lease was taken. */
  position(): Id | undefined
  /** Written down with the next renewal. */
  reach(position: Id): void
  release(): Promise<void>
}

const LEASE = sql.lit('10 seconds')

/** `from`: the position of a lease that nobody ever held. */
export function createLease(database: Database, name: string, from: () => Id = () => MIN_ID): Lease {
  const holder = createHolder()
  let reached: Id | undefined

  const readHolder = async () => {
    const [row] = await holderOf(database.main, { name })
    if (row) return row.holder
    await database.main
      .insertInto('relay_positions')
      .values({ bucket: 0, name, position: from(), holder, lease_until: new Date(0) })
      .onConflict((conflict) => conflict.columns(['bucket', 'name']).doNothing())
      .execute()
    return holder
  }

  return {
    position: () => reached,
    reach(position) {
      reached = position
    },
    async hold() {
      const current = await readHolder()
      const isFree = current === holder || isHolderDead(current)
      const row = await database.main
        .updateTable('relay_positions')
        .set({
          holder,
          lease_until: sql`now() + interval ${LEASE}`,
          ...(reached !== undefined && current === holder ? { position: reached } : {}),
        })
        .where('bucket', '=', 0)
        .where('name', '=', name)
        .where('holder', '=', current)
        .where((where) => where.or([where.val(isFree), where('lease_until', '<', sql<Date>`now()`)]))
        .returning('position')
        .executeTakeFirst()
      if (!row) reached = undefined
      else if (current !== holder) reached = row.position
      else reached ??= row.position
      return row !== undefined
    },
    async release() {
      endHolder(holder)
      await database.main
        .updateTable('relay_positions')
        .set({ lease_until: sql`now()`, ...(reached === undefined ? {} : { position: reached }) })
        .where('bucket', '=', 0)
        .where('name', '=', name)
        .where('holder', '=', holder)
        .execute()
    },
  }
}

/** Its row: whoever wants to take or renew the lease waits too. There is none before it was held for the first time. */
export async function lockLease(tx: Tx, name: string): Promise<void> {
  await tx
    .selectFrom('relay_positions')
    .select('name')
    .where('bucket', '=', 0)
    .where('name', '=', name)
    .forNoKeyUpdate()
    .execute()
}

/** As it was last written down; the smallest id while nobody has held the lease yet. */
export async function readPosition(database: Database, name: string): Promise<Id> {
  const row = await database.main
    .selectFrom('relay_positions')
    .select('position')
    .where('bucket', '=', 0)
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.position ?? MIN_ID
}

const holderOf = prepared('relay_holder', (db, { name }: { name: string }) =>
  db.selectFrom('relay_positions').select('holder').where('bucket', '=', 0).where('name', '=', name),
)
