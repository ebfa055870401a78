import { type CandidateColumns, createCandidateColumns, createScores, type Scores } from '#modules/ranking'
import { candidatesMax, createFeedColumns, type FeedColumns } from '../candidates.ts'

/** What one feed is ranked on. Making it anew for each would cost as much as ranking, so it is borrowed. */
export interface Desk {
  readonly columns: CandidateColumns
  /** Room for features of posts that are not in the table: else the columns point at those in it. */
  readonly features: Uint16Array
  readonly scores: Scores
  /** Row → the candidate that it is. */
  readonly from: Uint16Array
  /** Candidate → how often it was seen, or `hiddenCount`. */
  readonly seen: Uint8Array
  /** Room for candidates that are known as rows. */
  readonly rows: FeedColumns
  /** Room for putting rows in order. */
  readonly heap: Uint16Array
  giveBack(): void
}

/** As many as are likely to be used at once; further ones are left to the garbage collector. */
const idleMax = 64
const idle: Desk[] = []

/** One that is not given back, for an error came between, is simply forgotten. */
export function borrowDesk(): Desk {
  return idle.pop() ?? createDesk()
}

function createDesk(): Desk {
  const columns = createCandidateColumns(candidatesMax)
  const desk: Desk = {
    columns,
    features: columns.features,
    scores: createScores(candidatesMax),
    from: new Uint16Array(candidatesMax),
    seen: new Uint8Array(candidatesMax),
    rows: createFeedColumns(candidatesMax),
    heap: new Uint16Array(candidatesMax),
    giveBack() {
      // A table that has grown is let go of.
      columns.features = desk.features
      if (idle.length < idleMax) idle.push(desk)
    },
  }
  return desk
}
