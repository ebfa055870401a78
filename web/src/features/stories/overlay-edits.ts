import type { NewOverlay } from '@heliograph/contract/stories'
import type { DraftOverlay, PlacedOverlay } from './story-drafts.ts'

export const scales = { min: 0.25, max: 4 } as const

/** In the middle, a little higher each time, so that a second one does not hide the first. */
export function newOverlay(overlay: NewOverlay): DraftOverlay {
  const placed = { scale: 1, rotation: 0, ...overlay } as PlacedOverlay
  return { key: crypto.getRandomValues(new Uint32Array(2)).join('-'), overlay: placed }
}

export function freePlace(overlays: readonly DraftOverlay[]): { x: number; y: number } {
  for (const y of [0.5, 0.35, 0.65, 0.25, 0.75, 0.45, 0.55]) {
    if (overlays.every(({ overlay }) => Math.abs(overlay.y - y) > 0.06)) return { x: 0.5, y }
  }
  return { x: 0.5, y: 0.5 }
}

type Placing = Pick<PlacedOverlay, 'x' | 'y' | 'scale' | 'rotation'>

/** Half of what an overlay takes of the frame's width and height, as it is now. */
export interface Reach {
  readonly x: number
  readonly y: number
}

/**
 * It stays inside the frame, whatever a finger does: all of it where it fits, so that its words can be read, else its middle.
 */
export function moved<T extends PlacedOverlay>(overlay: T, change: Partial<Placing>, reach?: Reach): T {
  const { x, y, scale: wanted, rotation } = { ...overlay, ...change }
  const scale = between(wanted, scales.min, scales.max)
  const grown = scale / overlay.scale
  return {
    ...overlay,
    x: within(x, (reach?.x ?? 0) * grown),
    y: within(y, (reach?.y ?? 0) * grown),
    scale,
    rotation: turned(rotation),
  }
}

function within(middle: number, half: number): number {
  const edge = half < 0.5 ? Math.max(0.02, half) : 0.02
  return between(middle, edge, 1 - edge)
}

function between(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)) * 1e4) / 1e4
}

/** −180 to 180; close to upright is upright. */
function turned(degrees: number): number {
  const within = ((((degrees + 180) % 360) + 360) % 360) - 180
  return Math.abs(within) < 3 ? 0 : Math.round(within * 10) / 10
}
