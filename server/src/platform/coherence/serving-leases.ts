import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'

/** How long a process may decide from memory after it last began to ask what it has missed. */
export const LEASE_MS = 2000

/** Rows of processes that are long gone are nobody's business; how exact the database's clock is, neither. */
const FORGOTTEN = sql.lit('1 minute')

export interface ServingLease {
  holder: string
  renewal: number
  /** The last renewal after which everything that takes sight away was read and handled. */
  handled: number
}

/** The rows by which processes that decide from memory are known to those that take sight away. */
export interface ServingLeases {
  /** Durable and visible to everybody when it resolves. */
  renew(lease: ServingLease): Promise<void>
  /** Of everybody who may decide from memory at the moment of asking. */
  list(): Promise<ServingLease[]>
  remove(holder: string): Promise<void>
}

export function createServingLeases(database: Database): ServingLeases {
  const { main } = database
  const until = sql<Date>`now() + ${sql.lit(LEASE_MS)} * interval '1 millisecond'`
  return {
    async renew({ holder, renewal, handled }) {
      const numbers = { renewal: String(renewal), handled: String(handled), until }
      const { numUpdatedRows } = await main
        .updateTable('serving_leases')
        .set(numbers)
        .where('bucket', '=', 0)
        .where('holder', '=', holder)
        .executeTakeFirst()
      if (numUpdatedRows > 0n) return
      await main
        .insertInto('serving_leases')
        .values({ bucket: 0, holder, ...numbers })
        .execute()
      await main
        .deleteFrom('serving_leases')
        .where('bucket', '=', 0)
        .where('until', '<', sql<Date>`now() - interval ${FORGOTTEN}`)
        .execute()
    },
    async list() {
      const rows = await main
        .selectFrom('serving_leases')
        .select(['holder', 'renewal', 'handled'])
        .where('bucket', '=', 0)
        .where('until', '>', sql<Date>`now() - interval ${FORGOTTEN}`)
        .execute()
      return rows.map(({ holder, renewal, handled }) => ({
        holder,
        renewal: Number(renewal),
        handled: Number(handled),
      }))
    },
    remove: async (holder) =>
      void (await main
        .deleteFrom('serving_leases')
        .where('bucket', '=', 0)
        .where('holder', '=', holder)
        .execute()),
  }
}
