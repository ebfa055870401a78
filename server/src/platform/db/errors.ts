import { FaultError, fault } from '#platform/http/fault.ts'

/** SQLSTATE of an error of PostgreSQL, or Node's code of a broken connection. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

const brokenConnection = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  // admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_in_transaction, too_many_connections
  '57P01',
  '57P02',
  '57P03',
  '57P04',
  '25P03',
  '53300',
])

/** What pg says without a code when a socket goes away under it. */
const brokenWords =
  /Connection terminated|not queryable|timeout exceeded when trying to connect|timeout expired|after calling end on the pool/

export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error)
  if (brokenConnection.has(code) || code.startsWith('08')) return true
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss)
  return error instanceof Error && code === '' && brokenWords.test(error.message)
}

/** Two transactions met; the one that gave way may simply run again. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

/**
 * A prepared statement whose table has got another column since, by an upgrade beside this process. Nothing was done, and
 * on this connection it fails from now on.
 */
export function isStalePlan(error: unknown): boolean {
  return codeOf(error) === '0A000' && (error as { routine?: unknown }).routine === 'RevalidateCachedQuery'
}

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== '23505') return false
  return constraint === undefined || (error as { constraint?: string }).constraint === constraint
}

/** What the caller of the server is told: trouble of the database is never their fault and never a bug of ours. */
export function toFault(error: unknown): unknown {
  if (error instanceof FaultError) return error
  if (isConnectionLoss(error)) return fault('server.unavailable', { cause: error })
  switch (codeOf(error)) {
    // query_canceled (statement_timeout), lock_not_available, deadlock and serialization after all retries
    case '57014':
    case '55P03':
    case '40001':
    case '40P01':
      return fault('server.overloaded', { cause: error })
    // disk_full
    case '53100':
      return fault('server.storage_full', { cause: error })
    default:
      return error
  }
}
