/**
 * All of a list, read page by page so that no more than one is ever held. `read` gives what comes behind a row, null for the
 * beginning, and fewer than `size` at the end.
 *
 * @example for await (const rows of eachPage(500, (last) => listRows(db, last?.id ?? null, 500)))
 */
export async function* eachPage<Row>(
  size: number,
  read: (last: Row | null) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  for (let last: Row | null = null; ; ) {
    const rows: readonly Row[] = await read(last)
    if (rows.length > 0) yield rows
    if (rows.length < size) return
    last = rows.at(-1)!
  }
}
