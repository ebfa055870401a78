import { type Edits, isSameEdits, tidyEdits } from '@heliograph/contract/edits'
import type { FilterId } from '@heliograph/contract/filters'
import { type Look, lookOf } from '@heliograph/contract/look'
import type { Crop } from '@heliograph/contract/posts'

/** What is shown of a photograph, and how; null is what the server does by itself. */
export interface Choices {
  crop: Crop | null
  filter: FilterId | null
  edits: Edits | null
}

export function withEdits(choices: Choices, change: Edits): Choices {
  return { ...choices, edits: tidyEdits({ ...choices.edits, ...change }, choices.filter) }
}

/** Another filter begins at its full strength. */
export function withFilter(choices: Choices, filter: FilterId | null): Choices {
  return { ...choices, filter, edits: tidyEdits({ ...choices.edits, strength: undefined }, filter) }
}

export function isSameChoices(a: Choices, b: Choices): boolean {
  return (
    a.filter === b.filter &&
    isSameEdits(a.edits, b.edits) &&
    JSON.stringify(a.crop) === JSON.stringify(b.crop)
  )
}

/** Of a film the server changes colours alone: no vignette, not even the one that belongs to a filter. */
export function shownLook({ filter, edits }: Omit<Choices, 'crop'>, isFilm: boolean): Look | undefined {
  const look = lookOf(filter, edits)
  if (!look || !isFilm) return look
  return look.table ? { table: look.table, sharpen: 0, vignette: 0 } : undefined
}

export function isPlain(choices: Choices): boolean {
  return isSameChoices(choices, { crop: null, filter: null, edits: null })
}
