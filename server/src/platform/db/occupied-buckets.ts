import { sql } from 'kysely'
import type { Schema } from '#schema'
import type { Db } from './db.ts'

/** Buckets that have rows in a table, in order, `from` one on: upkeep goes through them one by one, and a small instance has few. */
export async function* occupiedBuckets(db: Db, table: keyof Schema, from = 0): AsyncGenerator<number> {
  for (let last = from - 1; ; ) {
    const found = await sql<{ bucket: number }>`
      select bucket from ${sql.table(table)} where bucket > ${last} order by bucket limit 1
    `.execute(db)
    const next = found.rows[0]?.bucket
    if (next === undefined) return
    yield next
    last = next
  }
}
