import type { Duplex } from 'node:stream'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type pg from 'pg'
import { isConnectionLoss, isStalePlan, toFault } from './errors.ts'
import type { SharedClients } from './shared-clients.ts'

/** A compiled query that PostgreSQL parses once for each connection. */
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

/** More of it than its types say. */
type OwnClient = pg.PoolClient & {
  processID?: number
  connection: { stream: Duplex }
  end(): Promise<void>
}

/** Single queries share their client with others; a transaction has one to itself from begin to end. */
class Connection implements DatabaseConnection {
  readonly #shared: SharedClients
  #own: pg.PoolClient | undefined
  #isBroken = false
  #isOver = false
  #ended: Error | undefined

  constructor(shared: SharedClients) {
    this.#shared = shared
  }

  async begin(pool: pg.Pool, text: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#own = await pool.connect()
        await this.#own.query(text)
        return
      } catch (error) {
        // The pool may hold several that broke while they were idle.
        this.#own?.release(true)
        this.#own = undefined
        if (attempt === BEGIN_ATTEMPTS || !isConnectionLoss(error)) throw toFault(error)
      }
    }
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const config = {
      text: query.sql,
      values: query.parameters as unknown[],
      ...('name' in query ? { name: (query as NamedQuery).name } : {}),
    }
    if (this.#ended) throw this.#ended
    // Sent behind the end of its transaction it would be saved by itself, whatever became of the others.
    if (this.#isOver) throw new Error('A statement came after the end of its transaction')
    try {
      const { rows, rowCount, command } = await this.#send(config, isPlainRead(query))
      return { rows: rows ?? [], numAffectedRows: affects.has(command) ? BigInt(rowCount ?? 0) : undefined }
    } catch (error) {
      throw this.#ended ?? toFault(error)
    }
  }

  async #send(config: pg.QueryConfig, again: boolean): Promise<pg.QueryResult> {
    if (this.#own) return this.#sendOwn(this.#own, config)
    let isFresh = false
    for (let stale = 0; ; )
      try {
        return await this.#shared.query(config, isFresh)
      } catch (error) {
        if (isStalePlan(error) && ++stale <= STALE_MAX) continue
        if (isFresh || !again || !isConnectionLoss(error)) throw error
        isFresh = true
      }
  }

  async #sendOwn(client: pg.PoolClient, config: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await client.query(config)
    } catch (error) {
      if (isStalePlan(error)) this.#isBroken = true
      throw error
    }
  }

  async commit(): Promise<void> {
    if (this.#ended) throw this.#ended
    this.#isOver = true
    try {
      const { command } = (await this.#own?.query('commit')) ?? {}
      // PostgreSQL says so in this way alone: whoever caught the error of a statement would believe that all is saved.
      if (command === 'ROLLBACK')
        throw new Error('A statement of this transaction had failed: nothing is saved')
    } catch (error) {
      throw this.#ended ?? toFault(error)
    }
  }

  /** A client that could not roll back is in an unknown state and must not be used again. */
  async rollback(): Promise<void> {
    this.#isOver = true
    try {
      if (!this.#ended) await this.#own?.query('rollback')
    } catch {
      this.#isBroken = true
    }
  }

  /** From now on the transaction fails with this error, whatever its client is doing. */
  end(error: Error, pool: pg.Pool): void {
    const client = this.#own as OwnClient | undefined
    if (!client) return
    this.#ended = error
    this.#isBroken = true
    // A backend in the middle of a statement would not notice that we have gone.
    pool.query('select pg_terminate_backend($1)', [client.processID]).catch(() => undefined)
    client.end().catch(() => undefined)
    // By itself it would wait for the answers to all that was sent, which may never come.
    client.connection.stream.destroy()
  }

  // biome-ignore lint/correctness/useYield: nothing here is ever streamed
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Lists are read page by page, not streamed')
  }

  release(): void {
    this.#own?.release(this.#isBroken)
    this.#own = undefined
  }
}

const BEGIN_ATTEMPTS = 3
/** As often somebody may meet a connection that knows an old plan; each is given up with that. */
export const STALE_MAX = 50

/** Asked again when its connection breaks: nothing can have changed by asking. */
function isPlainRead({ query }: CompiledQuery): boolean {
  return query.kind === 'SelectQueryNode' && query.with === undefined
}

const affects = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** Ends a transaction from outside. */
export function endTransaction(connection: DatabaseConnection, error: Error, pool: pg.Pool): void {
  ;(connection as Connection).end(error, pool)
}

export interface DriverOptions {
  shared: SharedClients
  /** Without it, no transactions: a replica. */
  pool?: pg.Pool
}

export function createDriver({ shared, pool }: DriverOptions): Driver {
  return {
    init: async () => undefined,
    acquireConnection: async () => new Connection(shared),
    async beginTransaction(connection, { isolationLevel, accessMode }) {
      if (!pool) throw new Error('A replica is only read')
      const words = ['begin']
      if (isolationLevel) words.push(`isolation level ${isolationLevel}`)
      if (accessMode) words.push(accessMode)
      await (connection as Connection).begin(pool, words.join(' '))
    },
    commitTransaction: (connection) => (connection as Connection).commit(),
    rollbackTransaction: (connection) => (connection as Connection).rollback(),
    async releaseConnection(connection) {
      ;(connection as Connection).release()
    },
    async destroy() {
      await Promise.all([shared.close(), pool?.end()])
    },
  }
}
