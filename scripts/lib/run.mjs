import { spawn } from 'node:child_process'

/**
 * Runs a program to its end and keeps the last of what it said.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal | undefined }} options
 * @returns {Promise<{ code: number, said: string }>}
 */
export function runQuietly(command, args, { cwd, env = process.env, signal }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        said = (said + text).slice(-20_000)
      })
    }
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, said }))
  })
}

/** @param {number} since */
export function seconds(since) {
  const value = (Date.now() - since) / 1000
  return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`
}
