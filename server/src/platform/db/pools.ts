import pg from 'pg'

export const STATEMENT_TIMEOUT_MS = 30_000

export interface PoolOptions {
  url: string
  max: number
  name: string
  /** Told of idle connections that broke; the pool replaces them by itself. */
  onError: (error: Error) => void
}

export function createPool({ url, max, name, onError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types,
    application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    onConnect: prepareSession,
    // What a transaction asks side by side goes over the wire together, and is answered in that order.
    pipeline: true,
  } as pg.PoolConfig)
  pool.on('error', onError)
  // Errors of a checked-out client also reject its query; without a listener they would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/** One round trip for each new connection; a statement, unlike start-up parameters, passes every pooler. */
export async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(
    `select set_config('search_path', 'public', false),
      set_config('timezone', 'UTC', false),
      set_config('jit', 'off', false),
      set_config('statement_timeout', $1, false),
      set_config('idle_in_transaction_session_timeout', $1, false)`,
    [String(STATEMENT_TIMEOUT_MS)],
  )
}

const DATE = 1082
const TEXT = 25

/** int8 and numbers as pg does it (string, number); a date stays the text that it is instead of a moment somewhere. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === NUMERIC
      ? Number
      : pg.types.getTypeParser(oid === DATE ? TEXT : oid, format as 'text')) as typeof pg.types.getTypeParser,
}

const NUMERIC = 1700
