import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from './postgres-postmaster.mjs'
import { processKey, signalProcess } from './process-identity.mjs'
import { StartFault } from './start-fault.mjs'

/** A process by number and start. @typedef {{ pid: number, key: string }} Process */

/**
 * Who has a data folder: an `instance` (npm start), or a `command` that has lent itself the database for a moment.
 * @typedef {Process & { kind: 'instance' | 'command', startedAt: string, port?: number, url?: string, server?: Process }} Holder
 */

/**
 * @typedef {object} InstanceLock
 * @property {boolean} tookOver whether the last holder had died without giving it back
 * @property {(more: Partial<Holder>) => void} note adds to what others read about us
 * @property {() => void} release
 */

const ALONE = 'instance.lock'

/**
 * Of instances that share database and Redis several may use one data folder: each has a lock of its own, by machine and port.
 *
 * @param {number} port
 */
export function sharedLockName(port) {
  return `${sharedPrefix()}${port}.lock`
}

/** Of this machine: whether a process of another one lives cannot be told here. */
function sharedPrefix() {
  return `instance.${os.hostname()}.`
}

/**
 * The live holder of a data folder; of several that share it one that people can reach.
 *
 * @param {string} dataDir
 * @returns {Holder | undefined}
 */
export function readHolder(dataDir) {
  const holders = [ALONE, ...sharedLocks(dataDir)]
    .map((name) => readLock(path.join(dataDir, name)))
    .filter((holder) => holder !== undefined && isLive(holder))
  return holders.find((holder) => holder?.url) ?? holders[0]
}

/** @param {string} dataDir */
function sharedLocks(dataDir) {
  try {
    return readdirSync(dataDir).filter((name) => name.startsWith(sharedPrefix()) && name.endsWith('.lock'))
  } catch {
    return []
  }
}

/**
 * @param {string} file
 * @returns {Holder | undefined}
 */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {Process} holder */
function isLive(holder) {
  return processKey(holder.pid) === holder.key
}

/**
 * @typedef {object} LockOptions
 * @property {string} dataDir
 * @property {Holder['kind']} kind
 * @property {number} [port]
 * @property {boolean} [isShared] with others that share a database and Redis with this one
 * @property {number} [waitMs]
 * @property {(line: string) => void} [log]
 */

/**
 * Takes the data folder, or says who has it. A command's short hold is waited for.
 *
 * @param {LockOptions} options
 * @returns {Promise<InstanceLock>}
 */
export async function takeLock(options) {
  const { dataDir, kind, port, isShared = false, waitMs = 60_000, log = () => {} } = options
  const file = path.join(dataDir, isShared && port ? sharedLockName(port) : ALONE)
  const other = readHolder(dataDir)
  if (!isShared && kind === 'instance' && other?.kind === 'instance')
    throw new StartFault(heldBy(dataDir, other))
  const me = {
    pid: process.pid,
    key: processKey(process.pid) ?? 'unknown',
    kind,
    startedAt: new Date().toISOString(),
  }
  /** @type {Holder} */
  let mine = port === undefined ? me : { ...me, port }
  const giveUpAt = Date.now() + waitMs
  let waited = false
  let tookOver = false
  while (!tryLink(file, mine)) {
    const holder = readLock(file)
    if (holder && isLive(holder)) {
      if (holder.kind === 'instance' || Date.now() > giveUpAt) throw new StartFault(heldBy(dataDir, holder))
      if (!waited)
        log(`Waiting for a heliograph command (process ${holder.pid}) to be done with the data folder`)
      waited = true
      await sleep(200)
      continue
    }
    if (holder?.server) await endLeftServer(holder.server, log)
    tookOver = removeStale(file, holder) || tookOver
  }
  return {
    tookOver,
    note: (more) => {
      mine = { ...mine, ...more }
      writeAside(file, mine, (aside) => renameSync(aside, file))
    },
    release: () => {
      if (readLock(file)?.key === mine.key && readLock(file)?.pid === mine.pid) rmSync(file, { force: true })
    },
  }
}

/**
 * The file appears whole or not at all: a reader never meets a half-written one.
 *
 * @param {string} file
 * @param {Holder} mine
 */
function tryLink(file, mine) {
  try {
    writeAside(file, mine, (aside) => linkSync(aside, file))
    return true
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === 'EEXIST') return false
    // File systems without hard links still know exclusive creation.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
  }
  try {
    writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o644 })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
}

/**
 * @param {string} file
 * @param {Holder} mine
 * @param {(aside: string) => void} place
 */
function writeAside(file, mine, place) {
  const aside = `${file}.${process.pid}`
  try {
    writeFileSync(aside, `${JSON.stringify(mine)}\n`, { mode: 0o644 })
    place(aside)
  } finally {
    rmSync(aside, { force: true })
  }
}

/**
 * Two starters may find the same stale lock: moving it aside is something only one of them can do, and whoever moved a fresh
 * one by mistake puts it back.
 *
 * @param {string} file
 * @param {Holder | undefined} stale
 */
function removeStale(file, stale) {
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return false
  }
  const moved = readLock(aside)
  const isStale = moved === undefined || (moved.pid === stale?.pid && moved.key === stale?.key)
  if (!isStale) {
    try {
      linkSync(aside, file)
    } catch {
      // A third one has it by now.
    }
  }
  rmSync(aside, { force: true })
  return isStale
}

/**
 * A server whose supervisor was killed ends by itself as its channel closes; it must be gone before another one starts.
 *
 * @param {Process} server
 * @param {(line: string) => void} log
 */
async function endLeftServer(server, log) {
  if (!isLive(server)) return
  log(`Waiting for the server of an earlier start (process ${server.pid}) to end`)
  if (await until(() => !isLive(server), 9000)) return
  signalProcess(server.pid, 'SIGKILL')
  await until(() => !isLive(server), 2000)
}

/**
 * @param {string} dataDir
 * @param {Holder} holder
 */
function heldBy(dataDir, holder) {
  if (holder.kind === 'command') {
    return `A heliograph command (process ${holder.pid}) has been using the data folder ${dataDir} for long. Wait for it, or stop it with \`kill ${holder.pid}\`.`
  }
  const where = holder.url ?? (holder.port ? `on port ${holder.port}` : '')
  return `Heliograph already runs on the data folder ${dataDir} (process ${holder.pid}${where && `, ${where}`}). Stop that one first, or give this one a folder of its own: HELIOGRAPH_DATA=/path npm start`
}
