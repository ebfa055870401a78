import { aspectRatio } from '@heliograph/contract/limits'

interface Sized {
  readonly width: number
  readonly height: number
}

/** Shape of the box a photograph is shown in, known before it loads; square while the size is not known. */
export function shownRatio({ width, height }: Sized): number {
  if (width <= 0 || height <= 0) return 1
  return Math.min(aspectRatio.max, Math.max(aspectRatio.min, width / height))
}

/** A carousel keeps one box for all of its photographs: the first one's. */
export function carouselRatio(media: readonly Sized[]): number {
  const first = media[0]
  return first ? shownRatio(first) : 1
}
