import { type FilterId, filters } from './filters.ts'

/** What can be adjusted, and how far: −100 to 100 around nothing, 0 to 100 from nothing; straighten in degrees. */
export const editRanges = {
  brightness: { min: -100, max: 100, neutral: 0 },
  contrast: { min: -100, max: 100, neutral: 0 },
  warmth: { min: -100, max: 100, neutral: 0 },
  saturation: { min: -100, max: 100, neutral: 0 },
  sharpen: { min: 0, max: 100, neutral: 0 },
  vignette: { min: 0, max: 100, neutral: 0 },
  /** Clockwise. */
  straighten: { min: -25, max: 25, neutral: 0 },
  /** Of the filter. */
  strength: { min: 0, max: 100, neutral: 100 },
} as const

export type EditName = keyof typeof editRanges
export type Edits = { [Name in EditName]?: number | undefined }

const names = Object.keys(editRanges) as EditName[]

export const filterIds = filters.map(({ id }) => id) as [FilterId, ...FilterId[]]

export function editOf(edits: Edits | null | undefined, name: EditName): number {
  return edits?.[name] ?? editRanges[name].neutral
}

/** The one form of what was chosen: without what changes nothing, null when nothing is left. */
export function tidyEdits(edits: Edits | null | undefined, filter: string | null): Edits | null {
  const kept = names.flatMap((name) => {
    const value = editOf(edits, name)
    const isIdle = value === editRanges[name].neutral || (name === 'strength' && filter === null)
    return isIdle ? [] : [[name, value] as const]
  })
  return kept.length > 0 ? Object.fromEntries(kept) : null
}

export function isSameEdits(a: Edits | null | undefined, b: Edits | null | undefined): boolean {
  return names.every((name) => editOf(a, name) === editOf(b, name))
}
