import type { CreateStmt, RangeVar } from 'libpg-query'

/** One statement as PostgreSQL's grammar reads it: `{ CreateStmt: … }`. */
export interface Parsed {
  readonly CreateStmt?: CreateStmt
  /** The file held other statements beside it. */
  readonly isOneOfMany: boolean
  readonly [kind: string]: unknown
}

export type Node = Record<string, unknown>

export function statementKind(statement: Parsed): string {
  return Object.keys(statement).find((key) => /^[A-Z]/.test(key)) ?? ''
}

export function has(statement: Parsed, kind: string): boolean {
  return kind in statement
}

export function nameOf(relation: RangeVar | undefined): string {
  return relation?.relname ?? ''
}

/** Visits every node of the tree with its kind, outermost first. */
export function walk(tree: unknown, visit: (kind: string, node: Node) => void): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walk(item, visit)
    return
  }
  if (typeof tree !== 'object' || tree === null) return
  for (const [key, value] of Object.entries(tree)) {
    const kind = kindOf(key, value)
    if (kind) visit(kind, value as Node)
    walk(value, visit)
  }
}

/** Where the grammar allows one kind only, the tree leaves out its name. */
const impliedKinds: Readonly<Record<string, string>> = { withClause: 'WithClause' }

function kindOf(key: string, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return /^[A-Z]/.test(key) ? key : impliedKinds[key]
}

export interface Key {
  type: 'primary' | 'unique' | 'foreign'
  table: string
  columns: string[]
  /** Of a foreign key that names them. */
  target?: { table: string; columns: string[] }
}

const keyTypes: Readonly<Record<string, Key['type']>> = {
  CONSTR_PRIMARY: 'primary',
  CONSTR_UNIQUE: 'unique',
  CONSTR_FOREIGN: 'foreign',
}

/** All keys that a statement makes, wherever SQL lets them be written. */
export function listKeys(statement: Parsed): Key[] {
  const table = tableOf(statement)
  const keys: Key[] = []
  const index = statement.IndexStmt as Node | undefined
  if (index?.unique) keys.push({ type: 'unique', table, columns: indexColumns(index.indexParams) })
  let column: string | undefined
  walk(statement, (kind, node) => {
    if (kind === 'ColumnDef') column = String(node.colname)
    if (kind !== 'Constraint') return
    const type = keyTypes[String(node.contype)]
    if (!type) return
    const own = strings(type === 'foreign' ? node.fk_attrs : node.keys)
    const target = node.pktable
      ? { table: nameOf(node.pktable as RangeVar), columns: strings(node.pk_attrs) }
      : undefined
    keys.push({ type, table, columns: own.length > 0 ? own : [column ?? ''], ...(target && { target }) })
  })
  return keys
}

function tableOf(statement: Parsed): string {
  const body = statement[statementKind(statement)] as { relation?: RangeVar } | undefined
  return nameOf(body?.relation)
}

function indexColumns(parameters: unknown): string[] {
  const columns: string[] = []
  if (Array.isArray(parameters))
    for (const { IndexElem } of parameters as { IndexElem?: Node }[])
      columns.push(String(IndexElem?.name ?? '(…)'))
  return columns
}

function strings(list: unknown): string[] {
  const found: string[] = []
  walk(list, (kind, node) => {
    if (kind === 'String') found.push(String(node.sval))
  })
  return found
}
