import { setTimeout as sleep } from 'node:timers/promises'
import { StartFault } from './start-fault.mjs'

/** @typedef {import('./postgres-cluster.mjs').Secrets} Secrets */

/**
 * The host in front is only there to please URL parsers; the one in the query, the socket's folder, counts.
 *
 * @param {{ socketDir: string, user: string, password: string, database: string }} options
 */
export function socketUrl({ socketDir, user, password, database }) {
  return `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(socketDir)}`
}

/**
 * @param {string} connectionString
 * @returns {Promise<import('pg').Client>}
 */
export async function connect(connectionString) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 })
  // Without a listener a connection that breaks between two queries would end the process.
  client.on('error', () => {})
  await client.connect()
  return client
}

/**
 * Waits for the server to take connections: it may be replaying its log after a crash, which takes as long as it takes.
 *
 * @param {{ url: string, isDead: () => boolean, withinMs: number, log: (line: string) => void }} options
 * @returns {Promise<import('pg').Client | undefined>} undefined when the server died, or did not answer in time
 */
export async function connectWhenReady({ url, isDead, withinMs, log }) {
  const began = Date.now()
  let nextNote = began + 5000
  while (Date.now() - began < withinMs) {
    try {
      return await connect(url)
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code === '28P01') {
        throw new StartFault(
          'The database in the data folder does not accept the password in postgres-secrets.json. Put back the one from your backup of the data folder.',
        )
      }
      if (isDead()) return undefined
    }
    if (Date.now() > nextNote) {
      log('PostgreSQL is still getting ready (after a crash it first replays its log)')
      nextNote += 10_000
    }
    await sleep(40)
  }
  return undefined
}

/**
 * The application is an ordinary owner of its own database, as it would be on a server run by somebody else: not a superuser.
 *
 * @param {import('pg').Client} client connected as the cluster's owner
 * @param {Secrets} secrets
 */
export async function ensureDatabase(client, secrets) {
  const role = await client.query("select 1 from pg_roles where rolname = 'heliograph'")
  if (role.rowCount === 0) {
    await client.query(
      `create role heliograph login createdb password ${client.escapeLiteral(secrets.heliograph)}`,
    )
    await client.query('grant pg_read_all_stats to heliograph')
  }
  const database = await client.query("select 1 from pg_database where datname = 'heliograph'")
  if (database.rowCount === 0) await client.query('create database heliograph owner heliograph')
}
