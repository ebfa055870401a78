import { z } from 'zod'
import { editRanges, filterIds } from './edits.ts'

export const FilterName = z.enum(filterIds)
export type FilterName = z.output<typeof FilterName>

const within = ({ min, max }: { min: number; max: number }) => z.number().min(min).max(max).optional()

/** What is left out changes nothing. Whole numbers are not asked for: a finger turns by half degrees. */
export const Edits = z.strictObject({
  brightness: within(editRanges.brightness),
  contrast: within(editRanges.contrast),
  warmth: within(editRanges.warmth),
  saturation: within(editRanges.saturation),
  sharpen: within(editRanges.sharpen),
  vignette: within(editRanges.vignette),
  /** Degrees clockwise; the picture is enlarged as far as no empty corner shows. */
  straighten: within(editRanges.straighten),
  /** Of the filter; 100 when left out. */
  strength: within(editRanges.strength),
})
export type Edits = z.output<typeof Edits>
