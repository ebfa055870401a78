import { type Soon, whenThere } from '#platform/soon/soon.ts'

/** Rows of a list in its order, from behind a position. */
export interface Skeleton<Row> {
  read(position: readonly string[] | null, count: number): Soon<Row[]>
  positionOf(row: Row): readonly string[]
}

export interface FilledPage<Row> {
  rows: Row[]
  nextPosition: readonly string[] | null
  /** The first behind the page that the reader may see, where one was met. */
  following: Row | null
}

const roundsMax = 10
const rowsPerRoundMax = 200

/**
 * Reads on while rules leave rows out, so that a page is full until the list ends, and the last page knows
 * that it is the last. Reads at most some 1,500 rows: behind a longer stretch of what the reader may not see
 * a short page is given, with a position to go on from.
 */
export function fillPage<Row>(
  skeleton: Skeleton<Row>,
  keep: (rows: Row[]) => Soon<Row[]>,
  { position, limit }: { position: readonly string[] | null; limit: number },
): Soon<FilledPage<Row>> {
  const kept: Row[] = []
  const readOn = (at: readonly string[] | null, count: number, rounds: number): Soon<FilledPage<Row>> => {
    if (rounds === 0) return { rows: kept, nextPosition: at, following: null }
    return whenThere(skeleton.read(at, count), (rows) =>
      whenThere(rows.length > 0 ? keep(rows) : rows, (wanted) => {
        kept.push(...wanted)
        if (kept.length > limit) return cut(skeleton, kept, limit)
        if (rows.length < count) return { rows: kept, nextPosition: null, following: null }
        const last = skeleton.positionOf(rows.at(-1)!)
        return readOn(last, Math.min(count * 2, rowsPerRoundMax), rounds - 1)
      }),
    )
  }
  return readOn(position, limit + 1, roundsMax)
}

function cut<Row>(skeleton: Skeleton<Row>, kept: Row[], limit: number): FilledPage<Row> {
  const rows = kept.slice(0, limit)
  return { rows, nextPosition: skeleton.positionOf(rows.at(-1)!), following: kept[limit]! }
}
