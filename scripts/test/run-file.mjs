import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../lib/root.mjs'

const reporter = fileURLToPath(new URL('reporter.mjs', import.meta.url))
const together = fileURLToPath(new URL('together.mjs', import.meta.url))
/** What is kept of a file's own output, for the case that it fails. */
const MAX_OUTPUT = 40_000
/** What a test makes is soon gone: with room for it V8 spends a tenth less CPU on looking through it. */
const ROOMY = ['--min-semi-space-size=16', '--max-semi-space-size=64']
const WHOLE = 'the file as a whole'

/** @typedef {{ kind: 'pass' | 'fail' | 'skip' | 'note' | 'end', name: string, reason?: string, error?: string, ms?: number }} Outcome */
/**
 * `first`: what the first try was, of a file that passed only when it was run once more.
 *
 * @typedef {{ file: string, ms: number, outcomes: Outcome[], output: string, first?: FileResult }} FileResult
 * @typedef {{ node: string, env: NodeJS.ProcessEnv, timeoutMs: number, namePattern?: string | undefined,
 *   signal: AbortSignal }} How
 */

/**
 * Runs one test file in a process, and a process group, of its own: a file that hangs is ended with all that it started.
 *
 * @param {string} file
 * @param {How} how
 * @returns {Promise<FileResult>}
 */
export async function runTestFile(file, how) {
  const began = Date.now()
  const { end, outcomes } = await runProcess([path.join(root, file)], how)
  const hasFailed = outcomes.some(({ kind }) => kind === 'fail')
  const ranNothing = outcomes.length === 0 && !how.namePattern ? 'ended without any of its tests' : undefined
  const fault = hasFailed ? undefined : (faultOf(end, how.timeoutMs) ?? ranNothing)
  return {
    file,
    ms: Date.now() - began,
    outcomes: [...outcomes.filter(({ kind }) => kind !== 'end'), ...wholeFile(fault)],
    output: end.output,
  }
}

/**
 * Runs several files one after the other in one process (`together.mjs`). When it ends before all of them did, each of the
 * others gets a process of its own, which tells whose fault that is.
 *
 * @param {string[]} files
 * @param {How} how
 * @returns {Promise<FileResult[]>} one of each
 */
export async function runTogether(files, how) {
  const [first, ...more] = files
  if (first === undefined) return []
  if (more.length === 0) return [await runTestFile(first, how)]
  const { end, outcomes } = await runProcess([together, ...files], how)
  const endOf = (/** @type {string} */ file) => outcomes.find(({ name }) => name === file)
  /** @type {FileResult[]} */
  const results = files.filter(endOf).map((file) => ({
    file,
    ms: endOf(file)?.ms ?? 0,
    outcomes: outcomes.flatMap((outcome) => outcomesOf(file, outcome)),
    output: end.output,
  }))
  const left = files.filter((file) => !endOf(file))
  const hasFailed = outcomes.some(({ kind }) => kind === 'fail')
  const fault = left.length > 0 || !hasFailed ? faultOf(end, how.timeoutMs) : undefined
  const blame = wholeFile(fault && `in a process with ${files.join(', ')}: ${fault}`)
  if (left.length === 0) results.at(-1)?.outcomes.push(...blame)
  for (const [index, file] of left.entries()) {
    if (how.signal.aborted) return results
    const alone = await runTestFile(file, how)
    const before = { file, ms: 0, outcomes: blame, output: end.output }
    results.push(index === 0 && fault ? { ...alone, first: before } : alone)
  }
  return results
}

/**
 * @param {string} file
 * @param {Outcome} outcome
 * @returns {Outcome[]}
 */
function outcomesOf(file, outcome) {
  const { kind, name } = outcome
  if (name === file) return kind === 'fail' ? [{ ...outcome, name: WHOLE }] : []
  return name.startsWith(`${file} › `) ? [{ ...outcome, name: name.slice(file.length + 3) }] : []
}

/**
 * @param {string[]} what files, and before them what runs them
 * @param {How} how
 * @returns {Promise<{ end: End, outcomes: Outcome[] }>}
 */
async function runProcess(what, { node, env, timeoutMs, namePattern, signal }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'heliograph-results-'))
  const results = path.join(folder, 'results')
  const args = [
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${results}`,
    '--no-warnings',
    ...ROOMY,
  ]
  if (namePattern) args.push(`--test-name-pattern=${namePattern}`)
  try {
    const end = await runGroup(node, [...args, ...what], { env, timeoutMs, signal })
    return { end, outcomes: readOutcomes(results) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @typedef {{ code: number | null, signal: string | null, timedOut: boolean, output: string }} End
 * @param {string} node
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number, signal: AbortSignal }} options
 * @returns {Promise<End>}
 */
function runGroup(node, args, { env, timeoutMs, signal }) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let timedOut = false
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output = (output + text).slice(-MAX_OUTPUT)
      })
    }
    const endGroup = () => {
      try {
        process.kill(-(/** @type {number} */ (child.pid)), 'SIGKILL')
      } catch {
        // Nothing of it is left.
      }
    }
    const timer = setTimeout(() => {
      timedOut = true
      endGroup()
    }, timeoutMs)
    signal.addEventListener('abort', endGroup)
    child.once('error', reject)
    child.once('exit', (code, killed) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', endGroup)
      endGroup()
      // Output is complete once the pipes close; a process that left the group may hold them open.
      const last = setTimeout(() => done(), 1000)
      const done = () => {
        clearTimeout(last)
        resolve({ code, signal: killed, timedOut, output })
      }
      child.once('close', done)
    })
  })
}

/**
 * @param {string} file
 * @returns {Outcome[]}
 */
function readOutcomes(file) {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line))
  } catch {
    return []
  }
}

/**
 * @param {End} end
 * @param {number} timeoutMs
 */
function faultOf(end, timeoutMs) {
  if (end.timedOut) return `did not end within ${timeoutMs / 1000} s: a test hangs, or something is left open`
  return end.code === 0 ? undefined : `ended with ${end.signal ?? `code ${end.code}`} outside of its tests`
}

/**
 * @param {string | undefined} fault
 * @returns {Outcome[]}
 */
function wholeFile(fault) {
  return fault ? [{ kind: 'fail', name: WHOLE, error: fault }] : []
}
