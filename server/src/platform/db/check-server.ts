import { sql } from 'kysely'
import { systemClock } from '#platform/clock/clock.ts'
import type { Database } from './db.ts'
import { MigrationError } from './migration-error.ts'

const OLDEST = 15
/** Readers of events look back a minute, of which a transaction may take half. */
const MAX_CLOCK_SKEW_MS = 20_000

/** Throws a sentence when this PostgreSQL will not do. */
export async function checkServer(database: Database): Promise<void> {
  const asked = systemClock.now()
  const { rows } = await sql<{ version: number; text: string; now: number; replica: boolean }>`
    select current_setting('server_version_num')::int as version, current_setting('server_version') as text,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as now, pg_is_in_recovery() as replica`.execute(
    database.main,
  )
  const answered = systemClock.now()
  const server = rows[0]!
  if (server.version < OLDEST * 10_000)
    throw new MigrationError(
      `The database is PostgreSQL ${server.text}; Heliograph needs ${OLDEST} or newer. Upgrade it, or leave DATABASE_URL out to use the one that comes along.`,
    )
  if (server.replica)
    throw new MigrationError(
      'DATABASE_URL leads to a replica, which can only be read. Give the main database there, and this one in DATABASE_REPLICA_URLS.',
    )
  const skew = server.now - (asked + answered) / 2
  if (Math.abs(skew) > MAX_CLOCK_SKEW_MS)
    throw new MigrationError(
      `The clock of this machine is ${Math.abs(Math.round(skew / 1000))} s ${skew > 0 ? 'behind' : 'ahead of'} the database's. Set both right (for example with an NTP service) and start again.`,
    )
}
