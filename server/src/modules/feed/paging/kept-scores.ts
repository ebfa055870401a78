import type { PartColumns, Taste } from '#modules/ranking'
import type { Arranged, PlacedRow } from './arranged.ts'

/** By what an order was made, beside it in memory: why a post stands there needs no ranking again. Some 11 kB. */
export interface KeptScores {
  readonly scores: PartColumns
  readonly kinds: Uint8Array
  readonly isPersonal: boolean
  readonly answerRate: number
  /** Of how many authors something was known. */
  readonly knownAuthors: number
}

export function keepScores({ desk, taste }: Arranged, rows: readonly PlacedRow[]): KeptScores {
  const { scores, columns } = desk
  const column = (from: Float32Array) => Float32Array.from(rows, ({ place }) => from[place]!)
  return {
    scores: {
      relationship: column(scores.relationship),
      interest: column(scores.interest),
      recency: column(scores.recency),
      quality: column(scores.quality),
      activity: column(scores.activity),
    },
    kinds: Uint8Array.from(rows, ({ place }) => columns.kind[place]!),
    isPersonal: taste.isPersonal,
    answerRate: taste.answerRate,
    knownAuthors: taste.authors.size,
  }
}

/** The person has switched it off or erased it: nothing is said of what was known. */
export function isOutdated({ isPersonal, knownAuthors }: KeptScores, taste: Taste): boolean {
  return taste.isPersonal !== isPersonal || taste.authors.size < knownAuthors
}
