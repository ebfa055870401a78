import { existsSync } from 'node:fs'
import path from 'node:path'
import { StartFault } from '../server/src/supervisor/start-fault.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { findNode } from './lib/packaged-node.mjs'
import { root } from './lib/root.mjs'
import { runQuietly, seconds } from './lib/run.mjs'

const TSC = 'node_modules/typescript/bin/tsc'
const projects = [
  'contract',
  'server',
  'server/src/supervisor',
  'web',
  'web/src/sw',
  'web/e2e',
  'client',
  'demo',
  'bench',
].filter((project) => existsSync(path.join(root, project, 'tsconfig.json')))

/** Every check that a change has to pass; each is a program that says what is wrong and ends with 1. @type {[string, string[]][]} */
const checks = [
  [
    'format and lint',
    ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '--diagnostic-level=error'],
  ],
  ...projects.map(
    (project) => /** @type {[string, string[]]} */ ([`types: ${project}`, [TSC, '--noEmit', '-p', project]]),
  ),
  ['types: contract, tests', [TSC, '--noEmit', '-p', 'contract/tsconfig.tests.json']],
  ['module walls', ['scripts/check-walls.mjs']],
  ['migrations', ['scripts/check-migrations.mjs']],
  ['routes in the sweep of foreign ids', ['server/test/check-sweep.ts']],
  ['links between documents', ['scripts/check-links.mjs']],
  ['size of the web app', ['scripts/check-bundle.mjs']],
]

try {
  process.exitCode = await checkAll()
} catch (error) {
  if (!(error instanceof StartFault)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function checkAll() {
  await ensureInstalled({ what: 'the packages', log: (line) => console.log(line) })
  const node = findNode()
  let failed = 0
  for (const [name, args] of checks.filter(([, [script = '']]) => existsSync(path.join(root, script)))) {
    const began = Date.now()
    const { code, said } = await runQuietly(node, args, { cwd: root })
    console.log(`${code === 0 ? '✔' : '✖'} ${name}  ${seconds(began)}`)
    if (code === 0) continue
    failed++
    console.log(`${said.trim().replace(/^/gm, '    ')}\n`)
  }
  console.log(failed === 0 ? 'All checks pass' : `${failed} of the checks failed`)
  return failed === 0 ? 0 : 1
}
