import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesIn, processKey, signalProcess } from './process-identity.mjs'

/**
 * What the postmaster wrote about itself.
 * @typedef {{ pid: number, socketDir: string, status: string }} PostmasterFile
 */

/**
 * @param {string} cluster the folder of the database
 * @returns {PostmasterFile | undefined}
 */
export function readPostmasterFile(cluster) {
  try {
    const lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Math.abs(Number(lines[0]))
    if (!Number.isSafeInteger(pid) || pid === 0) return undefined
    return { pid, socketDir: (lines[4] ?? '').trim(), status: (lines[7] ?? '').trim() }
  } catch {
    return undefined
  }
}

/**
 * The live postmaster of this very folder, or undefined: a number in a file proves nothing after a crash or a reboot.
 *
 * @param {string} cluster
 * @returns {PostmasterFile | undefined}
 */
export function livePostmaster(cluster) {
  const file = readPostmasterFile(cluster)
  return file && standsIn(file.pid, cluster) ? file : undefined
}

/**
 * @param {number} pid
 * @param {string} cluster
 */
export function standsIn(pid, cluster) {
  if (!processKey(pid)) return false
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster)
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return command.includes('postgres') && command.includes(cluster)
  } catch {
    return false
  }
}

/**
 * After a kill -9 of the postmaster its backends may live on for a moment, and they hold the shared memory that a new one
 * must not share. They notice by themselves; those that do not within the patience are ended. Crash recovery does the rest.
 *
 * @param {{ cluster: string, socketDir: string, log: (line: string) => void, patienceMs?: number }} options
 */
export async function clearRemains({ cluster, socketDir, log, patienceMs = 3000 }) {
  const folder = realpathSync(cluster)
  const remains = () => processesIn(folder) ?? []
  if (remains().length > 0) {
    log('Waiting for what is left of a PostgreSQL that was killed')
    await until(() => remains().length === 0, patienceMs)
    for (const pid of remains()) signalProcess(pid, 'SIGKILL')
    await until(() => remains().length === 0, patienceMs)
  }
  if (process.platform !== 'linux') return
  // The numbers in them may meanwhile be another program's or a zombie's, at which PostgreSQL would refuse to start.
  rmSync(path.join(cluster, 'postmaster.pid'), { force: true })
  rmSync(path.join(socketDir, '.s.PGSQL.5432.lock'), { force: true })
}

/**
 * @param {() => boolean} condition
 * @param {number} withinMs
 */
export async function until(condition, withinMs) {
  const end = Date.now() + withinMs
  while (!condition()) {
    if (Date.now() > end) return false
    await sleep(25)
  }
  return true
}
