import type { CurvePoints } from './tone-curve.ts'

export type Triple = readonly [red: number, green: number, blue: number]

/** A colour laid into the dark or the bright parts; their lightness stays. */
export interface Tint {
  color: Triple
  /** 0–1 */
  amount: number
}

/**
 * A filter as data; `color-look.ts` says in which order its parts act. A filter that people have used keeps its
 * look: another look is another filter with another id.
 */
export interface Filter {
  id: string
  /** English, as `/api/capabilities` shows it; the web app has it in its catalogues. */
  name: string
  /** How much of each channel makes red, green and blue; rows that are equal make a monochrome. */
  matrix?: readonly [Triple, Triple, Triple]
  /** −1 (none) to 1 (about twice); what is vivid already is spared. */
  saturation?: number
  /** Tone curve of all channels, then of each. */
  curve?: CurvePoints
  red?: CurvePoints
  green?: CurvePoints
  blue?: CurvePoints
  shadows?: Tint
  highlights?: Tint
  /** 0–1: black becomes grey and white a little less than white. */
  fade?: number
  /** 0–1 */
  vignette?: number
}

const mono = (red: number, green: number, blue: number): readonly [Triple, Triple, Triple] => {
  const row = [red, green, blue] as const
  return [row, row, row]
}

const amber: Triple = [1, 0.72, 0.32]
const rose: Triple = [1, 0.6, 0.62]
const teal: Triple = [0.1, 0.55, 0.6]
const navy: Triple = [0.12, 0.22, 0.55]
const olive: Triple = [0.45, 0.52, 0.2]

/** In the order in which they are offered: colour from quiet to loud, then monochrome. */
export const filters = [
  {
    id: 'meridian',
    name: 'Meridian',
    curve: [
      [0, 0.02],
      [0.25, 0.25],
      [0.6, 0.65],
      [1, 0.985],
    ],
    saturation: -0.04,
    shadows: { color: teal, amount: 0.05 },
    highlights: { color: amber, amount: 0.1 },
  },
  {
    id: 'first-light',
    name: 'First light',
    curve: [
      [0, 0.03],
      [0.25, 0.33],
      [0.5, 0.6],
      [0.8, 0.88],
      [1, 1],
    ],
    saturation: -0.06,
    highlights: { color: rose, amount: 0.08 },
  },
  {
    id: 'noon',
    name: 'Noon',
    curve: [
      [0, 0],
      [0.2, 0.16],
      [0.5, 0.52],
      [0.8, 0.87],
      [1, 1],
    ],
    saturation: 0.16,
  },
  {
    id: 'golden',
    name: 'Golden',
    matrix: [
      [1.07, 0.01, 0],
      [0.03, 0.96, 0],
      [0, 0.04, 0.87],
    ],
    curve: [
      [0, 0.01],
      [0.25, 0.25],
      [0.55, 0.6],
      [1, 1],
    ],
    saturation: 0.06,
    highlights: { color: amber, amount: 0.16 },
    vignette: 0.12,
  },
  {
    id: 'solstice',
    name: 'Solstice',
    curve: [
      [0, 0],
      [0.22, 0.16],
      [0.5, 0.51],
      [0.78, 0.86],
      [1, 1],
    ],
    red: [
      [0, 0],
      [0.5, 0.515],
      [1, 1],
    ],
    saturation: 0.34,
    shadows: { color: navy, amount: 0.06 },
    vignette: 0.1,
  },
  {
    id: 'ember',
    name: 'Ember',
    curve: [
      [0, 0.015],
      [0.25, 0.215],
      [0.55, 0.575],
      [0.8, 0.85],
      [1, 1],
    ],
    saturation: 0.02,
    shadows: { color: teal, amount: 0.26 },
    highlights: { color: [1, 0.62, 0.32], amount: 0.25 },
    vignette: 0.12,
  },
  {
    id: 'haze',
    name: 'Haze',
    curve: [
      [0, 0.04],
      [0.25, 0.27],
      [0.5, 0.52],
      [0.75, 0.74],
      [1, 0.95],
    ],
    saturation: -0.2,
    fade: 0.1,
    highlights: { color: amber, amount: 0.05 },
  },
  {
    id: 'almanac',
    name: 'Almanac',
    red: [
      [0, 0.09],
      [0.3, 0.34],
      [0.7, 0.77],
      [1, 0.98],
    ],
    green: [
      [0, 0.05],
      [0.3, 0.29],
      [0.7, 0.71],
      [1, 0.95],
    ],
    blue: [
      [0, 0.09],
      [0.3, 0.28],
      [0.7, 0.6],
      [1, 0.82],
    ],
    saturation: -0.14,
    vignette: 0.16,
  },
  {
    id: 'parasol',
    name: 'Parasol',
    curve: [
      [0, 0.07],
      [0.25, 0.36],
      [0.5, 0.61],
      [0.75, 0.8],
      [1, 0.98],
    ],
    saturation: -0.1,
    shadows: { color: [0.42, 0.4, 0.75], amount: 0.1 },
    highlights: { color: rose, amount: 0.12 },
  },
  {
    id: 'dusk',
    name: 'Dusk',
    curve: [
      [0, 0.04],
      [0.3, 0.29],
      [0.6, 0.62],
      [1, 0.96],
    ],
    saturation: -0.12,
    fade: 0.05,
    shadows: { color: [0.42, 0.2, 0.62], amount: 0.2 },
    highlights: { color: rose, amount: 0.18 },
    vignette: 0.1,
  },
  {
    id: 'blue-hour',
    name: 'Blue hour',
    matrix: [
      [0.92, 0.02, 0.02],
      [0, 0.98, 0.03],
      [0, 0.03, 1.04],
    ],
    curve: [
      [0, 0.02],
      [0.25, 0.22],
      [0.6, 0.6],
      [1, 0.98],
    ],
    saturation: -0.08,
    shadows: { color: navy, amount: 0.2 },
    highlights: { color: [0.72, 0.85, 1], amount: 0.06 },
    vignette: 0.14,
  },
  {
    id: 'verdigris',
    name: 'Verdigris',
    curve: [
      [0, 0.03],
      [0.25, 0.235],
      [0.6, 0.61],
      [1, 0.97],
    ],
    saturation: -0.2,
    shadows: { color: [0.1, 0.5, 0.42], amount: 0.2 },
    highlights: { color: olive, amount: 0.12 },
    vignette: 0.1,
  },
  {
    id: 'mirage',
    name: 'Mirage',
    red: [
      [0, 0],
      [0.25, 0.2],
      [0.75, 0.83],
      [1, 1],
    ],
    green: [
      [0, 0],
      [0.25, 0.22],
      [0.75, 0.8],
      [1, 0.98],
    ],
    blue: [
      [0, 0.14],
      [0.25, 0.3],
      [0.75, 0.69],
      [1, 0.88],
    ],
    saturation: 0.08,
    vignette: 0.14,
  },
  {
    id: 'moonlight',
    name: 'Moonlight',
    curve: [
      [0, 0],
      [0.2, 0.14],
      [0.5, 0.5],
      [0.8, 0.87],
      [1, 1],
    ],
    saturation: -0.55,
    shadows: { color: navy, amount: 0.1 },
    highlights: { color: [0.75, 0.88, 1], amount: 0.06 },
    vignette: 0.12,
  },
  {
    id: 'silver',
    name: 'Silver',
    matrix: mono(0.3, 0.57, 0.13),
    curve: [
      [0, 0.01],
      [0.25, 0.24],
      [0.6, 0.63],
      [1, 0.99],
    ],
  },
  {
    id: 'eclipse',
    name: 'Eclipse',
    matrix: mono(0.48, 0.46, 0.06),
    curve: [
      [0, 0],
      [0.2, 0.1],
      [0.45, 0.44],
      [0.75, 0.86],
      [1, 1],
    ],
    vignette: 0.2,
  },
  {
    id: 'calotype',
    name: 'Calotype',
    matrix: mono(0.34, 0.53, 0.13),
    curve: [
      [0, 0.05],
      [0.25, 0.29],
      [0.6, 0.65],
      [1, 0.95],
    ],
    shadows: { color: [0.42, 0.24, 0.12], amount: 0.44 },
    highlights: { color: [1, 0.86, 0.62], amount: 0.42 },
    vignette: 0.16,
  },
  {
    id: 'cyanotype',
    name: 'Cyanotype',
    matrix: mono(0.3, 0.55, 0.15),
    red: [
      [0, 0.02],
      [0.5, 0.34],
      [1, 0.95],
    ],
    green: [
      [0, 0.1],
      [0.5, 0.5],
      [1, 0.97],
    ],
    blue: [
      [0, 0.27],
      [0.5, 0.66],
      [1, 0.95],
    ],
  },
] as const satisfies readonly Filter[]

export type FilterId = (typeof filters)[number]['id']

const byId: ReadonlyMap<string, Filter> = new Map(filters.map((filter) => [filter.id, filter]))

/** Undefined for an id that no filter has (any more). */
export function findFilter(id: string): Filter | undefined {
  return byId.get(id)
}

/** What an answer or a draft names, if it is one of ours. */
export function knownFilter(id: string | null | undefined): FilterId | null {
  return filters.find((filter) => filter.id === id)?.id ?? null
}
