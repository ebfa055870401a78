import { type RawBuilder, type ReferenceExpression, sql } from 'kysely'
import type { Schema } from '#schema'

type Column = ReferenceExpression<Schema, keyof Schema> & string

/**
 * `(a, b) < (x, y)`: everything after a position in a list that is ordered by these columns, all descending
 * (`after(columns, position)`) or all ascending (`after(columns, position, 'asc')`).
 */
export function after(
  columns: readonly Column[],
  position: readonly unknown[],
  direction: 'asc' | 'desc' = 'desc',
): RawBuilder<boolean> {
  if (columns.length !== position.length) throw new RangeError('A position has one value for each column')
  const left = sql.join(columns.map((column) => sql.ref(column)))
  const right = sql.join(position.map((value) => sql`${value}`))
  const sign = sql.raw(direction === 'desc' ? '<' : '>')
  return sql<boolean>`(${left}) ${sign} (${right})`
}

/** Lists fetch `limit + 1` rows: the last one only tells that there is another page. */
export function cutPage<Row>(rows: readonly Row[], limit: number): { rows: Row[]; last: Row | null } {
  const page = rows.slice(0, limit)
  return { rows: page, last: rows.length > limit ? (page.at(-1) ?? null) : null }
}
