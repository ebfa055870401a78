import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StartFault } from '../../server/src/supervisor/start-fault.mjs'
import { compressFiles } from './compress-files.mjs'
import { root } from './root.mjs'
import { runQuietly, seconds } from './run.mjs'

const web = path.join(root, 'web')
const dist = path.join(web, 'dist')
const stampName = '.heliograph-built'
const SOURCES = ['web', 'contract/src', 'scripts/lib/compress-files.mjs', 'package-lock.json']
const IGNORED = new Set(['node_modules', 'dist', 'e2e'])

/**
 * Builds the web app when its sources changed since the last time. It is built aside and moved into place whole, so an
 * interrupted build is never served.
 *
 * @param {{ node: string, log: (line: string) => void, signal?: AbortSignal }} options
 */
export async function ensureWebBuilt({ node, log, signal }) {
  const stamp = hashSources()
  if (readStamp() === stamp) return
  log('Building the web app')
  const began = Date.now()
  const cache = path.join(root, '.cache')
  mkdirSync(cache, { recursive: true })
  const out = path.join(cache, `web-${process.pid}`)
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--outDir', out, '--emptyOutDir', '--logLevel', 'warn']
  const result = await runQuietly(node, args, { cwd: web, signal })
  if (result.code !== 0) {
    rmSync(out, { recursive: true, force: true })
    throw new StartFault(`Could not build the web app:\n${result.said.trim()}`)
  }
  await compressFiles(out)
  writeFileSync(path.join(out, stampName), `${stamp}\n`)
  moveIntoPlace(out)
  log(`Built the web app (${seconds(began)})`)
}

/** @param {string} out */
function moveIntoPlace(out) {
  const old = path.join(root, '.cache', `web-old-${process.pid}`)
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(out, dist)
  rmSync(old, { recursive: true, force: true })
}

function readStamp() {
  try {
    return readFileSync(path.join(dist, stampName), 'utf8').trim()
  } catch {
    return undefined
  }
}

function hashSources() {
  const hash = createHash('sha256')
  for (const source of SOURCES) addToHash(hash, source)
  return hash.digest('hex')
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} relative
 */
function addToHash(hash, relative) {
  const file = path.join(root, relative)
  const entries = readdirIfFolder(file)
  if (!entries) {
    hash.update(`${relative}\0`).update(readFileSync(file)).update('\0')
    return
  }
  for (const entry of entries.sort()) {
    if (!IGNORED.has(entry) && !entry.startsWith('.')) addToHash(hash, `${relative}/${entry}`)
  }
}

/** @param {string} file */
function readdirIfFolder(file) {
  try {
    return readdirSync(file)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return undefined
    throw error
  }
}
