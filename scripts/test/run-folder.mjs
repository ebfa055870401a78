import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { processKey } from '../../server/src/supervisor/process-identity.mjs'

const NAME = /^heliograph-test-(\d+)-/
/** Two hundred databases come and go, 20 MB each and a few at once, with the log of what was written, and films beside them. */
const NEEDED_ROOM = 3 * 2 ** 30
/** What the tests themselves need beside it. */
const NEEDED_MEMORY = 4 * 2 ** 30
/** Longer than a run takes: with memory that several containers share, a process that we do not see may live. */
const FORSAKEN_AFTER_MS = 3_600_000

/**
 * Where the tests' databases and temporary files lie: in memory, where there is enough of it. Each database consists of a
 * thousand files, a browser makes one for each piece of memory that its processes share, and some disks (ext4 without a
 * journal) take a second of CPU for the next thousand after a thousand were deleted. Long runs, which grow, stay on the disk.
 *
 * @param {{ isLong: boolean, memory?: string }} options
 * @returns {{ all: string, database: string, temporary: string | undefined }} `temporary`: when it is not the machine's
 */
export function makeRunFolder({ isLong, memory = '/dev/shm' }) {
  const isInMemory = !isLong && hasRoom(memory)
  const all = mkdtempSync(path.join(isInMemory ? memory : os.tmpdir(), `heliograph-test-${process.pid}-`))
  // PostgreSQL's own user has to pass through when all this runs as root.
  chmodSync(all, 0o711)
  const database = path.join(all, 'database')
  mkdirSync(database, { mode: 0o700 })
  if (!isInMemory) return { all, database, temporary: undefined }
  const temporary = path.join(all, 'tmp')
  mkdirSync(temporary)
  chmodSync(temporary, 0o1777)
  return { all, database, temporary }
}

/** @param {string} memory */
function hasRoom(memory) {
  try {
    removeForsaken(memory)
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= NEEDED_ROOM && freeMemory() >= NEEDED_MEMORY
  } catch {
    // There is none on this machine, or not for us.
    return false
  }
}

/** Of a container what it may have, which `os.freemem` does not know of. Node 20 has it from 20.13 on. */
function freeMemory() {
  return process.availableMemory?.() ?? os.freemem()
}

/**
 * A run that was killed leaves its folder, and memory does not come back by itself.
 *
 * @param {string} memory
 */
function removeForsaken(memory) {
  for (const name of readdirSync(memory)) {
    const pid = Number(NAME.exec(name)?.[1])
    const folder = path.join(memory, name)
    if (!(pid > 0) || processKey(pid) !== undefined) continue
    if (Date.now() - statSync(folder).mtimeMs < FORSAKEN_AFTER_MS) continue
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
