/** Rows of a list in its order, from behind a position. */
export interface Skeleton<Row> {
  read(position: readonly string[] | null, count: number): Promise<Row[]>
  positionOf(row: Row): readonly string[]
}

export interface FilledPage<Row> {
  rows: Row[]
  nextPosition: readonly string[] | null
}

const roundsMax = 10
const rowsPerRoundMax = 200

/**
 * Reads on while rules leave rows out, so that a page is full until the list ends, and the last page knows
 * that it is the last. Reads at most some 1,500 rows: behind a longer stretch of what the reader may not see
 * a short page is given, with a position to go on from.
 */
export async function fillPage<Row>(
  skeleton: Skeleton<Row>,
  keep: (rows: Row[]) => Promise<Row[]>,
  { position, limit }: { position: readonly string[] | null; limit: number },
): Promise<FilledPage<Row>> {
  const kept: Row[] = []
  let at = position
  let count = limit + 1
  for (let round = 0; round < roundsMax; round++) {
    const rows = await skeleton.read(at, count)
    if (rows.length > 0) kept.push(...(await keep(rows)))
    if (kept.length > limit) return cut(skeleton, kept, limit)
    if (rows.length < count) return { rows: kept, nextPosition: null }
    at = skeleton.positionOf(rows.at(-1)!)
    count = Math.min(count * 2, rowsPerRoundMax)
  }
  return { rows: kept, nextPosition: at }
}

function cut<Row>(skeleton: Skeleton<Row>, kept: Row[], limit: number): FilledPage<Row> {
  const rows = kept.slice(0, limit)
  return { rows, nextPosition: skeleton.positionOf(rows.at(-1)!) }
}
