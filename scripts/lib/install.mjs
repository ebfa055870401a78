import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StartFault } from '../../server/src/supervisor/start-fault.mjs'
import { root } from './root.mjs'
import { runQuietly, seconds } from './run.mjs'

/**
 * The packages of the browser that tests drive. They live apart from the workspaces, so that neither installation undoes the
 * other.
 */
export const testBrowserFolder = path.join(root, 'test-browser')

/** What the project's .npmrc says, given again for the folder that has none above it which npm would read. */
const NPM_FLAGS = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--omit-lockfile-registry-resolved',
  '--loglevel=error',
]

/** @typedef {Record<string, { version?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[], link?: boolean }>} Packages */

/**
 * Installs what the lockfile says, unless it is there already. Not by `npm ci`: it refuses a lockfile that leaves out other
 * platforms' optional packages, as one does that was made behind a registry without them. `--no-save` keeps the lockfile as
 * it is, which each version of npm would otherwise rewrite in its own way; what `ci` does besides, starting from nothing
 * after an interruption, is done here.
 *
 * @param {{ folder?: string, what: string, log: (line: string) => void, signal?: AbortSignal }} options
 */
export async function ensureInstalled({ folder = root, what, log, signal }) {
  if (isInstalled(folder)) return
  log(`Installing ${what} with npm (this takes a minute or two)`)
  const began = Date.now()
  if (!hasPackages(folder)) rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true })
  const { command, args } = npm()
  const result = await runQuietly(command, [...args, 'install', '--no-save', ...NPM_FLAGS], {
    cwd: folder,
    env: npmEnv(),
    signal,
  })
  if (result.code !== 0) throw new StartFault(installFault(what, result.said))
  const missing = missingPackages(folder)
  if (missing.length > 0) {
    throw new StartFault(
      `npm did not download ${missing.join(', ')}, which this machine needs. Check the network, then start again.`,
    )
  }
  writeFileSync(stampFile(folder), `${stamp(folder)}\n`)
  log(`Installed ${what} (${seconds(began)})`)
}

/** Whether an installation was ever finished, of whatever version. npm writes its note last. */
export function hasPackages(folder = root) {
  return existsSync(path.join(folder, 'node_modules', '.package-lock.json'))
}

/** @param {string} folder */
export function isInstalled(folder) {
  if (!hasPackages(folder)) return false
  if (readIfThere(stampFile(folder)).trim() === stamp(folder)) return true
  if (missingPackages(folder).length > 0) return false
  try {
    writeFileSync(stampFile(folder), `${stamp(folder)}\n`)
  } catch {
    // Somebody else's node_modules: it is compared again next time.
  }
  return true
}

/** @param {string} folder */
function stampFile(folder) {
  return path.join(folder, 'node_modules', '.heliograph-installed')
}

/** @param {string} folder */
function stamp(folder) {
  const lock = readFileSync(path.join(folder, 'package-lock.json'))
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/**
 * What the lockfile asks for on this machine and npm's own note of what it installed does not have.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function missingPackages(folder) {
  const wanted = packagesOf(path.join(folder, 'package-lock.json'))
  const there = packagesOf(path.join(folder, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted)
    .filter(([place, entry]) => place.includes('node_modules/') && isForThisMachine(entry))
    .filter(([place, entry]) => !there[place] || there[place].version !== entry.version)
    .map(([place]) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length))
}

/**
 * @param {string} file
 * @returns {Packages}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
  } catch {
    return {}
  }
}

/** @param {Packages[string]} entry */
function isForThisMachine(entry) {
  if (!entry.optional) return true
  if (!entry.os || !entry.cpu) return false
  const libcFits = !entry.libc || process.platform !== 'linux' || entry.libc.includes(libc())
  return entry.os.includes(process.platform) && entry.cpu.includes(process.arch) && libcFits
}

function libc() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  return report.header.glibcVersionRuntime ? 'glibc' : 'musl'
}

/** The npm that called us, when one did; else the machine's. */
function npm() {
  const script = process.env.npm_execpath
  if (script && /npm-cli\.[cm]?js$/.test(script) && existsSync(script)) {
    return { command: process.execPath, args: [script] }
  }
  return { command: 'npm', args: [] }
}

/** Without what an outer npm says about its own run, which would point the inner one at the wrong folder. */
function npmEnv() {
  const isOuterRun = (/** @type {string} */ name) =>
    /^npm_(package|lifecycle|command|config_local_prefix|config_prefix$)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOuterRun(name)))
}

/**
 * @param {string} what
 * @param {string} said
 */
function installFault(what, said) {
  const reasons = /** @type {[RegExp, string][]} */ ([
    [/ENOSPC|no space left/i, 'The disk is full. Free about 1 GB, then start again.'],
    [
      /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|network/i,
      'npm cannot reach its registry. Check the network (or a proxy: npm config set proxy …), then start again.',
    ],
    [/EACCES|EPERM|EROFS/, 'The folder cannot be written. Make the checkout yours, then start again.'],
    [
      /EUSAGE|in sync/i,
      'package.json and package-lock.json do not agree. Take the lockfile of the same commit.',
    ],
    [/ENOENT.*npm|spawn npm/, 'npm is not there. It comes with Node: https://nodejs.org.'],
    [/E40[13]/, 'The npm registry refused. Check the settings in ~/.npmrc, then start again.'],
  ])
  const known = reasons.find(([pattern]) => pattern.test(said))?.[1]
  const words = said
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter((line) => line && !/^(code|A complete log|\/)/.test(line))
  return `Could not install ${what}. ${known ?? ''} npm says: ${words.slice(0, 3).join(' ')}`
}
