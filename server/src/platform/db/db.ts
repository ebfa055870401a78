import { Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Schema } from '#schema'
import { createDialect, createDriver } from './driver.ts'
import { createPool } from './pools.ts'
import { createReplicas } from './replicas.ts'
import { createSharedClients } from './shared-clients.ts'
import { runTransaction, TRANSACTION_CAP_MS } from './transactions.ts'

export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

export interface DatabaseConfig {
  url: string
  replicaUrls?: readonly string[]
  poolSize?: number
  /** Never more than the default; less in tests. */
  transactionCapMs?: number
}

export interface Database {
  readonly main: Db
  /** A replica that has caught up, unless this account wrote here in the last seconds (it reads what it wrote). */
  readFor(accountId?: Id | null): Db
  /**
   * At most 30 s; runs again up to 3 times when transactions collide, so `work` has no effects of its own.
   * `by` says whose later reads must see it. What was said with `afterCommit` is done when it resolves.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: { by?: Id | readonly Id[] }): Promise<T>
  close(): Promise<void>
}

/** Connects when first asked; a database that is away makes queries fail with `server.unavailable` until it is back. */
export function createDatabase(config: DatabaseConfig, log: Log): Database {
  const { url, replicaUrls = [], poolSize = 10, transactionCapMs: capMs = TRANSACTION_CAP_MS } = config
  const onError = (error: Error) => log.warn({ err: error }, 'A connection to the database broke')
  const reportLate = (error: unknown) =>
    log.error({ err: error }, 'Something went wrong after a transaction was saved')
  const pool = createPool({ url, max: poolSize, name: 'heliograph', onError })
  const shared = createSharedClients({ url, max: poolSize, name: 'heliograph-reads', onError })
  const main = new Kysely<Schema>({ dialect: createDialect(() => createDriver({ shared, pool })) })
  const replicas = createReplicas({ urls: replicaUrls, poolSize, main, log })
  let closing: Promise<void> | undefined
  return {
    main,
    readFor: (accountId) => replicas.readFor(accountId ?? null) ?? main,
    async transaction(work, options = {}) {
      const result = await runTransaction({ main, pool, capMs, onError: reportLate }, work)
      for (const id of [options.by ?? []].flat()) replicas.noteWrite(id)
      return result
    },
    close() {
      closing ??= Promise.all([main.destroy(), replicas.close()]).then(() => undefined)
      return closing
    },
  }
}

export { afterCommit } from './transactions.ts'

/** A value for a jsonb column; pg alone would take an array for an array of PostgreSQL. */
export function jsonb<T>(value: T): RawBuilder<T> {
  return sql<T>`${JSON.stringify(value)}::jsonb`
}
