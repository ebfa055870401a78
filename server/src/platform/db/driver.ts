import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type pg from 'pg'
import { toFault } from './errors.ts'

/** A compiled query that PostgreSQL plans once for each connection. */
export interface NamedQuery extends CompiledQuery {
  readonly name: string
}

export function createDialect(createDriver: () => Driver): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

class PooledConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  #broken = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  get client(): pg.PoolClient {
    return this.#client
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return runOn(this.#client, query)
  }

  // biome-ignore lint/correctness/useYield: nothing here is ever streamed
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Lists are read page by page, not streamed')
  }

  /** A client that could not roll back is in an unknown state and must not be used again. */
  discard(): void {
    this.#broken = true
  }

  release(): void {
    this.#client.release(this.#broken)
  }
}

export function clientOf(connection: DatabaseConnection): pg.PoolClient {
  if (!(connection instanceof PooledConnection)) throw new TypeError('This connection is shared')
  return connection.client
}

/** One client for one caller at a time. */
export function createPooledDriver(pool: pg.Pool): Driver {
  const run = (connection: DatabaseConnection, text: string) =>
    connection.executeQuery(CompiledQuery.raw(text)).then(() => undefined)
  return {
    init: async () => undefined,
    async acquireConnection() {
      try {
        return new PooledConnection(await pool.connect())
      } catch (error) {
        throw toFault(error)
      }
    },
    async beginTransaction(connection, { isolationLevel, accessMode }) {
      const words = ['begin']
      if (isolationLevel) words.push(`isolation level ${isolationLevel}`)
      if (accessMode) words.push(accessMode)
      await run(connection, words.join(' '))
    },
    commitTransaction: (connection) => run(connection, 'commit'),
    async rollbackTransaction(connection) {
      try {
        await run(connection, 'rollback')
      } catch {
        ;(connection as PooledConnection).discard()
      }
    },
    async releaseConnection(connection) {
      ;(connection as PooledConnection).release()
    },
    destroy: () => pool.end(),
  }
}

async function runOn<Row>(client: pg.ClientBase | pg.Pool, query: CompiledQuery): Promise<QueryResult<Row>> {
  try {
    const result = await client.query({
      text: query.sql,
      values: query.parameters as unknown[],
      ...('name' in query ? { name: (query as NamedQuery).name } : {}),
    })
    return {
      rows: result.rows ?? [],
      numAffectedRows: affects.has(result.command) ? BigInt(result.rowCount ?? 0) : undefined,
    }
  } catch (error) {
    throw toFault(error)
  }
}

const affects = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])
