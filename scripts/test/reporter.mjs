// biome-ignore-all lint/style/noDefaultExport: node:test takes a reporter's default export

/**
 * A line of JSON for each test that ended, with the names of those around it.
 *
 * @param {AsyncIterable<{ type: string, data: any }>} source
 */
export default async function* report(source) {
  /** @type {string[]} */
  const open = []
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      open.length = data.nesting
      open.push(data.name)
    }
    const note = type === 'test:diagnostic' ? noteOf(data) : undefined
    if (note) yield `${JSON.stringify({ kind: 'note', name: note })}\n`
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const line = outcome(type, data, open.slice(0, data.nesting))
    if (line) yield `${JSON.stringify(line)}\n`
  }
}

/**
 * What a test measured and wants printed (`t.diagnostic`); the counts at the end of a file stand at its first character.
 *
 * @param {{ message: string, line?: number, column?: number }} data
 */
function noteOf({ message, line, column }) {
  return line === 1 && column === 1 ? undefined : message
}

/**
 * @param {string} type
 * @param {any} data
 * @param {string[]} around
 */
function outcome(type, data, around) {
  const name = [...around, data.name].join(' › ')
  const isSkipped = data.skip !== undefined && data.skip !== false
  if (isSkipped) return { kind: 'skip', name, reason: typeof data.skip === 'string' ? data.skip : '' }
  // A group fails with its parts, which are reported themselves.
  const isGroup = data.details?.type === 'suite'
  const ms = data.details?.duration_ms
  const ended = isGroup && around.length === 0 ? { kind: 'end', name, ms } : undefined
  if (type === 'test:pass') return isGroup ? ended : { kind: 'pass', name, ms }
  const error = data.details?.error
  if (error?.failureType === 'subtestsFailed' || data.todo !== undefined) return ended
  return { kind: 'fail', name, error: describe(error?.cause ?? error) }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function describe(error) {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause ? `\ncaused by ${describe(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
