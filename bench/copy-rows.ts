// Rows into PostgreSQL by COPY, at the speed that a disk takes them.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

export type Cell = string | number | boolean | null
const pieceLength = 1 << 18

/** Cells hold no tabs, line ends or backslashes: what bench writes is its own. */
export function line(cells: readonly Cell[]): string {
  let text = ''
  for (const cell of cells) text += `${text === '' ? '' : '\t'}${cell === null ? '\\N' : cell}`
  return `${text}\n`
}

export async function copyRows(
  client: pg.Client,
  table: string,
  columns: readonly string[],
  rows: Iterable<readonly Cell[]>,
): Promise<void> {
  const target = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`))
  await pipeline(Readable.from(pieces(rows)), target)
}

function* pieces(rows: Iterable<readonly Cell[]>): Generator<string> {
  let piece = ''
  for (const row of rows) {
    piece += line(row)
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

/** Takes a table's indexes away, and what points to them, while `work` fills it: made afterwards they cost a fraction. */
export async function withoutIndexes(
  client: pg.Client,
  table: string,
  work: () => Promise<void>,
): Promise<void> {
  const keys = await client.query<{ name: string; owner: string; definition: string }>(
    `select conname as name, conrelid::regclass::text as owner, pg_get_constraintdef(oid) as definition
     from pg_constraint
     where (contype = 'p' and conrelid = $1::regclass) or (contype = 'f' and confrelid = $1::regclass)
     order by contype`,
    [table],
  )
  const indexes = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = $1::regclass and not indisprimary`,
    [table],
  )
  // References to the key first; they come back last.
  for (const { name, owner } of keys.rows) await client.query(`alter table ${owner} drop constraint ${name}`)
  for (const { name } of indexes.rows) await client.query(`drop index ${name}`)
  await work()
  for (const { name, owner, definition } of keys.rows.toReversed())
    await client.query(`alter table ${owner} add constraint ${name} ${definition}`)
  for (const { definition } of indexes.rows) await client.query(definition)
}
