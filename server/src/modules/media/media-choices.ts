import { type EditName, type Edits, isSameEdits, tidyEdits } from '@heliograph/contract/edits'
import type { FrameFit } from '@heliograph/contract/media'
import type { Crop } from '@heliograph/contract/posts'

/** What a person chose to be shown of a master, and how; null is what the server does by itself. */
export interface Choices {
  crop: Crop | null
  filter: string | null
  edits: Edits | null
  /** Of Stories. */
  fit: FrameFit | null
}

/** What is absent from the change stays. */
export function changedChoices(before: Choices, change: Partial<Choices>): Choices {
  const { crop, filter, edits, fit } = { ...before, ...withoutAbsent(change) }
  return { crop, filter, edits: tidyEdits(edits, filter), fit }
}

export function isSameChoices(a: Choices, b: Choices): boolean {
  const isSameFrame = isSameCrop(a.crop, b.crop) && isFilling(a) === isFilling(b)
  return isSameFrame && a.filter === b.filter && isSameEdits(a.edits, b.edits)
}

/** Of the adjustments, those that are a matter of each colour alone. */
const forVideos: readonly EditName[] = ['brightness', 'contrast', 'warmth', 'saturation', 'strength']

/** A video is laid under a table of colours; what looks at the neighbours of a pixel would cost too much. */
export function canBeOfVideo({ edits }: Choices): boolean {
  return Object.keys(edits ?? {}).every((name) => forVideos.includes(name as EditName))
}

function isFilling({ fit }: Choices): boolean {
  return fit === 'crop'
}

function withoutAbsent({ crop, filter, edits, fit }: Partial<Choices>): Partial<Choices> {
  return {
    ...(crop === undefined ? {} : { crop }),
    ...(filter === undefined ? {} : { filter }),
    ...(edits === undefined ? {} : { edits }),
    ...(fit === undefined ? {} : { fit }),
  }
}

function isSameCrop(a: Crop | null, b: Crop | null): boolean {
  if (a === null || b === null) return a === b
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height
}
