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
    .map(({ packages }) => packages)
  if (wanted.length === 0) return
  const names = wanted.flat().join(', ')
  if (process.getuid?.() !== 0) {
    log(`HELIOGRAPH_TEST_APT=1 needs root: ${names} not installed`)
    return
  }
  log(`Installing ${names} with apt`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (/** @type {string[]} */ args) => runQuietly('apt-get', args, { cwd: '/', env, signal })
  const install = (/** @type {string[]} */ packages) =>
    run(['install', '-y', '-qq', '--no-install-recommends', ...packages])
  await run(['update', '-qq'])
  if ((await install(wanted.flat())).code === 0) return
  // apt takes all or nothing: what one distribution lacks keeps no other suite from its programs.
  for (const packages of wanted) {
    const result = await install(packages)
    const why = result.said.trim().split('\n').at(-1)
    if (result.code !== 0) log(`apt could not install ${packages.join(', ')}: ${why}`)
  }
}
