import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../lib/root.mjs'

const reporter = fileURLToPath(new URL('reporter.mjs', import.meta.url))
/** What is kept of a file's own output, for the case that it fails. */
const MAX_OUTPUT = 40_000

/** @typedef {{ kind: 'pass' | 'fail' | 'skip' | 'note', name: string, reason?: string, error?: string, ms?: number }} Outcome */
/**
 * `first`: what the first try was, of a file that passed only when it was run once more.
 *
 * @typedef {{ file: string, ms: number, outcomes: Outcome[], output: string, first?: FileResult }} FileResult
 */

/**
 * Runs one test file in a process, and a process group, of its own: a file that hangs is ended with all that it started.
 *
 * @param {{ node: string, file: string, env: NodeJS.ProcessEnv, timeoutMs: number, namePattern?: string | undefined,
 *   signal: AbortSignal }} options
 * @returns {Promise<FileResult>}
 */
export async function runTestFile({ node, file, env, timeoutMs, namePattern, signal }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'heliograph-results-'))
  const results = path.join(folder, 'results')
  const args = [`--test-reporter=${reporter}`, `--test-reporter-destination=${results}`, '--no-warnings']
  if (namePattern) args.push(`--test-name-pattern=${namePattern}`)
  const began = Date.now()
  try {
    const end = await runGroup(node, [...args, path.join(root, file)], { env, timeoutMs, signal })
    const outcomes = readOutcomes(results)
    const whole = wholeFileFault(end, outcomes, timeoutMs)
    if (whole) outcomes.push({ kind: 'fail', name: 'the file as a whole', error: whole })
    return { file, ms: Date.now() - began, outcomes, output: end.output }
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
 * @param {Outcome[]} outcomes
 * @param {number} timeoutMs
 */
function wholeFileFault(end, outcomes, timeoutMs) {
  if (end.timedOut) return `did not end within ${timeoutMs / 1000} s: a test hangs, or something is left open`
  if (outcomes.some(({ kind }) => kind === 'fail')) return undefined
  if (end.code !== 0) return `ended with ${end.signal ?? `code ${end.code}`} outside of its tests`
  return undefined
}
