import { type Kysely, sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import { EPOCH, type Id, minIdAt, timeOf } from '#platform/ids/ids.ts'
import type { Schema } from '#schema'
import { lockLedger } from './migrate.ts'

type Db = Kysely<Schema>

export const MONTHS_AHEAD = 24

interface Partition {
  name: string
  from: Id
  to: Id
}

export interface PartitionsReport {
  created: number
  /** The first moment for which some partitioned table has no partition. */
  readyUntil: Date
}

/**
 * Makes the missing monthly partitions, from last month (clocks differ, months turn) until far ahead. Ids are drawn
 * now, whatever a post says about when it was taken, so nothing older is ever inserted.
 */
export async function ensurePartitions(
  db: Db,
  clock: Clock,
  { monthsAhead = MONTHS_AHEAD }: { monthsAhead?: number } = {},
): Promise<PartitionsReport> {
  const months = listMonths(clock.now(), -1, monthsAhead)
  let created = 0
  for (const table of await listPartitionedTables(db)) {
    const wanted = months.map((month) => partitionOf(table, month))
    if ((await findMissing(db, table, wanted)).length > 0) created += await createMissing(db, table, wanted)
  }
  return { created, readyUntil: await partitionsReadyUntil(db, clock) }
}

/** For /readyz: until when every partitioned table can take new rows, without a gap from now on. */
export async function partitionsReadyUntil(db: Db, clock: Clock): Promise<Date> {
  let ready = Number.POSITIVE_INFINITY
  for (const table of await listPartitionedTables(db)) {
    const ranges = await listRanges(db, table)
    let until = clock.now()
    for (const { from, to } of ranges) if (from <= until && to > until) until = to
    ready = Math.min(ready, until)
  }
  return new Date(Number.isFinite(ready) ? ready : clock.now())
}

/** Tables of ours that are partitioned by range; which ones is the migrations' business. */
async function listPartitionedTables(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_partitioned_table p
    join pg_class c on c.oid = p.partrelid
    where c.relnamespace = 'public'::regnamespace and p.partstrat = 'r'
    order by c.oid`.execute(db)
  return rows.map(({ name }) => name)
}

async function findMissing(db: Db, table: string, wanted: readonly Partition[]): Promise<Partition[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ('public.' || quote_ident(${table}))::regclass`.execute(db)
  const existing = new Set(rows.map(({ name }) => name))
  return wanted.filter(({ name }) => !existing.has(name))
}

async function listRanges(db: Db, table: string): Promise<{ from: number; to: number }[]> {
  const { rows } = await sql<{ bound: string }>`
    select pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ('public.' || quote_ident(${table}))::regclass`.execute(db)
  return rows
    .flatMap(({ bound }) => {
      const [, from, to] = /FROM \('(\d+)'\) TO \('(\d+)'\)/.exec(bound) ?? []
      return from && to ? [{ from: timeOf(from), to: timeOf(to) }] : []
    })
    .sort((a, b) => a.from - b.from)
}

async function createMissing(db: Db, table: string, wanted: readonly Partition[]): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await lockLedger(tx)
    // Giving up soon keeps the writers that would queue behind us from waiting.
    await sql`set local lock_timeout = '5s'`.execute(tx)
    const missing = await findMissing(tx, table, wanted)
    for (const { name, from, to } of missing) {
      // Made apart and then attached: unlike `partition of`, that does not lock readers out of the table.
      await sql`create table ${sql.table(name)} (like ${sql.table(table)} including all)`.execute(tx)
      await sql`alter table ${sql.table(table)} attach partition ${sql.table(name)}
        for values from (${sql.lit(from)}) to (${sql.lit(to)})`.execute(tx)
    }
    return missing.length
  })
}

function partitionOf(table: string, month: number): Partition {
  const start = new Date(month)
  const end = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)
  const label = `${start.getUTCFullYear()}_${String(start.getUTCMonth() + 1).padStart(2, '0')}`
  return { name: `${table}_${label}`, from: minIdAt(month), to: minIdAt(end) }
}

function listMonths(now: number, from: number, to: number): number[] {
  const date = new Date(now)
  const months: number[] = []
  for (let offset = from; offset <= to; offset++) {
    const month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1)
    if (month >= EPOCH) months.push(month)
  }
  return months
}
