/** @typedef {import('./run-file.mjs').FileResult} FileResult */
/** @typedef {(line: string) => void} Log */

/** @param {FileResult[]} results */
export function countOutcomes(results) {
  const outcomes = results.flatMap((result) => result.outcomes)
  const count = (/** @type {string} */ kind) => outcomes.filter((outcome) => outcome.kind === kind).length
  const skipped = outcomes.filter((outcome) => outcome.kind === 'skip' && !isForLongRun(outcome)).length
  return { passed: count('pass'), failed: count('fail'), skipped }
}

/**
 * What is left to `npm run test:long` is named, but lacks nothing on this machine.
 *
 * @param {import('./run-file.mjs').Outcome} outcome
 */
function isForLongRun({ reason }) {
  return /test:long/.test(reason ?? '')
}

/**
 * A line for a file that passed; for one that failed all that helps to see why. What tests measured is printed in any case.
 *
 * @param {FileResult} result
 * @param {Log} log
 */
export function printFile(result, log) {
  const { passed, failed, skipped } = countOutcomes([result])
  const extra = [failed && `${failed} FAILED`, skipped && `${skipped} skipped`].filter(Boolean).join(', ')
  log(
    `${failed ? '✖' : '✔'} ${result.file}  ${passed} passed${extra && `, ${extra}`}  ${(result.ms / 1000).toFixed(1)} s`,
  )
  for (const { kind, name } of result.outcomes) if (kind === 'note') log(`    ${name}`)
  if (!failed) return
  for (const outcome of result.outcomes) {
    if (outcome.kind === 'fail') log(`\n    ✖ ${outcome.name}\n${indent(outcome.error ?? '', 8)}\n`)
  }
  if (result.output.trim()) log(`    what the file printed:\n${indent(result.output.trim(), 8)}\n`)
}

/**
 * @param {FileResult[]} results
 * @param {Log} log
 */
export function printClosing(results, log) {
  const named = (/** @type {string} */ kind) =>
    results.flatMap(({ file, outcomes }) =>
      outcomes.filter((outcome) => outcome.kind === kind).map((outcome) => ({ file, ...outcome })),
    )
  const skips = named('skip')
  const long = skips.filter(isForLongRun)
  const missing = skips.filter((outcome) => !isForLongRun(outcome))
  if (long.length > 0) log('\nLeft to npm run test:long:')
  for (const { file, name } of long) log(`  ${file}: ${name}`)
  if (missing.length > 0) log('\nSkipped:')
  for (const { file, name, reason } of missing) log(`  ${file}: ${name}${reason ? ` (${reason})` : ''}`)
  const shaky = results.flatMap(({ file, first }) =>
    (first?.outcomes ?? []).filter(({ kind }) => kind === 'fail').map(({ name }) => `  ${file}: ${name}`),
  )
  if (shaky.length > 0) log('\nFailed at first, passed alone (to be looked into):')
  for (const line of shaky) log(line)
  const failures = named('fail')
  if (failures.length > 0) {
    log('\nFailed:')
    for (const { file, name } of failures) log(`  ${file}: ${name}`)
  }
  const { passed, failed, skipped } = countOutcomes(results)
  log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
}

/**
 * @param {string} text
 * @param {number} by
 */
function indent(text, by) {
  return text.replace(/^/gm, ' '.repeat(by))
}
