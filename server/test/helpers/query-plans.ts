import assert from 'node:assert/strict'
import { type CompiledQuery, sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'

// How PostgreSQL means to run what the app asks, on a database that is filled enough to matter.

export interface Plan {
  text: string
  indexes: string[]
  scanned: string[]
}

/** None of `tables` is read as a whole, and all of `wanted` are used; `…` stands for the name of a partition. */
export function assertIndexed(
  plans: readonly Plan[],
  tables: readonly string[],
  wanted: readonly string[],
): void {
  for (const { text, scanned } of plans)
    for (const table of tables)
      assert.ok(
        !scanned.some((name) => name.replace(/_p?\d.*$/, '') === table),
        `reads all of ${table}:\n${text}`,
      )
  const used = plans.flatMap((plan) => plan.indexes)
  for (const name of wanted) {
    const pattern = new RegExp(`^${name.replace('…', '.*')}`)
    assert.ok(
      used.some((index) => pattern.test(index)),
      `${name} is not among ${[...new Set(used)].join(', ')}`,
    )
  }
}

/** Explains every select that runs while something is done, and what begins with what it looks for. */
export async function plansOf(db: Db, work: () => Promise<unknown>): Promise<Plan[]> {
  const queries = await queriesDuring(db, work)
  const plans: Plan[] = []
  for (const query of queries) {
    if (!/^\s*(?:select|with)/i.test(query.sql)) continue
    const explained = await db.executeQuery<{ 'QUERY PLAN': PlanNode[] }>({
      ...sql``.compile(db),
      sql: `explain (format json) ${query.sql}`,
      parameters: query.parameters,
    })
    plans.push(readPlan(query.sql, explained.rows[0]!['QUERY PLAN'][0] as unknown as { Plan: PlanNode }))
  }
  return plans
}

interface PlanNode {
  'Node Type': string
  'Index Name'?: string
  'Relation Name'?: string
  'Actual Rows'?: number
  'Plan Rows': number
  Plans?: PlanNode[]
}

/** A table that planning finds (nearly) empty may be read as a whole. */
const fewRows = 50

function readPlan(text: string, { Plan: root }: { Plan: PlanNode }): Plan {
  const plan: Plan = { text: `${text}\n${JSON.stringify(root, null, 1)}`, indexes: [], scanned: [] }
  const walk = (node: PlanNode) => {
    if (node['Index Name']) plan.indexes.push(node['Index Name'])
    if (node['Node Type'] === 'Seq Scan' && node['Plan Rows'] > fewRows)
      plan.scanned.push(node['Relation Name']!)
    for (const child of node.Plans ?? []) walk(child)
  }
  walk(root)
  return plan
}

/** Everything that is asked of the database meanwhile. */
export async function queriesDuring(db: Db, work: () => Promise<unknown>): Promise<CompiledQuery[]> {
  type Executor = ReturnType<typeof db.getExecutor>
  const prototype = Object.getPrototypeOf(db.getExecutor()) as Executor
  const { executeQuery } = prototype
  const queries: CompiledQuery[] = []
  prototype.executeQuery = function (this: Executor, ...given: Parameters<typeof executeQuery>) {
    queries.push(given[0])
    return executeQuery.apply(this, given)
  } as typeof executeQuery
  try {
    await work()
  } finally {
    prototype.executeQuery = executeQuery
  }
  return queries
}
