import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chown, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { StartFault } from './start-fault.mjs'
import { asUser } from './system-user.mjs'

const MAJOR = '18'

/** @typedef {import('./system-user.mjs').SystemUser} SystemUser */
/** The passwords of the cluster's owner and of the application. @typedef {{ postgres: string, heliograph: string }} Secrets */

/** @param {string} dataDir */
export function clusterDir(dataDir) {
  return path.join(dataDir, 'postgres')
}

/** @param {string} cluster */
export function checkClusterVersion(cluster) {
  const file = path.join(cluster, 'PG_VERSION')
  if (!existsSync(file)) return
  const major = readFileSync(file, 'utf8').trim()
  if (major === MAJOR) return
  throw new StartFault(
    `The database in ${cluster} was made by PostgreSQL ${major}; this Heliograph brings PostgreSQL ${MAJOR}. Start the Heliograph it was made with, or run PostgreSQL ${major} on it yourself and set DATABASE_URL.`,
  )
}

/** @param {string} dataDir */
function secretsFile(dataDir) {
  return path.join(dataDir, 'postgres-secrets.json')
}

/**
 * @param {string} dataDir
 * @returns {Secrets}
 */
export function readSecrets(dataDir) {
  try {
    return JSON.parse(readFileSync(secretsFile(dataDir), 'utf8'))
  } catch (error) {
    throw new StartFault(
      `${secretsFile(dataDir)} holds the database's passwords and cannot be read (${/** @type {Error} */ (error).message}). Put it back from your backup of the data folder.`,
    )
  }
}

/**
 * Makes a new cluster. It is built beside its place and moved there whole, so a kill in the middle leaves nothing that looks
 * like a database.
 *
 * @param {{ dataDir: string, privateDir: string, native: string, user: SystemUser | undefined, durable: boolean }} options
 */
export async function createCluster({ dataDir, privateDir, native, user, durable }) {
  const cluster = clusterDir(dataDir)
  const unfinished = path.join(dataDir, 'postgres.new')
  // The initdb of a start that was killed may still be writing into it for a moment.
  await rm(unfinished, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  const secrets = existsSync(secretsFile(dataDir)) ? readSecrets(dataDir) : makeSecrets()
  await writeDurably(secretsFile(dataDir), `${JSON.stringify(secrets)}\n`)

  await mkdir(unfinished, { mode: 0o700 })
  const passwordFile = path.join(privateDir, 'password')
  await writeDurably(passwordFile, `${secrets.postgres}\n`)
  if (user) {
    await chown(unfinished, user.uid, user.gid)
    await chown(passwordFile, user.uid, user.gid)
  }
  try {
    await runInitdb({ native, user, args: initdbArguments(unfinished, passwordFile, durable) })
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(unfinished, cluster)
}

/**
 * @param {string} folder
 * @param {string} passwordFile
 * @param {boolean} durable
 */
function initdbArguments(folder, passwordFile, durable) {
  return [
    `--pgdata=${folder}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    // The builtin provider compares text; the C library's locale only has to exist, which C.UTF-8 does not everywhere.
    process.platform === 'linux' ? '--locale=C.UTF-8' : '--locale=C',
    '--data-checksums',
    ...(durable ? [] : ['--no-sync']),
  ]
}

/** @returns {Secrets} */
function makeSecrets() {
  return { postgres: randomBytes(24).toString('hex'), heliograph: randomBytes(24).toString('hex') }
}

/**
 * @param {string} file
 * @param {string} text
 */
async function writeDurably(file, text) {
  const unfinished = `${file}.new`
  const handle = await open(unfinished, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(unfinished, file)
}

/**
 * @param {{ native: string, user: SystemUser | undefined, args: string[] }} options
 * @returns {Promise<void>}
 */
function runInitdb({ native, user, args }) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(native, 'bin', 'initdb'), args, {
      ...asUser(user),
      cwd: '/',
      env: postgresEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        said = (said + text).slice(-8000)
      })
    }
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(initdbFault(said, code))))
  })
}

/**
 * @param {string} said
 * @param {number | null} code
 */
function initdbFault(said, code) {
  if (/No space left on device/i.test(said)) {
    return new StartFault(
      'The disk is full: PostgreSQL could not make its database. Free some space (about 100 MB are needed) and start again.',
    )
  }
  const reason = said.split('\n').find((line) => /error|fatal|could not/i.test(line)) ?? `code ${code}`
  return new StartFault(`PostgreSQL could not make its database: ${reason.replace(/^initdb: /, '').trim()}`)
}

/** Nothing of our environment is PostgreSQL's business, and PG… variables would mislead it. */
export function postgresEnv() {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}
