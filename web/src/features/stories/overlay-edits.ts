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

/** The middle stays inside the frame, whatever a finger does. */
export function moved<T extends PlacedOverlay>(overlay: T, change: Partial<Placing>): T {
  const { x, y, scale, rotation } = { ...overlay, ...change }
  return {
    ...overlay,
    x: between(x, 0.02, 0.98),
    y: between(y, 0.02, 0.98),
    scale: between(scale, scales.min, scales.max),
    rotation: turned(rotation),
  }
}

function between(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)) * 1e4) / 1e4
}

/** −180 to 180; close to upright is upright. */
function turned(degrees: number): number {
  const within = ((((degrees + 180) % 360) + 360) % 360) - 180
  return Math.abs(within) < 3 ? 0 : Math.round(within * 10) / 10
}
