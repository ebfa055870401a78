import { execFileSync, spawnSync } from 'node:child_process'
import { StartFault } from './start-fault.mjs'

/**
 * The account that PostgreSQL runs as. `undefined` means: as ourselves.
 * @typedef {{ name: string, uid: number, gid: number }} SystemUser
 */

export function isRoot() {
  return process.getuid?.() === 0
}

/**
 * PostgreSQL refuses to run as root, so root lends it an account without rights: `heliograph`, made when missing.
 *
 * @param {(line: string) => void} log
 * @returns {SystemUser}
 */
export function findOrCreateSystemUser(log) {
  const own = findUser('heliograph')
  if (own) return own
  if (createUser()) {
    log('Made the system user "heliograph": PostgreSQL does not run as root')
    return /** @type {SystemUser} */ (findUser('heliograph'))
  }
  const postgres = findUser('postgres')
  if (postgres) return postgres
  const nobody = findUser('nobody')
  if (!nobody) {
    throw new StartFault(
      'PostgreSQL does not run as root, and this machine has no other account for it. Create one with `useradd --system heliograph`, or start Heliograph as an ordinary user.',
    )
  }
  log(
    'Warning: PostgreSQL runs as "nobody", an account that other programs share. Create one of its own with `useradd --system heliograph`.',
  )
  return nobody
}

/**
 * @param {string} name
 * @returns {SystemUser | undefined}
 */
function findUser(name) {
  try {
    const ask = (/** @type {string} */ what) =>
      Number(execFileSync('id', [what, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    return { name, uid: ask('-u'), gid: ask('-g') }
  } catch {
    return undefined
  }
}

function createUser() {
  const ways = [
    ['useradd', '--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'heliograph'],
    ['adduser', '-S', '-D', '-H', '-s', '/sbin/nologin', 'heliograph'],
  ]
  return ways.some(([command, ...args]) => {
    const tried = spawnSync(/** @type {string} */ (command), args, { stdio: 'ignore' })
    return tried.status === 0 && findUser('heliograph') !== undefined
  })
}

/**
 * Whether that account gets through to a folder: tried rather than computed, since modes, access lists and mounts all have a
 * say.
 *
 * @param {SystemUser | undefined} user
 * @param {string} folder
 */
export function canReach(user, folder) {
  const tried = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], {
    ...asUser(user),
    cwd: '/',
    stdio: 'ignore',
  })
  return tried.status === 0
}

/** @param {SystemUser | undefined} user */
export function asUser(user) {
  return user ? { uid: user.uid, gid: user.gid } : {}
}
