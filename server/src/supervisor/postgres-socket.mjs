import { createHash } from 'node:crypto'
import { chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { StartFault } from './start-fault.mjs'

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing zero included. */
const MAX_SOCKET_PATH = 103
const SOCKET_NAME = '.s.PGSQL.5432'

/**
 * The private folder of PostgreSQL's socket: in the data folder when the path is short enough and the file system knows
 * sockets, else in the machine's temporary folder under a name that only this data folder has.
 *
 * @param {string} dataDir real path
 * @param {{ uid: number, gid: number } | undefined} user
 * @returns {Promise<string>}
 */
export async function prepareSocketDir(dataDir, user) {
  const own = path.join(dataDir, 'run')
  if (fits(own) && claim(own, user) && (await canBind(own))) return own
  const name = `heliograph-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`
  const bases = [...new Set([os.tmpdir(), '/tmp', '/var/tmp'])]
  for (const base of bases) {
    const folder = path.join(base, `${name}-${user?.uid ?? process.getuid?.() ?? 0}`)
    if (fits(folder) && claim(folder, user) && (await canBind(folder))) return folder
  }
  throw new StartFault(
    `PostgreSQL needs a folder for its socket, and neither ${own} nor ${bases.join(' nor ')} will do (a path over ${MAX_SOCKET_PATH} bytes, a file system without sockets, or a folder of somebody else). Choose a data folder with a shorter path: HELIOGRAPH_DATA=/path npm start`,
  )
}

/** @param {string} folder */
function fits(folder) {
  return Buffer.byteLength(path.join(folder, SOCKET_NAME)) <= MAX_SOCKET_PATH
}

/**
 * In a shared temporary folder anybody may have made the name first: only a real folder of the right owner is taken.
 *
 * @param {string} folder
 * @param {{ uid: number, gid: number } | undefined} user
 */
function claim(folder, user) {
  try {
    try {
      mkdirSync(folder, { mode: 0o700 })
      if (user) chownSync(folder, user.uid, user.gid)
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    const stat = lstatSync(folder)
    const owner = user?.uid ?? process.getuid?.() ?? stat.uid
    return stat.isDirectory() && stat.uid === owner && (stat.mode & 0o077) === 0
  } catch {
    return false
  }
}

/** @param {string} folder */
function canBind(folder) {
  const probe = path.join(folder, `probe-${process.pid % 1_000_000}`)
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(probe, () =>
      server.close(() => {
        rmSync(probe, { force: true })
        resolve(true)
      }),
    )
  })
}
