import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Pids are reused, so a pid alone does not name a process: the key also carries when it started. `undefined` means that no
 * such process runs (a zombie counts as gone: it holds nothing but its number).
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
export function processKey(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !exists(pid)) return undefined
  return process.platform === 'linux' ? linuxKey(pid) : psKey(pid)
}

/** @param {number} pid */
function exists(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** @param {number} pid */
function linuxKey(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the command in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${bootId()}:${fields[19]}`
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT' && procIsMounted()
      ? undefined
      : 'unknown'
  }
}

function procIsMounted() {
  try {
    readFileSync('/proc/self/stat')
    return true
  } catch {
    return false
  }
}

function bootId() {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return 'boot'
  }
}

/** @param {number} pid */
function psKey(pid) {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return !line || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
  } catch {
    return undefined
  }
}

/**
 * Live processes whose working directory is `folder`: PostgreSQL's postmaster and each of its backends stand in their data
 * folder. Only Linux can tell; elsewhere the answer is `undefined`.
 *
 * @param {string} folder real path
 * @returns {number[] | undefined}
 */
export function processesIn(folder) {
  if (process.platform !== 'linux') return undefined
  const found = []
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (readlinkSync(`/proc/${entry}/cwd`) === folder && linuxKey(Number(entry))) found.push(Number(entry))
    } catch {
      // Gone meanwhile, or somebody else's.
    }
  }
  return found
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function signalProcess(pid, signal) {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}
