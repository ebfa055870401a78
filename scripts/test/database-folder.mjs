import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { processKey } from '../../server/src/supervisor/process-identity.mjs'

const NAME = /^heliograph-test-(\d+)-/
/** Two hundred databases come and go, 20 MB each and a few at once, and there is the log of what was written. */
const NEEDED_ROOM = 2 * 2 ** 30
/** What the tests themselves need beside it. */
const NEEDED_MEMORY = 4 * 2 ** 30
/** Longer than a run takes: with memory that several containers share, a process that we do not see may live. */
const FORSAKEN_AFTER_MS = 3_600_000

/**
 * Where the tests' databases lie: in memory, where there is enough of it. Each consists of a thousand files, and some disks
 * (ext4 without a journal) take a second of CPU for the next thousand after a thousand were deleted. Long runs, whose
 * databases grow, stay on the disk.
 *
 * @param {{ isLong: boolean, memory?: string }} options
 * @returns {string} an empty folder
 */
export function makeDatabaseFolder({ isLong, memory = '/dev/shm' }) {
  const parent = !isLong && hasRoom(memory) ? memory : os.tmpdir()
  return mkdtempSync(path.join(parent, `heliograph-test-${process.pid}-`))
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
