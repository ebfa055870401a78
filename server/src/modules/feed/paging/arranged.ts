import type { RankedPost, Taste } from '#modules/ranking'
import type { Id } from '#platform/ids/ids.ts'
import type { FeedRow } from '../feed-row.ts'
import type { MarkKind } from './caught-up.ts'
import type { Desk } from './ranking-desk.ts'

export interface PlacedRow {
  readonly row: FeedRow
  readonly markKind: MarkKind
  /** Where it lies on the desk, or in the order that is read on in. */
  readonly place: number
}

/** Rows in the order of their scores; drawn one by one, since most first pages are the last that is asked for. */
export interface Arranged {
  next(): PlacedRow | null
  /** The newest of this kind, from a place on, that is not among `drawn`. Takes nothing from `next`. */
  find(markKind: MarkKind, from: number, drawn: ReadonlySet<number>): PlacedRow | null
  /** Where what was drawn lies, and by what it was ranked. */
  readonly desk: Desk
  readonly taste: Taste
  /** What was loaded for it: features of all others are in memory. */
  readonly loaded: ReadonlyMap<Id, RankedPost>
  /** When nobody draws or explains any more. */
  release(): void
}
