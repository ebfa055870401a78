import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { systemClock } from '#platform/clock/clock.ts'
import { checkServer } from './check-server.ts'
import type { Database, Tx } from './db.ts'
import { MigrationError } from './migration-error.ts'

export interface Migration {
  name: string
  text: string
  checksum: string
}

export { MigrationError }

export async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(dir, name), 'utf8')
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

/** Brings the database to what this release needs; returns what was applied. Safe from several processes at once. */
export async function migrate(database: Database, dir: string): Promise<string[]> {
  await checkServer(database)
  const migrations = await readMigrations(dir)
  await createLedger(database)
  const applied: string[] = []
  for (;;) {
    const name = await applyNext(database, migrations)
    if (name === null) return applied
    applied.push(name)
  }
}

async function createLedger(database: Database): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await database.transaction(async (tx) => {
        await sql`create table if not exists schema_migrations (
          name text collate "C" primary key, checksum text not null, applied_at timestamptz not null
        )`.execute(tx)
        await sql`insert into schema_migrations (name, checksum, applied_at)
          values ('', '', '2024-01-01') on conflict (name) do nothing`.execute(tx)
      })
      return
    } catch (error) {
      // Two first starts at once collide in the catalogue, "if not exists" or not.
      if (attempt === 5) throw error
    }
  }
}

/** One process at a time changes the schema; the others wait here. */
export async function lockLedger(tx: Tx): Promise<void> {
  await sql`select name from schema_migrations where name = '' for update`.execute(tx)
}

async function applyNext(database: Database, migrations: readonly Migration[]): Promise<string | null> {
  // Not `database.transaction`: a migration may take longer than a request's 30 s.
  return database.main.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx)
    await lockLedger(tx)
    // Requests queue behind a lock that waits; better to give up, and to be started again.
    await sql`set local lock_timeout = '10s'`.execute(tx)
    const done = await tx
      .selectFrom('schema_migrations')
      .selectAll()
      .where('name', '<>', '')
      .orderBy('name')
      .execute()
    const next = findNext(migrations, done)
    if (next === null) return null
    await applyOne(tx, next)
    return next.name
  })
}

async function applyOne(tx: Tx, migration: Migration): Promise<void> {
  await sql.raw(migration.text).execute(tx)
  await tx
    .insertInto('schema_migrations')
    .values({ name: migration.name, checksum: migration.checksum, applied_at: new Date(systemClock.now()) })
    .execute()
}

function findNext(
  migrations: readonly Migration[],
  done: readonly { name: string; checksum: string }[],
): Migration | null {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const { name, checksum } of done) {
    const migration = known.get(name)
    if (!migration)
      throw new MigrationError(
        `The database was last used by a newer Heliograph: it has the migration ${name}, which this release does not know. Start that release again, or restore a backup from before it.`,
      )
    if (migration.checksum !== checksum)
      throw new MigrationError(
        `The migration ${name} has changed since it was applied to this database. Migrations are never edited: put the file back as it was and write a new one.`,
      )
  }
  const last = done.at(-1)?.name ?? ''
  const names = new Set(done.map(({ name }) => name))
  const next = migrations.find(({ name }) => !names.has(name))
  if (!next) return null
  if (next.name < last)
    throw new MigrationError(
      `The migration ${next.name} is older than ${last}, which was applied already. Give it a later time in its name.`,
    )
  return next
}
