import type { DestinationStream } from 'pino'

const colours: Record<string, string> = { warn: '\u001b[33m', error: '\u001b[31m', fatal: '\u001b[31;1m' }
const dim = '\u001b[2m'
const plain = '\u001b[0m'
const shownApart = new Set(['level', 'time', 'msg', 'err'])

/** Turns pino's JSON lines into lines for a person in front of a terminal. */
export function createHumanStream(target: DestinationStream): DestinationStream {
  return { write: (line) => target.write(humanLine(line)) }
}

export function humanLine(line: string): string {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const time = String(entry.time).slice(11, 19)
  const level = String(entry.level)
  const facts = Object.entries(entry)
    .filter(([name]) => !shownApart.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  const error = entry.err as { stack?: string; message?: string } | undefined
  const stack = error === undefined ? '' : `\n${error.stack ?? error.message ?? ''}`
  const head = `${dim}${time}${plain} ${colours[level] ?? ''}${level.padEnd(5)}${plain} ${String(entry.msg ?? '')}`
  return `${head}${facts.length > 0 ? ` ${dim}${facts.join(' ')}${plain}` : ''}${stack}\n`
}
