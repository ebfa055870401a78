import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StartFault } from './start-fault.mjs'
import { canReach, findOrCreateSystemUser, isRoot } from './system-user.mjs'

/** Where root's data go when the checkout is closed to the account PostgreSQL runs as, as everything under /root is. */
const SYSTEM_FOLDER = '/var/lib/heliograph'

/**
 * The data folder by environment, or ./data in the checkout.
 *
 * @param {{ env: NodeJS.ProcessEnv, root: string, log: (line: string) => void }} options
 * @returns {string} absolute
 */
export function chooseDataFolder({ env, root, log }) {
  if (env.HELIOGRAPH_DATA) return path.resolve(root, env.HELIOGRAPH_DATA)
  const usual = path.join(root, 'data')
  if (!isRoot() || env.DATABASE_URL || canReach(findOrCreateSystemUser(log), root)) return usual
  log(`PostgreSQL's account cannot reach ${root}: the data folder is ${SYSTEM_FOLDER}`)
  return SYSTEM_FOLDER
}

/**
 * Makes the folder and tries a write in it.
 *
 * @param {string} folder
 */
export function ensureWritable(folder) {
  try {
    makeFolder(folder)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    const probe = path.join(folder, `.write-${process.pid}`)
    writeFileSync(probe, 'x')
    rmSync(probe)
  } catch (error) {
    throw new StartFault(whyNotWritable(folder, /** @type {NodeJS.ErrnoException} */ (error)))
  }
}

/**
 * A command that is given the wrong folder would else make a new database there, or new secrets, and speak of those.
 *
 * @param {string} folder
 */
export function requireInstance(folder) {
  const isThere = ['secrets.json', 'postgres'].some((name) => existsSync(path.join(folder, name)))
  if (isThere) return
  throw new StartFault(
    `There is no Heliograph in ${folder}. Name the data folder that it was started with: HELIOGRAPH_DATA=/path npx heliograph … (a new one is made by: npm start)`,
  )
}

/**
 * Makes what is missing of the folder's path, level by level: Node's own recursive mkdir tries for ever where a file system
 * answers ENOENT to every new folder, as /proc does.
 *
 * @param {string} folder absolute
 */
export function makeFolder(folder) {
  /** @type {string[]} */
  const missing = []
  for (let place = folder; !existsSync(place); place = path.dirname(place)) missing.unshift(place)
  for (const place of missing) makeOne(place)
}

/** @param {string} place */
function makeOne(place) {
  try {
    mkdirSync(place, { mode: isRoot() ? 0o711 : 0o700 })
  } catch (error) {
    // Another start was a moment faster.
    const isThere = /** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST' && existsSync(place)
    if (!isThere) throw error
  }
}

/**
 * @param {string} folder
 * @param {NodeJS.ErrnoException} error
 */
function whyNotWritable(folder, error) {
  const other = 'or choose another one: HELIOGRAPH_DATA=/path npm start'
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return `The disk with the data folder ${folder} is full. Free some space and start again; nothing is lost.`
  }
  if (error.code === 'EROFS')
    return `The data folder ${folder} is on a read-only disk. Mount it writable, ${other}`
  if (error.code === 'ENOTDIR' || (existsSync(folder) && !statSync(folder).isDirectory())) {
    return `The data folder ${folder} is not a folder but a file. Move the file away, ${other}`
  }
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return `The data folder ${folder} cannot be written by this account. Give it to the account that starts Heliograph, ${other}`
  }
  return `The data folder ${folder} cannot be used (${error.code ?? error.message}). Put it right, ${other}`
}
