import { parse, SqlError } from 'libpg-query'
import { type Context, findMissingSides, rules } from './migration-rules.ts'
import { nameOf, type Parsed } from './sql-tree.ts'

export interface SqlFile {
  path: string
  text: string
  /** A migration may hold many statements; a query is one. */
  kind: Context['kind']
}

export interface Finding {
  path: string
  line: number
  rule: string
  sentence: string
}

/**
 * Holds the rules that let one set of migrations run on one PostgreSQL and on many. A statement that must break one
 * says so in a comment of its own: `-- allow(rule): the reason`.
 */
export async function lintSql(files: readonly SqlFile[]): Promise<Finding[]> {
  const findings: Finding[] = []
  const tables = new Set<string>()
  for (const file of files) {
    const { statements, error } = await readStatements(file)
    if (error) findings.push(error)
    const ownTables = new Set<string>()
    for (const statement of statements) {
      if (file.kind === 'migration' && statement.tree.CreateStmt)
        for (const set of [tables, ownTables]) set.add(nameOf(statement.tree.CreateStmt.relation))
      findings.push(...lintStatement(statement, { path: file.path, kind: file.kind, ownTables }))
    }
  }
  const last = files.findLast(({ kind }) => kind === 'migration')
  if (last)
    for (const sentence of findMissingSides(tables))
      findings.push({ path: last.path, line: 1, rule: 'both-directions', sentence })
  return findings
}

interface Statement {
  tree: Parsed
  line: number
  allowed: ReadonlySet<string>
}

async function readStatements(file: SqlFile): Promise<{ statements: Statement[]; error?: Finding }> {
  try {
    const { stmts = [] } = await parse(file.text)
    const bytes = Buffer.from(file.text)
    let end = 0
    const statements = stmts.map(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
      // From the end of the one before: comments in between belong to this one.
      const before = bytes.subarray(0, end).toString()
      end = length ? start + length : bytes.length
      const text = bytes.toString('utf8', Buffer.byteLength(before), end)
      return {
        tree: { ...(stmt as object), isOneOfMany: stmts.length > 1 } as Parsed,
        line: countLines(before) + countLines(text.slice(0, firstWord(text))) + 1,
        allowed: readAllowances(text),
      }
    })
    return { statements }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    const before = file.text.slice(0, error.sqlDetails?.cursorPosition ?? 0)
    return {
      statements: [],
      error: { path: file.path, line: countLines(before) + 1, rule: 'syntax', sentence: error.message },
    }
  }
}

function lintStatement(
  { tree, line, allowed }: Statement,
  { path, ...context }: Context & { path: string },
): Finding[] {
  return rules
    .filter(({ id }) => !allowed.has(id))
    .flatMap((rule) =>
      rule.check(tree, context).map((sentence) => ({
        path,
        line,
        rule: rule.id,
        sentence,
      })),
    )
}

/** A reason is part of it. */
function readAllowances(text: string): Set<string> {
  return new Set([...text.matchAll(/^\s*--\s*allow\(([a-z-]+)\):[ \t]*\S/gm)].map(([, rule]) => rule ?? ''))
}

/** Comments before a statement belong to it, its line is that of its first word. */
function firstWord(text: string): number {
  return /^(;|\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0
}

function countLines(text: string): number {
  return text.split('\n').length - 1
}
