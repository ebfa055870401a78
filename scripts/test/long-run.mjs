import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from '../lib/root.mjs'
import { countOutcomes } from './summary.mjs'

const file = path.join(root, 'docs', 'test-long.md')
const TITLE = `# Long test runs

What \`npm run test:long\` appends: the corpora, the kill matrix, fuzzing and the volumes, with the machine they ran on.
`

/**
 * @param {import('./run-file.mjs').FileResult[]} results
 * @param {number} ms
 */
export function noteLongRun(results, ms) {
  const { passed, failed, skipped } = countOutcomes(results)
  const failures = results.flatMap((result) =>
    result.outcomes
      .filter(({ kind }) => kind === 'fail')
      .map(({ name }) => `- failed: ${result.file}: ${name}`),
  )
  const slowest = results
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, 5)
    .map((result) => `\`${result.file}\` ${Math.round(result.ms / 1000)} s`)
  const entry = [
    `## ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${commit()}`,
    '',
    `${passed} passed, ${failed} failed, ${skipped} skipped in ${Math.round(ms / 1000)} s on ${os.cpus().length} cores of ${os.cpus()[0]?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.arch()}.`,
    '',
    ...failures,
    `Slowest: ${slowest.join(', ')}.`,
    '',
  ].join('\n')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : TITLE
  writeFileSync(file, `${before}\n${entry}`)
}

function commit() {
  try {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
    return `commit ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') ? ' with changes' : ''}`
  } catch {
    return 'no commit'
  }
}
