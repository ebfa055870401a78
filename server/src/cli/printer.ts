export type Cell = string | number | boolean | null

export interface Printer {
  /** A table for people, an array of objects as JSON. */
  rows(rows: readonly Readonly<Record<string, Cell>>[], none: string): void
  /** Name and value, a line each. */
  facts(facts: Readonly<Record<string, Cell>>): void
  /** For people alone. */
  line(text: string): void
}

export function createPrinter(write: (text: string) => void, json: boolean): Printer {
  if (json)
    return {
      rows: (rows) => write(`${JSON.stringify(rows)}\n`),
      facts: (facts) => write(`${JSON.stringify(facts)}\n`),
      line: () => {},
    }
  return {
    rows: (rows, none) => write(rows.length === 0 ? `${none}\n` : tableOf(rows)),
    facts(facts) {
      const width = Math.max(...Object.keys(facts).map((name) => name.length))
      for (const [name, value] of Object.entries(facts)) write(`${name.padEnd(width)}  ${textOf(value)}\n`)
    },
    line: (text) => write(`${text}\n`),
  }
}

function tableOf(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map((row) => names.map((name) => textOf(row[name] ?? null)))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Names and mails are other people's words: nothing in them may steer the terminal. */
function textOf(value: Cell): string {
  if (value === null) return '–'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value).replace(/\p{Cc}/gu, '·')
}
