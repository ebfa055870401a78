import { fork } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { processKey, signalProcess } from './process-identity.mjs'

/** The server ends with this code when starting it again would not help. */
const FAULT_EXIT_CODE = 78
const BACK_OFF_MS = [250, 500, 1000, 2000, 5000, 10_000, 30_000]
/** After so long in service a death is news, not the next one in a row. */
const STEADY_AFTER_MS = 60_000
/** A server that dies this often before it was ready once will not get better by itself. */
const FIRST_TRIES = 3

/**
 * What the server tells us.
 * @typedef {{ type: 'ready', url: string, serves: boolean, ownerLink?: string } | { type: 'fault', sentence: string }} ServerMessage
 */

/**
 * @typedef {object} ServerOptions
 * @property {string} node the Node to run it with
 * @property {string} entry
 * @property {NodeJS.ProcessEnv} env
 * @property {(line: string) => void} log
 * @property {(message: { url: string, serves: boolean, ownerLink?: string, again: boolean }) => void} onReady
 * @property {(sentence: string) => void} onFault starting again is pointless
 * @property {(process: { pid: number, key: string }) => void} onStart
 * @property {string | undefined} logFile where the server's log goes instead of to our own output
 * @property {() => Promise<void>} whenUseful resolves when what the server needs is there
 */

/**
 * Keeps one server process alive.
 *
 * @param {ServerOptions} options
 */
export function keepServer(options) {
  const { node, entry, env, log } = options
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  let stopping = false
  let everReady = false
  let deathsInARow = 0

  function begin() {
    if (stopping) return
    const began = Date.now()
    let sentence = ''
    let ready = false
    // In a session of its own: Ctrl-C in the terminal reaches only the supervisor, which drains it.
    const out = options.logFile === undefined ? 'inherit' : openSync(options.logFile, 'a', 0o600)
    child = fork(entry, [], {
      execPath: node,
      execArgv: [],
      env,
      detached: true,
      stdio: ['ignore', out, 'inherit', 'ipc'],
    })
    if (typeof out === 'number') closeSync(out)
    child.on('error', (error) => log(`The server could not be started: ${error.message}`))
    if (child.pid) options.onStart({ pid: child.pid, key: processKey(child.pid) ?? 'gone' })
    child.on('message', (message) => {
      const said = /** @type {ServerMessage} */ (message)
      if (said.type === 'fault') sentence = said.sentence
      if (said.type !== 'ready' || ready) return
      ready = true
      options.onReady({ ...said, again: everReady })
      everReady = true
    })
    child.once('exit', (code, signal) => {
      if (stopping) return
      if (code === FAULT_EXIT_CODE) {
        options.onFault(sentence || 'The server cannot go on; it says why above.')
        return
      }
      deathsInARow = ready && Date.now() - began > STEADY_AFTER_MS ? 1 : deathsInARow + 1
      if (!everReady && deathsInARow >= FIRST_TRIES) {
        options.onFault(`The server ended ${FIRST_TRIES} times before it was ready; it says why above.`)
        return
      }
      const wait = BACK_OFF_MS[Math.min(deathsInARow, BACK_OFF_MS.length) - 1] ?? 0
      log(`The server ended (${signal ?? `code ${code}`}); starting it again in ${wait / 1000} s`)
      timer = setTimeout(() => void options.whenUseful().then(begin), wait)
    })
  }

  begin()
  return {
    /**
     * Lets it finish what it has begun, up to a limit.
     *
     * @param {number} withinMs
     * @returns {Promise<void>}
     */
    stop(withinMs) {
      stopping = true
      clearTimeout(timer)
      const running = child
      if (!running || running.exitCode !== null || running.signalCode !== null) return Promise.resolve()
      return new Promise((resolve) => {
        const last = setTimeout(() => {
          log('The server took too long to finish: ended')
          running.kill('SIGKILL')
        }, withinMs)
        running.once('exit', () => {
          clearTimeout(last)
          resolve()
        })
        if (running.connected) running.send({ type: 'stop' }, () => {})
        else running.kill('SIGTERM')
      })
    },
    kill() {
      stopping = true
      clearTimeout(timer)
      if (child?.pid && child.exitCode === null && child.signalCode === null)
        signalProcess(child.pid, 'SIGKILL')
    },
  }
}
