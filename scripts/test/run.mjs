import { readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openPostgres } from '../../server/src/supervisor/postgres.mjs'
import { StartFault } from '../../server/src/supervisor/start-fault.mjs'
import { catchStopSignals } from '../../server/src/supervisor/stop-signals.mjs'
import { ensureInstalled, testBrowserFolder } from '../lib/install.mjs'
import { findNode } from '../lib/packaged-node.mjs'
import { root } from '../lib/root.mjs'
import { seconds } from '../lib/run.mjs'
import { ensureWebBuilt } from '../lib/web-build.mjs'
import { noteLongRun } from './long-run.mjs'
import { runTestFile, runTogether } from './run-file.mjs'
import { makeRunFolder } from './run-folder.mjs'
import { filesOf, portionsOf, suites } from './suites.mjs'
import { countOutcomes, printClosing, printFile } from './summary.mjs'
import { installSystemPackages } from './system-packages.mjs'

/** @typedef {import('./run-file.mjs').FileResult} FileResult */

const log = (/** @type {string} */ line) => console.log(line)
const LONG_FACTOR = 15
/** A loaded machine may fail what a quiet one passes. So few files get a second try, alone; more of them is no accident. */
const SECOND_TRIES_MAX = 3
/** Settings of this shell that would make a test something else than on the next machine. */
const NOT_PASSED_ON =
  /^(DATABASE_|HELIOGRAPH_DATA|HELIOGRAPH_URL|HOST$|PORT$|PUBLIC_URL|REDIS_URL|S3_|SMTP_|ROLES$|TRUSTED_PROXIES|RATE_LIMITS|LOG_LEVEL|REQUIRE_|NODE_TEST|NODE_OPTIONS)/

/**
 * @param {string[]} args `--unit`, `--web`, `--long`, and parts of files' names, or of a test's
 */
export async function launchTests(args) {
  const signals = catchStopSignals()
  signals.onSecond(() => process.exit(130))
  try {
    process.exitCode = await runAll(args, signals.first)
  } catch (error) {
    if (signals.first.aborted) process.exitCode = 130
    else if (error instanceof StartFault) {
      console.error(error.message)
      process.exitCode = 1
    } else throw error
  }
  process.exit()
}

/**
 * @param {string[]} args
 * @param {AbortSignal} signal
 */
async function runAll(args, signal) {
  const began = Date.now()
  const isLong = args.includes('--long')
  const words = args.filter((arg) => !arg.startsWith('--'))
  const isWhole = words.length === 0
  const plan = choose(args, words)
  if (plan.every(({ files }) => files.length === 0))
    throw new StartFault(`No test file, and no test, is called "${words.join(' ')}".`)

  const node = await prepare(
    plan.some(({ suite, files }) => suite.name === 'web' && files.length > 0),
    signal,
  )
  const results = await withPostgres({ isLong }, async (where) => {
    const env = testEnv({ ...where, isLong })
    /** @type {FileResult[]} */
    const all = []
    // Side by side: browser tests wait for the browser's clock, unit tests for the database's, and two cores are busy with both.
    const queues = plan.map(({ suite, files, namePattern }) => {
      const timeoutMs = suite.timeoutMs * (isLong ? LONG_FACTOR : 1)
      const run = (/** @type {string[]} */ portion) =>
        runTogether(portion, { node, env, timeoutMs, namePattern, signal }).then((some) => {
          if (signal.aborted) return
          for (const result of some) if (!namePattern || result.outcomes.length > 0) printFile(result, log)
          all.push(...some)
        })
      const waiting = isWhole && !isLong ? portionsOf(suite, files) : files.map((file) => [file])
      return { width: suite.concurrency, most: suite.most, waiting, running: 0, run }
    })
    await inLanes(queues, signal)
    if (isWhole && !isLong) await tryAgain(all, plan, { node, env, signal })
    return all
  })
  if (signal.aborted) return 130
  // Some of its tests are no long run.
  if (isLong && isWhole) noteLongRun(results, Date.now() - began)
  log(`\nDone in ${seconds(began)}`)
  printClosing(results, log)
  const ranNothing = results.every(({ outcomes }) => outcomes.length === 0)
  return ranNothing || countOutcomes(results).failed > 0 ? 1 : 0
}

/**
 * Puts what the second try of a file was in the place of its first.
 *
 * @param {FileResult[]} results
 * @param {ReturnType<typeof choose>} plan
 * @param {{ node: string, env: NodeJS.ProcessEnv, signal: AbortSignal }} how
 */
async function tryAgain(results, plan, how) {
  const failed = results.filter((result) => countOutcomes([result]).failed > 0)
  if (failed.length > SECOND_TRIES_MAX) return
  for (const first of failed) {
    const { suite } = plan.find(({ files }) => files.includes(first.file)) ?? {}
    if (how.signal.aborted || !suite) return
    log(`\nOnce more, alone: ${first.file}`)
    const second = await runTestFile(first.file, { ...how, timeoutMs: suite.timeoutMs })
    printFile(second, log)
    if (countOutcomes([second]).failed === 0) results[results.indexOf(first)] = { ...second, first }
  }
}

/**
 * Words choose files by their paths, or, when there are none, all together tests by their name.
 *
 * @param {string[]} args
 * @param {string[]} words
 */
function choose(args, words) {
  const wanted = suites.filter(({ name }) => {
    if (args.includes('--unit')) return name === 'unit'
    if (args.includes('--web')) return name === 'web'
    return true
  })
  const all = wanted.map((suite) => ({ suite, files: filesOf(suite) }))
  if (words.length === 0) return all.map((entry) => ({ ...entry, namePattern: undefined }))
  const byPath = all.map(({ suite, files }) => ({
    suite,
    files: files.filter((file) => words.some((word) => file.includes(word))),
    namePattern: undefined,
  }))
  if (byPath.some(({ files }) => files.length > 0)) return byPath
  const name = words.join(' ')
  const holds = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8').includes(name)
  return all.map(({ suite, files }) => ({ suite, files: files.filter(holds), namePattern: name }))
}

/**
 * @param {boolean} withBrowser
 * @param {AbortSignal} signal
 */
async function prepare(withBrowser, signal) {
  await ensureInstalled({ what: 'the packages', log, signal })
  if (withBrowser && !process.env.CHROMIUM_PATH) {
    await ensureInstalled({ folder: testBrowserFolder, what: "the tests' browser", log, signal })
  }
  if (process.env.HELIOGRAPH_TEST_APT === '1') await installSystemPackages({ log, signal })
  const node = findNode()
  await ensureWebBuilt({ node, log, signal })
  if (withBrowser) await unpackBrowser(node)
  return node
}

/**
 * Once, before several files want it at the same time.
 *
 * @param {string} node
 */
async function unpackBrowser(node) {
  const { runQuietly } = await import('../lib/run.mjs')
  const script = "await (await import('./chromium.mjs')).findChromium()"
  const result = await runQuietly(node, ['--input-type=module', '-e', script], { cwd: testBrowserFolder })
  if (result.code !== 0) throw new StartFault(`The tests' browser could not be unpacked:\n${result.said}`)
}

/**
 * One throw-away server for all files; each file makes databases of its own on it.
 *
 * @template T
 * @param {{ isLong: boolean }} options
 * @param {(where: { databaseUrl: string, temporary: string | undefined }) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withPostgres({ isLong }, work) {
  const { all, database, temporary } = makeRunFolder({ isLong })
  const settings = { max_connections: '250', max_wal_size: '256MB' }
  try {
    const postgres = await openPostgres({ dataDir: database, durable: false, settings })
    try {
      return await work({ databaseUrl: postgres.url, temporary })
    } finally {
      await postgres.stop()
    }
  } finally {
    rmSync(all, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * @param {{ databaseUrl: string, temporary: string | undefined, isLong: boolean }} options
 */
function testEnv({ databaseUrl, temporary, isLong }) {
  const kept = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name))
  return {
    NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled'),
    ...Object.fromEntries(kept),
    HELIOGRAPH_TEST_DATABASE_URL: databaseUrl,
    ...(temporary ? { TMPDIR: temporary, HELIOGRAPH_TEST_DISK: os.tmpdir() } : {}),
    ...(isLong ? { HELIOGRAPH_TEST_LONG: '1' } : {}),
  }
}

/**
 * As many lanes as the suites have together. One whose suite is through helps with another, as far as that bears company.
 *
 * @param {{ width: number, most: number, waiting: string[][], running: number, run: (files: string[]) => Promise<void> }[]} queues
 * @param {AbortSignal} signal
 */
async function inLanes(queues, signal) {
  const lane = async (/** @type {typeof queues[number]} */ own) => {
    const others = queues.filter((other) => other !== own)
    for (;;) {
      const queue = [own, ...others].find(
        ({ waiting, running, most }) => waiting.length > 0 && running < most,
      )
      const files = queue?.waiting.shift()
      if (!queue || !files || signal.aborted) return
      queue.running++
      await queue.run(files)
      queue.running--
    }
  }
  await Promise.all(queues.flatMap((own) => Array.from({ length: own.width }, () => lane(own))))
}
