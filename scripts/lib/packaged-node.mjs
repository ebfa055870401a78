import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { StartFault } from '../../server/src/supervisor/start-fault.mjs'
import { root } from './root.mjs'

const NEEDED_MAJOR = 24
const PACKAGES = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]

/**
 * The Node that runs TypeScript as it is: the one npm brought, or the machine's own when that is new enough.
 *
 * @returns {string}
 */
export function findNode() {
  for (const name of PACKAGES) {
    const file = path.join(root, 'node_modules', name, 'bin', 'node')
    if (existsSync(file) && majorOf(file) >= NEEDED_MAJOR) return file
  }
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath
  throw new StartFault(
    `Heliograph runs on Node ${NEEDED_MAJOR}, which npm brings for Linux and macOS but not for this machine (${process.platform}-${process.arch}). Install Node ${NEEDED_MAJOR} from https://nodejs.org; this is Node ${process.versions.node}.`,
  )
}

/** @param {string} file */
function majorOf(file) {
  const tried = spawnSync(file, ['--version'], { encoding: 'utf8' })
  return tried.status === 0 ? Number(tried.stdout.trim().slice(1).split('.')[0]) : 0
}
