import { existsSync } from 'node:fs'
import path from 'node:path'
import { root } from '../lib/root.mjs'
import { runQuietly } from '../lib/run.mjs'
import { systemPackages } from './suites.mjs'

/**
 * @param {{ log: (line: string) => void, signal: AbortSignal }} options
 */
export async function installSystemPackages({ log, signal }) {
  const wanted = systemPackages
    .filter(({ usedBy, isThere }) => existsSync(path.join(root, usedBy)) && !isThere())
    .flatMap(({ packages }) => packages)
  if (wanted.length === 0) return
  if (process.getuid?.() !== 0) {
    log(`HELIOGRAPH_TEST_APT=1 needs root: ${wanted.join(', ')} not installed`)
    return
  }
  log(`Installing ${wanted.join(', ')} with apt`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (/** @type {string[]} */ args) => runQuietly('apt-get', args, { cwd: '/', env, signal })
  await run(['update', '-qq'])
  const result = await run(['install', '-y', '-qq', '--no-install-recommends', ...wanted])
  if (result.code !== 0) log(`apt could not install them: ${result.said.trim().split('\n').at(-1)}`)
}
