import type { RedisOptions } from 'ioredis'

/** Where a Redis is and how to get in. */
export type RedisAddress = Pick<RedisOptions, 'host' | 'port' | 'username' | 'password' | 'db' | 'tls'>

/** `redis://user:password@host:port/database`; `rediss:` for TLS. Checked by the configuration. */
export function readRedisUrl(text: string): RedisAddress {
  const url = new URL(text)
  const database = Number(url.pathname.slice(1))
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || 6379,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(Number.isInteger(database) && database > 0 ? { db: database } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  }
}

const firstPauseMs = 50
const longestPauseMs = 2000

/** Before the next try: doubling, and never in step with the other processes that lost the same Redis. */
export function pauseBefore(attempt: number): number {
  const whole = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt - 1, 10))
  return whole / 2 + Math.random() * (whole / 2)
}

/** Far longer than a command takes; a partition is found out by it. */
const patienceMs = 500

/** Of every connection: refusing at once beats waiting, as nobody needs what Redis holds. */
export const connectionOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2000,
  commandTimeout: patienceMs,
  // Of a connection that has fallen silent while something was asked.
  socketTimeout: 2000,
  keepAlive: 10_000,
  connectionName: 'heliograph',
} as const satisfies RedisOptions
