import type { Random } from '../random.ts'

/** A picture as SVG, to be rastered and graded; sizes in pixels. */
export interface Scene {
  svg: string
  altText: string
  tags: readonly string[]
}

export interface Canvas {
  width: number
  height: number
  random: Random
}

export type Rgb = readonly [number, number, number]

export function css([r, g, b]: Rgb, alpha = 1): string {
  return `rgba(${Math.round(r)},${Math.round(g)},${Math.round(b)},${alpha})`
}

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}

/** Vertical gradient as a definition; stops from top to bottom. */
export function gradient(id: string, stops: readonly Rgb[]): string {
  const parts = stops.map(
    (color, i) => `<stop offset="${(i / (stops.length - 1)).toFixed(3)}" stop-color="${css(color)}"/>`,
  )
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${parts.join('')}</linearGradient>`
}

export function frame({ width, height }: Canvas, defs: string, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><defs>${defs}</defs>${body}</svg>`
}

/** Heights of a ridge by midpoint displacement, one per step, around 0 and within about ±1. */
export function ridge(random: Random, levels: number, roughness: number): number[] {
  let points = [random.between(-0.5, 0.5), random.between(-0.5, 0.5)]
  let spread = 1
  for (let level = 0; level < levels; level++) {
    const next: number[] = []
    for (let i = 0; i < points.length - 1; i++)
      next.push(points[i]!, (points[i]! + points[i + 1]!) / 2 + random.between(-spread, spread) * 0.5)
    next.push(points.at(-1)!)
    points = next
    spread *= roughness
  }
  return points
}

/** A closed outline from a ridge down to the lower edge. */
export function outline(
  heights: readonly number[],
  { width, height }: Canvas,
  base: number,
  size: number,
): string {
  const step = width / (heights.length - 1)
  const line = heights.map((h, i) => `${(i * step).toFixed(1)},${(base - h * size).toFixed(1)}`)
  return `M0,${height} L${line.join(' L')} L${width},${height} Z`
}
