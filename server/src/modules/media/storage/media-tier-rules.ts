import type { Tier } from '#platform/blobs/blobs.ts'

export interface TierAges {
  /** Days; null: never. */
  warmDays: number | null
  coldDays: number | null
}

/** What is known of an object when its place is chosen. */
export interface Idleness {
  /** Days since its medium was uploaded. */
  age: number
  /** Days since anything of its medium was last asked for; the age when it never was. */
  idle: number
}

interface TierRule {
  /** First parts of keys. */
  kinds: readonly string[]
  by: keyof Idleness
  /** How many times the days of the settings. */
  times: number
}

/**
 * Masters go first: they are most of the bytes, and nobody looks at them. What people look at follows when nobody has
 * for much longer. Pictures of people are shown everywhere and stay.
 */
const rules: readonly TierRule[] = [
  { kinds: ['masters'], by: 'age', times: 1 },
  { kinds: ['originals'], by: 'idle', times: 1 },
  { kinds: ['photos', 'videos', 'captions', 'messages', 'stories'], by: 'idle', times: 4 },
]

export function tierOf(key: string, idleness: Idleness, { warmDays, coldDays }: TierAges): Tier {
  const kind = key.slice(0, key.indexOf('/'))
  const rule = rules.find(({ kinds }) => kinds.includes(kind))
  if (rule === undefined) return 'hot'
  const isPast = (days: number | null) => days !== null && idleness[rule.by] >= days * rule.times
  if (isPast(coldDays)) return 'cold'
  return isPast(warmDays) ? 'warm' : 'hot'
}

/** Nothing younger than this moves. */
export function leastDays({ warmDays, coldDays }: TierAges): number {
  return Math.min(warmDays ?? Number.POSITIVE_INFINITY, coldDays ?? Number.POSITIVE_INFINITY)
}
