import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { Schema } from '#schema'
import type { Db } from './db.ts'
import type { NamedQuery } from './driver.ts'

class Placeholder {
  readonly key: string
  constructor(key: string) {
    this.key = key
  }
}

const compiler = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

const names = new Set<string>()

/**
 * Compiles a query once and runs it by name: Kysely costs a call nothing, PostgreSQL parses once per connection.
 * `build` gets placeholders instead of values, so it may hand them on but never look at them; lists go in as
 * sql`= any(${p.ids})`.
 */
export function prepared<Parameters extends object, Row>(
  name: string,
  build: (db: Db, parameters: Parameters) => Compilable<Row>,
): (db: Db, parameters: Parameters) => Promise<Row[]> {
  if (names.has(name) || name.length > 63) throw new Error(`The query name ${name} is taken or too long`)
  names.add(name)
  let query: CompiledQuery<Row> | undefined
  return async (db, values) => {
    query ??= build(compiler, placeholders<Parameters>()).compile()
    const parameters = query.parameters.map((value) =>
      value instanceof Placeholder ? values[value.key as keyof Parameters] : value,
    )
    const named: NamedQuery = { ...query, parameters, name }
    const result = await db.executeQuery<Row>(named as unknown as CompiledQuery<Row>)
    return result.rows
  }
}

function placeholders<Parameters extends object>(): Parameters {
  return new Proxy({} as Parameters, {
    get: (_, key) => new Placeholder(String(key)),
  })
}
